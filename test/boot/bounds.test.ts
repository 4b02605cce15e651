// bounds.test.ts: what the operator says of heads is what the parser goes by.
import { afterEach, expect, test } from 'vitest';
import { openBounds } from '../../src/boot/bounds.ts';
import { ask, page, repliesOf, serve } from '../hot/harness.ts';
import { ordersWith } from '../support/orders.ts';

serve({ '/': page('root') });
afterEach(() => openBounds(ordersWith()));

const statuses = (head: string, cuts: readonly number[] = []): number[] =>
  repliesOf(ask(head, cuts)).map(({ status }) => status);

/** In one piece, and in two that meet at each byte: two readers are told. */
function expectStatus(head: string, status: number): void {
  const places = Array.from({ length: head.length - 1 }, (_, at) => at + 1);
  for (const cuts of [[], ...places.map((at) => [at])]) {
    expect([cuts, statuses(head, cuts)]).toEqual([cuts, [status]]);
  }
}

const line = (bytes: number): string => `GET /?${'a'.repeat(bytes - 15)} HTTP/1.1\r\n`;

test('a request line below its bound, at it and above', () => {
  openBounds(ordersWith({ requestLineBytesMax: 64 }));
  expectStatus(`${line(63)}Host: a\r\n\r\n`, 200);
  expectStatus(`${line(64)}Host: a\r\n\r\n`, 200);
  expectStatus(`${line(65)}Host: a\r\n\r\n`, 414);
});

const section = (bytes: number): string => `Host: a\r\nX: ${'v'.repeat(bytes - 14)}\r\n`;

test.each([64, 1_000])('field lines below a bound of %d, at it and above', (bound) => {
  openBounds(ordersWith({ headerBytesMax: bound }));
  const start = 'GET / HTTP/1.1\r\n';
  expectStatus(`${start}${section(bound - 1)}\r\n`, 200);
  expectStatus(`${start}${section(bound)}\r\n`, 200);
  expectStatus(`${start}${section(bound + 1)}\r\n`, 431);
});

test('more than by default: the longest head that may be asked for is read', () => {
  openBounds(ordersWith({ headerBytesMax: 24_000, headerFieldsMax: 1_000 }));
  const start = line(8_192);
  const fields = 'X: y\r\n'.repeat(998);
  const rest = 24_000 - fields.length;
  expect(statuses(`\r\n${start}${fields}${section(rest)}\r\n`, [40, 9_000])).toEqual([200]);
  expect(statuses(`\r\n${start}${fields}${section(rest + 1)}\r\n`)).toEqual([431]);
  expect(statuses(`${start}X: y\r\n${fields}${section(100)}\r\n`)).toEqual([431]);
});

test.each([1, 3, 200])('fields below a bound of %d, at it and above', (bound) => {
  openBounds(ordersWith({ headerFieldsMax: bound }));
  const start = 'GET / HTTP/1.1\r\nHost: a\r\n';
  const head = (fields: number): string => `${start}${'X: y\r\n'.repeat(fields - 1)}\r\n`;
  if (bound > 1) expectStatus(head(bound - 1), 200);
  expectStatus(head(bound), 200);
  expectStatus(head(bound + 1), 431);
});
