// forwarded.test.ts: who the client is behind proxies, against a naive reading of the whole list
// from its end.
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import * as R from '../../src/hot/request.ts';
import { inbox } from '../../src/hot/ring.ts';
import { ask, askEveryWay, page, repliesOf, serve, trust } from './harness.ts';
import { counterexample } from './property.ts';

serve({ '/': page('root'), '/a': page('alpha') });
afterEach(() => trust([]));

const TRUSTED = ['10.0.0.0/8', '2001:db8::/32', 'unix'];

/** The client of the last request, as text; undefined: the peer itself. */
function client(head: string): string | undefined {
  ask(head);
  const [at, end] = [R.request[R.CLIENT_AT]!, R.request[R.CLIENT_END]!];
  if (end === 0) return undefined;
  const start = Buffer.from(inbox).indexOf(head.slice(0, 200), 0, 'latin1');
  return Buffer.from(inbox.subarray(start + at, start + end)).toString('latin1');
}

const head = (...lines: readonly string[]): string =>
  ['GET /a HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n');
const forwarded = (...values: readonly string[]): string | undefined =>
  client(head(...values.map((value) => `X-Forwarded-For: ${value}`)));

test.each<readonly [readonly string[], string | undefined]>([
  [[], undefined],
  [[''], undefined],
  [[','], undefined],
  [['192.0.2.1'], '192.0.2.1'],
  [['192.0.2.1:80'], '192.0.2.1'],
  [['[2001:db9::1]'], '2001:db9::1'],
  [['[2001:db9::1]:65535'], '2001:db9::1'],
  [['2001:DB9::1'], '2001:DB9::1'],
  [['::ffff:192.0.2.1'], '::ffff:192.0.2.1'],
  [['203.0.113.9, 192.0.2.1'], '192.0.2.1'],
  [['192.0.2.1, 10.0.0.1'], '192.0.2.1'],
  [['192.0.2.1, 10.0.0.1, 2001:db8::7, [2001:db8::8]:1, ::ffff:10.1.1.1'], '192.0.2.1'],
  [['192.0.2.1', '10.0.0.1'], '192.0.2.1'],
  [['192.0.2.1', '192.0.2.2', '10.0.0.1'], '192.0.2.2'],
  [['10.0.0.1, 10.0.0.2'], '10.0.0.1'],
  [['192.0.2.1, unknown'], undefined],
  [['192.0.2.1, unknown, 10.0.0.1'], '10.0.0.1'],
  [['unknown, 192.0.2.1'], '192.0.2.1'],
  [[' \t192.0.2.1 ,, ,10.0.0.1\t,'], '192.0.2.1'],
])('%j is %j', (values, wanted) => {
  trust(TRUSTED);
  expect(forwarded(...values)).toBe(wanted);
});

test.each([
  '192.0.2.01',
  '192.0.2',
  '192.0.2.1.',
  '192.0.2.256',
  '192.0.2.1:',
  '192.0.2.1:x',
  '1',
  '192.0.2.1:65536',
  '192.0.2.1:000080',
  '192.0.2.1 80',
  '"192.0.2.1"',
  'for=192.0.2.1',
  '[2001:db9::1',
  '2001:db9::1]',
  '[]',
  '[',
  '[192.0.2.1]',
  '[::1]80',
  '[::1]:',
  '[::1]x',
  'fe80::1%eth0',
  '_hidden',
  'unknown',
  'proxy',
  '2001:db9::1::',
  ':',
  '::1:99999',
  '-',
])('%j is nobody, and nobody left of it is believed', (text) => {
  trust(TRUSTED);
  expect(forwarded(text)).toBeUndefined();
  expect(forwarded(`203.0.113.9, ${text}`)).toBeUndefined();
  expect(forwarded('203.0.113.9', text, '10.0.0.1')).toBe('10.0.0.1');
});

const NAMES = ['X-Forwarded-For', 'x-forwarded-for', 'X-FORWARDED-FOR'];

test('of a peer that is not trusted nothing is believed, whatever the spelling', () => {
  for (const name of NAMES) {
    trust(TRUSTED);
    expect(client(head(`${name}: 192.0.2.1`))).toBe('192.0.2.1');
    trust([]);
    expect(client(head(`${name}: 192.0.2.1`))).toBeUndefined();
  }
  trust(TRUSTED);
  expect(client(head('X-Forwarded-Fos: 192.0.2.1', 'X-Forwarded: 192.0.2.1'))).toBeUndefined();
});

