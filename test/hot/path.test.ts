// path.test.ts: from the path as sent to the key, against a slow and plain reading of RFC 3986.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cdbHash } from '../../src/format/hash.ts';
import * as P from '../../src/hot/path.ts';
import * as R from '../../src/hot/request.ts';
import { inbox } from '../../src/hot/ring.ts';
import { REQUEST_LINE_BYTES_MAX } from '../../src/limits.ts';
import { FULL } from '../support/ledger.ts';
import { keyOf as keyIn } from './grammar.ts';
import { counterexample } from './property.ts';

const BASE = 700;
const AT = 777;

/** The query as it is kept. */
function queryOf(text: string): string {
  keyOf(text);
  const [at, end] = [R.request[R.QUERY_AT]!, R.request[R.QUERY_END]!];
  return Buffer.from(inbox.subarray(BASE + at, BASE + end)).toString('latin1');
}

/** The key's bytes as a latin1 string, or the negative status. */
function keyOf(text: string): string | number {
  inbox.set(Buffer.from(`${text} %/../x`, 'latin1'), AT);
  R.request[R.PATH_AT] = AT - BASE;
  const status = P.readPath(BASE);
  if (status !== 0) return status;
  const bytes = P.path[P.PATH_DECODED] === 1 ? P.decoded : inbox;
  const key = bytes.subarray(P.path[P.PATH_AT], P.path[P.PATH_END]);
  if (P.path[P.PATH_HASH] !== (cdbHash(key, 0, key.length) | 0)) throw new Error('a wrong hash');
  return Buffer.from(key).toString('latin1');
}

test.each([
  ['', '/'],
  ['/', '/'],
  ['/a', '/a'],
  ['/a/b.html', '/a/b.html'],
  ['/%61', '/a'],
  ['/%2e%2E', -400],
  ['/a%20b', '/a b'],
  ['/%C3%a9', '/\xc3\xa9'],
  ['/%2561', '/%61'],
  ['/a+b', '/a+b'],
  ['/.', '/'],
  ['/a/.', '/a/'],
  ['/a/..', '/'],
  ['/a/b/..', '/a/'],
  ['/a/b/../', '/a/'],
  ['/a/./b', '/a/b'],
  ['/a/../b', '/b'],
  ['/..', -400],
  ['/../', -400],
  ['/a/../..', -400],
  ['/a/../../b', -400],
  ['/...', '/...'],
  ['/.a', '/.a'],
  ['/..a', '/..a'],
  ['/a..', '/a..'],
  ['/.well-known/x', '/.well-known/x'],
  ['//', -404],
  ['//a', -404],
  ['/a//b', -404],
  ['/a//', -404],
  ['/a//..', '/a/'],
  ['/a//../..', '/'],
  ['//..', '/'],
  ['//../..', -400],
  ['/.//', -404],
  ['/a%2Fb', -404],
  ['/a%5Cb', -404],
  ['/a\\b', -404],
  ['/%2F/..', -404],
  ['/%2F..', -404],
  ['/..%2F', -404],
  ['/%', -400],
  ['/%4', -400],
  ['/%4g', -400],
  ['/%g4', -400],
  ['/%%41', -400],
  ['/%00', -400],
  ['/\\%00', -400],
  ['/%2F%zz', -400],
  ['/%2F/../..', -400],
  ['//%', -400],
  ['/%FF', -404],
  ['/%C0%AF', -404],
  ['/%FF/../a', -404],
  ['/a/%ED%A0%80/..', -404],
  ['/%C3/../%A9/../a', -404],
  ['/%FF/../..', -400],
  ['/%ED%9F%BF', '/\xed\x9f\xbf'],
  ['/%ED%A0%80', -404],
  ['/%EE%80%80', '/\xee\x80\x80'],
  ['/%F4%8F%BF%BF', '/\xf4\x8f\xbf\xbf'],
  ['/%F4%90%80%80', -404],
  ['/%F0%8F%BF%BF', -404],
  ['/%E2%82', -404],
  ['/%E2%82/', -404],
])('%j is %j', (text, key) => {
  expect(keyOf(text)).toBe(key);
  expect(keyIn(text)).toBe(key);
});

const PIECES = [
  ['/', '/', '/', '/', '.', '..', '/.', '/..', '/./', '/../', '//', '%2e', '%2E%2e', '/%2e'],
  ['a', 'b', '%61', '~', '%7E', '\\', '%5c', '%2F', '%2f', '%25', '%', '%4', '%00', '%0a'],
  [
    '%c3%a9',
    '%c3',
    '%a9',
    '%e2%82%ac',
    '%f0%9f%98%80',
    '%ed%a0%80',
    '%ff',
    '"',
    '{',
    '@',
    ':',
    '?',
    '#',
  ],
].flat();

test.each([
  ['/a', ''],
  ['/a?', '?'],
  ['/a?b', '?b'],
  ['/a?b=/../%zz?c', '?b=/../%zz?c'],
  ['/a?b#c?d', '?b'],
  ['/a#?b', ''],
  ['?b', '?b'],
  ['#b', ''],
  ['/%61?b', '?b'],
  ['/%?b', '?b'],
])('the query of %j is %j', (text, query) => {
  expect(queryOf(text)).toBe(query);
});

test('any path is read as the plain implementation reads it', () => {
  const piece = fc.constantFrom(...PIECES);
  const paths = fc.array(piece, { maxLength: 14 }).map((pieces) => `/${pieces.join('')}`);
  expect(
    counterexample(paths, FULL ? 1_000_000 : 20_000, (text) => keyOf(text) === keyIn(text)),
  ).toBeUndefined();
});

test('any bytes of a target are read as the plain implementation reads them', () => {
  const target = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((byte) => String.fromCharCode(byte)),
  });
  expect(
    counterexample(
      target,
      FULL ? 200_000 : 5_000,
      (text) => keyOf(`/${text}`) === keyIn(`/${text}`),
    ),
  ).toBeUndefined();
});

test('every escape of three bytes is UTF-8 exactly when the platform says so', () => {
  const wrong: string[] = [];
  const tails = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
  for (let lead = 0x80; lead < 0x100; lead++) {
    for (const second of tails) {
      for (const rest of [[], ...tails.map((third) => [third]), [0x80, 0x80], [0xbf, 0xc0]]) {
        const bytes = [lead, second, ...rest];
        const text = `/${bytes.map((byte) => `%${byte.toString(16)}`).join('')}`;
        if (keyOf(text) !== keyIn(text)) wrong.push(text);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('the longest path fits, plain and decoded', () => {
  const plain = `/${'a'.repeat(REQUEST_LINE_BYTES_MAX - 1)}`;
  expect(keyOf(plain)).toBe(plain);
  expect(keyOf(`${plain.slice(0, -3)}%61`)).toBe(plain.slice(0, -2));
  expect(keyOf(`/.${plain.slice(2)}`)).toBe(`/.${plain.slice(2)}`);
});
