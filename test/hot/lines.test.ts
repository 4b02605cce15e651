// lines.test.ts: what is taken as whole and plain, and that all else is left untouched.
import { expect, test } from 'vitest';
import { readGet, readLines } from '../../src/hot/lines.ts';
import { GET } from '../../src/hot/methods.ts';
import * as R from '../../src/hot/request.ts';
import { inbox } from '../../src/hot/ring.ts';
import { HEADER_FIELDS_MAX, INBOX_BYTES, REQUEST_LINE_BYTES_MAX } from '../../src/limits.ts';

const BASE = 90;

/** Puts a text where the ring would, with the zero byte behind it. */
function put(text: string, at = BASE): number {
  const bytes = Buffer.from(text, 'latin1');
  inbox.set(bytes, at);
  inbox[at + bytes.length] = 0;
  return at + bytes.length;
}

/** Bytes taken of a request line. */
function taken(line: string): number {
  R.request.fill(0);
  return readGet(BASE, put(line)) - BASE;
}

test.each(['/', '/a', '/ab', '/abc', '/abcd', '/abcde?f#g', '/"<>^|{}[]`\\', '/~'])(
  'GET %s is taken',
  (target) => {
    const line = `GET ${target} HTTP/1.1\r\n`;
    expect(taken(line)).toBe(line.length);
    expect(taken(`${line}Host: a\r\n\r\n`)).toBe(line.length);
    const row = R.request;
    expect([row[R.METHOD], row[R.MINOR], row[R.PHASE]]).toEqual([GET, 1, R.PHASE_LINE]);
    expect([row[R.TARGET_AT], row[R.PATH_AT]]).toEqual([4, 4]);
    expect([row[R.TARGET_END], row[R.FIELDS_AT]]).toEqual([4 + target.length, line.length]);
  },
);

test.each(
  [
    ['', 'G', 'GET ', 'GET /', 'GET / ', 'GET / HTTP/1.1', 'GET / HTTP/1.1\r'],
    ['\r\nGET / HTTP/1.1\r\n', 'HEAD / HTTP/1.1\r\n', 'get / HTTP/1.1\r\n'],
    ['GET * HTTP/1.1\r\n', 'GET http://a/ HTTP/1.1\r\n', 'GET  / HTTP/1.1\r\n'],
    ['GET / HTTP/1.0\r\n', 'GET / HTTP/1.2\r\n', 'GET / HTTP/2.0\r\n', 'GET / http/1.1\r\n'],
    ['GET / HTTP/1.1\n\n', 'GET / HTTP/1.1 \r\n', 'GET /\tHTTP/1.1\r\n', 'GET /\x7f HTTP/1.1\r\n'],
    ['GET /\x80 HTTP/1.1\r\n', 'GET /abc\xff HTTP/1.1\r\n', 'GET /a\0b HTTP/1.1\r\n'],
  ].flat(),
)('%j is left', (line) => {
  expect(taken(line)).toBe(0);
  expect(R.request.every((field) => field === 0)).toBe(true);
});

test('a request line of the length allowed is taken, a longer one left', () => {
  const line = (bytes: number): string => `GET /${'a'.repeat(bytes - 14)} HTTP/1.1\r\n`;
  expect(taken(line(REQUEST_LINE_BYTES_MAX))).toBe(REQUEST_LINE_BYTES_MAX + 2);
  expect(taken(line(REQUEST_LINE_BYTES_MAX + 1))).toBe(0);
});

/** Bytes taken of field lines. */
function linesTaken(text: string, stop?: number): number {
  R.request.fill(0);
  const end = put(text);
  return readLines(BASE, BASE, stop === undefined ? end : BASE + stop) - BASE;
}

test.each(
  [
    ['a:\r\n', 'a: \t \r\n', 'Host: a\r\n', 'a:b c\td\r\n', 'a: \x80\xff\r\n', 'a: :\r\n'],
    ['a: 1\r\nb: 22\r\nc: 333\r\nd: 4444\r\n', `a: ${'b'.repeat(3_000)}\r\n`],
  ].flat(),
)('%j is taken', (text) => {
  expect(linesTaken(text)).toBe(text.length);
  expect(linesTaken(`${text}\r\n`)).toBe(text.length);
  expect(R.request[R.FIELDS]).toBe(text.split('\r\n').length - 1);
});

test.each(
  [
    ['', '\r\n', 'a', 'a:', 'a: b', 'a: b\r', ':\r\n', ': a\r\n', ' a: b\r\n', 'a : b\r\n'],
    ['a: b\n', 'a: b\r\r\n', 'a: \0\r\n', 'a: b\x01\r\n', 'a: \x7f\r\n', 'a\x80: b\r\n', 'a\r\n'],
  ].flat(),
)('%j is left', (text) => {
  expect(linesTaken(text)).toBe(0);
  expect(linesTaken(`Host: a\r\n${text}`)).toBe(9);
  expect(R.request[R.FIELDS]).toBe(1);
});

test('a line that ends past the bound is left', () => {
  expect(linesTaken('a: b\r\nc: d\r\n', 12)).toBe(12);
  expect(linesTaken('a: b\r\nc: d\r\n', 11)).toBe(6);
});

test('one field more than allowed is left', () => {
  const fields = 'a:\r\n'.repeat(HEADER_FIELDS_MAX);
  expect(linesTaken(`${fields}b:\r\n`)).toBe(fields.length);
  expect(R.request[R.FIELDS]).toBe(HEADER_FIELDS_MAX);
});

test('white space round a value is not part of it', () => {
  linesTaken('Host:\t a.b \t\r\n');
  const host = inbox.subarray(BASE + R.request[R.HOST_AT]!, BASE + R.request[R.HOST_END]!);
  expect(Buffer.from(host).toString()).toBe('a.b');
});

test('the last bytes of the inbox can be read', () => {
  for (const text of ['GET /', 'GET /a HTTP/1.1\r\n', 'abc']) {
    const end = put(text, INBOX_BYTES - 1 - text.length);
    R.request.fill(0);
    expect(readGet(end - text.length, end)).toBe(text.endsWith('\n') ? end : end - text.length);
    expect(readLines(0, end - text.length, end)).toBe(end - text.length);
  }
});