test('of a head that is refused nothing is believed: more lines could have come', () => {
  trust(TRUSTED);
  expect(client(head('X-Forwarded-For: 192.0.2.1', 'Bad Name: x'))).toBeUndefined();
  expect(client(head('X-Forwarded-For: 192.0.2.1', 'X: y'))).toBe('192.0.2.1');
});

const member = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.nat(255).map((byte) => `10.0.0.${byte}`),
  fc.nat(0xffff).map((group) => `[2001:db8::${group.toString(16)}]:80`),
  fc.constantFrom('', ' ', 'unknown', '192.0.2.1:80', '::ffff:10.0.0.1', '1.2.3', '[::1]:x', '\t'),
);
const lines = fc.array(fc.array(member, { maxLength: 6 }), { maxLength: 4 });

const list = new BlockList();
list.addSubnet('10.0.0.0', 8, 'ipv4');
list.addSubnet('2001:db8::', 32, 'ipv6');

interface Member {
  readonly text: string;
  readonly trusted: boolean;
}

function addressOf(text: string): Member | undefined {
  const parts = /^(?:\[(?<six>[^\]]*)\]|(?<four>[\d.]*))(?::(?<port>\d{1,5}))?$/.exec(text)?.groups;
  const plain = parts?.['six'] ?? parts?.['four'] ?? text;
  if (Number(parts?.['port'] ?? 0) > 65_535) return undefined;
  const isFour = isIPv4(plain) && parts?.['six'] === undefined;
  if (!isFour && !isIPv6(plain)) return undefined;
  const mapped = isFour ? undefined : /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  const four = isFour ? plain : mapped;
  return {
    text: plain,
    trusted: four === undefined ? list.check(plain, 'ipv6') : list.check(four, 'ipv4'),
  };
}

function naive(values: readonly (readonly string[])[]): string | undefined {
  const members = values
    .flat()
    .map((text) => text.trim())
    .filter((text) => text !== '');
  let found: string | undefined;
  for (const text of members.reverse()) {
    const address = addressOf(text);
    if (address === undefined) return found;
    found = address.text;
    if (!address.trusted) return found;
  }
  return found;
}

test('any list in any lines gives the client that reading from its end gives', () => {
  trust(TRUSTED);
  const found = counterexample(lines, 5_000, (values) => {
    const texts = values.map((line) => line.join(','));
    return forwarded(...texts) === naive(values);
  });
  expect(found).toBeUndefined();
});

const status = (...fields: readonly string[]): number =>
  repliesOf(
    askEveryWay(['GET https://a/a HTTP/1.1', 'Host: a', ...fields, '', ''].join('\r\n')),
  )[0]!.status;

test.each<readonly [readonly string[], number]>([
  [[], 421],
  [['https'], 200],
  [['HTTPS'], 200],
  [['http'], 421],
  [['http, https'], 200],
  [['https, http'], 421],
  [['https', 'http'], 421],
  [['http', ' https ,'], 200],
  [['httpss'], 421],
  [['https:'], 421],
  [[''], 421],
])('an https target with X-Forwarded-Proto %j of a trusted peer: %d', (values, wanted) => {
  trust(TRUSTED);
  const fields = values.map((value) => `X-Forwarded-Proto: ${value}`);
  expect(status(...fields)).toBe(wanted);
  expect(R.request[R.SECURE]).toBe(wanted === 200 ? 1 : 0);
  trust([]);
  expect(status(...fields)).toBe(421);
  expect(R.request[R.SECURE]).toBe(0);
});

test('a request in pieces keeps what was said of its client, and the next one starts anew', () => {
  trust(TRUSTED);
  const first = head('X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: https', 'X: y');
  for (let cut = 1; cut < first.length; cut++) {
    ask(first, [cut]);
    const { request } = R;
    const bytes = request[R.CLIENT_END]! - request[R.CLIENT_AT]!;
    expect([cut, bytes, request[R.SECURE]]).toEqual([cut, '192.0.2.1'.length, 1]);
  }
  ask(first + head());
  expect([R.request[R.CLIENT_END], R.request[R.SECURE]]).toEqual([0, 0]);
});
