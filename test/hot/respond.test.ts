// respond.test.ts: the rows of each answer, and what happens when tables are full.
import { expect, test } from 'vitest';
import { startConnection, takeRows } from '../../src/hot/outbox.ts';
import * as ring from '../../src/hot/ring.ts';
import * as limits from '../../src/limits.ts';
import { value } from '../support/reply.ts';
import { CONNECTION, ask, event, get, head, page, reply, repliesOf, serve } from './harness.ts';
import { readOutbox, sent, takeOutbox } from './harness.ts';
import type { Row } from './harness.ts';

serve({
  '/': page('root'),
  '/empty': page(''),
  '/moved': { location: '/to%20here/' },
  '404/': { status: 404, variants: [{ body: 'missing' }] },
});

const { SEND_ARCHIVE: A, SEND_SCRATCH: S, CONSUMED: C, FINISH: F } = ring;

test.each([
  ['a stored 200: head, trailer, body', get('/'), [A, S, A, C]],
  ['HEAD: head, trailer', head('HEAD', '/'), [A, S, C]],
  ['an empty body sends no row', get('/empty'), [A, S, C]],
  ['304: status line, common fields, trailer', get('/', 'If-None-Match: *'), [S, A, S, C]],
  ['a redirect: head, rest of head, trailer', get('/moved'), [A, A, S, C]],
  ['with a query: head, query, rest, trailer', get('/moved?q'), [A, S, A, S, C]],
  ['a stored 404', get('/x'), [A, S, A, C]],
  ['a built-in answer: head, trailer, body', head('PUT', '/'), [S, S, S, C]],
  ['a built-in answer to HEAD', head('HEAD', '/%', 'Host: a'), [S, S, C, F]],
  ['OPTIONS: head, trailer', head('OPTIONS', '*'), [S, S, C]],
  ['the last answer', get('/', 'Connection: close'), [A, S, A, C, F]],
  ['two answers, one row for both requests', get('/') + get('/empty'), [A, S, A, A, S, C]],
])('%s', (_, request, ops) => {
  expect(ask(request).rows.map(({ op }) => op)).toEqual(ops);
});

const location = (query: string): string | undefined =>
  value(reply(get(`/moved${query}`)), 'location');

test.each([
  ['', ''],
  ['?', '?'],
  ['??', '??'],
  ['?a=b&c=%zz', '?a=b&c=%zz'],
  ['?"<>\\^`{|}', '?%22%3C%3E%5C%5E%60%7B%7C%7D'],
  ["?!$%&'()*+,-./09:;=?@AZ[]_az~", "?!$%&'()*+,-./09:;=?@AZ[]_az~"],
  ['?a#f', '?a'],
  ['#f', ''],
  ['#f?a', ''],
])('query %j goes on as %j', (query, wanted) => {
  expect(location(query)).toBe(`/to%20here/${wanted}`);
});

test('the longest query, every byte escaped', () => {
  const bytes = limits.REQUEST_LINE_BYTES_MAX - 'GET /moved? HTTP/1.1'.length;
  expect(location(`?${'"'.repeat(bytes)}`)).toBe(`/to%20here/?${'%22'.repeat(bytes)}`);
});

test('as many answers as one turn holds: 64 parts at most', () => {
  const { rows, agains, bytes } = ask(get('/').repeat(100));
  expect(repliesOf({ bytes })).toHaveLength(100);
  expect(agains).toBe(4); // 20 answers of three parts leave no room for one of six.
  expect(rows.filter(({ op }) => op === C)).toHaveLength(5);
});

test('long queries share the scratch of one turn', () => {
  const query = '"'.repeat(2_000);
  const answer = ask(get(`/moved?${query}`).repeat(10));
  expect(answer.agains).toBeGreaterThan(1);
  const locations = repliesOf(answer).map((one) => value(one, 'location'));
  expect(locations).toEqual(Array(10).fill(`/to%20here/?${'%22'.repeat(2_000)}`));
});

/** Asks over as many connections in one turn; gives the rows handed to the ring, flush by flush. */
function askInOneTurn(request: string, connections: number): { flushes: Row[][]; bytes: Buffer[] } {
  const flushes: Row[][] = [];
  const bytes: Buffer[] = [];
  // What stands in scratch is read at once: afterwards its room is used again.
  const take = (count: number): void => {
    const rows = readOutbox(count);
    flushes.push(rows);
    for (let at = 0; at < rows.length;) {
      const { connection } = rows[at]!;
      const end = rows.findIndex((row, index) => index > at && row.connection !== connection);
      const own = rows.slice(at, end < 0 ? rows.length : end);
      bytes.push(sent(own));
      at += own.length;
    }
  };
  ring.openRing({ turn: () => 0, flush: take });
  ring.inbox.set(Buffer.from(request), 0);
  for (let number = 0; number < connections; number++) {
    event(ring.OPENED, 0, 0, number);
    event(ring.DATA, 0, request.length, number);
  }
  take(takeRows());
  return { flushes, bytes };
}

test('a full outbox is flushed between two connections, and nothing is lost', () => {
  const connections = 5_000;
  const { flushes, bytes } = askInOneTurn(get('/'), connections);
  expect(flushes.map((rows) => rows.length)).toEqual([16_130, 8_870]);
  const whole = ask(get('/')).bytes;
  expect(bytes).toHaveLength(connections);
  expect(bytes.filter((one) => !one.equals(whole))).toEqual([]);
  const order = flushes.flat().map(({ connection }) => connection);
  expect(order).toEqual(order.toSorted((left, right) => left - right));
});

test('full scratch is flushed likewise', () => {
  const request = get(`/moved?${'"'.repeat(7_000)}`);
  const { flushes, bytes } = askInOneTurn(request, 100);
  expect(flushes.length).toBeGreaterThan(2);
  const whole = ask(request).bytes;
  expect(bytes).toHaveLength(100);
  expect(bytes.filter((one) => !one.equals(whole))).toEqual([]);
});

test('no outbox is so full that a connection with the most rows does not fit', () => {
  const { flushes } = askInOneTurn(get('/').repeat(21) + get('/', 'Connection: close'), 400);
  for (const rows of flushes) expect(rows.length).toBeLessThanOrEqual(limits.OUTBOX_ROWS);
});

test('taking the rows makes the tables empty', () => {
  ask(get('/moved?q'));
  startConnection(CONNECTION);
  expect(takeOutbox()).toEqual([]);
});
