// parse.test.ts: one request head, whole, cut in two at every byte, and byte by byte.
import { expect, test } from 'vitest';
import { parse } from '../../src/hot/parse.ts';
import { HOST_AT, HOST_END, NEED_MORE, request } from '../../src/hot/request.ts';
import { inbox } from '../../src/hot/ring.ts';
import { HEADER_FIELDS_MAX, HEADER_SECTION_BYTES_MAX } from '../../src/limits.ts';
import { REQUEST_LINE_BYTES_MAX } from '../../src/limits.ts';
import { ask, askEveryWay, bytesToRefusal, get, page, repliesOf, serve } from './harness.ts';

serve({ '/': page('root') });

const statuses = (text: string): number[] =>
  repliesOf(askEveryWay(text)).map(({ status }) => status);

test.each([
  ['a plain request', get('/')],
  ['no field but Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  ['HTTP/1.0 without a field', 'GET / HTTP/1.0\r\n\r\n'],
  ['an empty line before the request line', `\r\n${get('/')}`],
  ['HTTP/1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n'],
  ['HTTP/1.9', 'GET / HTTP/1.9\r\nHost: a\r\n\r\n'],
  ['every byte a value may hold', get('/', 'X: \t !"~\x80\xff\t ')],
  ['every byte a name may hold', get('/', "!#$%&'*+-.^_`|~09azAZ: x")],
  ['an empty value', get('/', 'X:', 'Y: ')],
  ['every byte a target may hold', get('/?!"#$%&\'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~')],
])('%s is read', (_, text) => {
  expect(statuses(text)).toEqual([200]);
});

test('an empty line is forgiven before each request', () => {
  expect(statuses(`\r\n${get('/')}\r\n${get('/')}`)).toEqual([200, 200]);
});

const LINE = 'GET / HTTP/1.1\r\n';

/** Up to and with the first offending byte; the status; what follows. */
const REFUSED: readonly (readonly [string, number, string])[] = [
  ['\r\n\r', 400, '\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['\n', 400, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['\rG', 400, 'ET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  [' ', 400, 'GET / HTTP/1.1\r\n'],
  ['\0', 400, ''],
  ['\x16', 400, '\x03\x01\x02\x00'],
  ['GE\x80', 400, 'T / HTTP/1.1\r\n'],
  ['GET(', 400, '/ HTTP/1.1\r\n'],
  ['GET\t', 400, '/ HTTP/1.1\r\n'],
  ['GET\r', 400, '\n\r\n'],
  ['GET  ', 400, '/ HTTP/1.1\r\n'],
  ['GET \r', 400, '\n\r\n'],
  ['GET /\r', 400, '\n'],
  ['GET /\n', 400, ''],
  ['GET /\t', 400, ' HTTP/1.1\r\n'],
  ['GET /\0', 400, ' HTTP/1.1\r\n'],
  ['GET /\x7f', 400, ' HTTP/1.1\r\n'],
  ['GET /\x80', 400, ' HTTP/1.1\r\n'],
  ['GET /  ', 400, 'HTTP/1.1\r\n'],
  ['GET / h', 400, 'ttp/1.1\r\n'],
  ['GET / HTTP1', 400, '.1\r\n'],
  ['GET / HTTPS', 400, '/1.1\r\n'],
  ['GET / HTTP/.', 400, '1\r\n'],
  ['GET / HTTP/1\r', 400, '\n\r\n'],
  ['GET / HTTP/11', 400, '.1\r\n'],
  ['GET / HTTP/1.a', 400, '\r\n'],
  ['GET / HTTP/1.10', 400, '\r\n'],
  ['GET / HTTP/2.10', 400, '\r\n'],
  ['GET / HTTP/1.1 ', 400, '\r\n'],
  ['GET / HTTP/1.1\n', 400, 'Host: a\r\n\r\n'],
  ['GET / HTTP/2.0\n', 400, ''],
  ['GET / HTTP/1.1\rH', 400, 'ost: a\r\n\r\n'],
  ['GET / HTTP/0.9\r', 505, '\n\r\n'],
  ['GET / HTTP/2.0\r', 505, '\n\r\n'],
  ['GET / HTTP/3.1\r', 505, '\0'],
  ['PRI * HTTP/2.0\r', 505, '\n\r\nSM\r\n\r\n'],
  [`${LINE} `, 400, 'Host: a\r\n\r\n'],
  [`${LINE}\t`, 400, 'Host: a\r\n\r\n'],
  [`${LINE}\n`, 400, ''],
  [`${LINE}\rH`, 400, 'ost: a\r\n\r\n'],
  [`${LINE}:`, 400, ' a\r\n\r\n'],
  [`${LINE}Host `, 400, ': a\r\n\r\n'],
  [`${LINE}Host\t`, 400, ': a\r\n\r\n'],
  [`${LINE}Host\r`, 400, '\n\r\n'],
  [`${LINE}Host\n`, 400, ''],
  [`${LINE}H(`, 400, 'ost: a\r\n\r\n'],
  [`${LINE}H\xe9`, 400, 'st: a\r\n\r\n'],
  [`${LINE}Host: a\r\n `, 400, 'b\r\n\r\n'],
  [`${LINE}Host: a\r\n\t`, 400, 'b\r\n\r\n'],
  [`${LINE}Host: a\n`, 400, '\r\n'],
  [`${LINE}Host: a\r\r`, 400, '\n\r\n'],
  [`${LINE}Host: a\rX`, 400, ': b\r\n\r\n'],
  [`${LINE}Host: a\r\n\rX`, 400, ''],
  [`${LINE}Host: a\r\n\n`, 400, ''],
];
const CONTROLS = [...Array(32).keys(), 127].filter((byte) => byte !== 9 && byte !== 13);

test.each(REFUSED)('%j is refused with %d', (start, status, rest) => {
  expect(statuses(start + rest)).toEqual([status]);
  expect(bytesToRefusal(start + rest)).toBe(start.length);
});

test.each(CONTROLS)('byte %d in a value is refused', (byte) => {
  const start = `${LINE}X: a${String.fromCharCode(byte)}`;
  expect(statuses(`${start}b\r\n\r\n`)).toEqual([400]);
  expect(bytesToRefusal(`${start}b\r\n\r\n`)).toBe(start.length);
});

const NEAR = [1, 8_190, 8_191, 8_192, 8_193, 8_194, 16_399, 16_400, 16_401, 16_402, 16_403, 16_404];
const longStatuses = (text: string): number[] =>
  repliesOf(
    askEveryWay(
      text,
      NEAR.filter((place) => place < text.length),
    ),
  ).map(({ status }) => status);

/** A request line of so many bytes without its CRLF. */
const lineOf = (bytes: number): string => `GET /?${'q'.repeat(bytes - 15)} HTTP/1.1`;

test.each([
  [REQUEST_LINE_BYTES_MAX - 1, 200],
  [REQUEST_LINE_BYTES_MAX, 200],
  [REQUEST_LINE_BYTES_MAX + 1, 414],
  [REQUEST_LINE_BYTES_MAX + 9, 414],
  [REQUEST_LINE_BYTES_MAX * 2, 414],
])('a request line of %d bytes: %d', (bytes, status) => {
  expect(lineOf(bytes)).toHaveLength(bytes);
  expect(longStatuses(`${lineOf(bytes)}\r\nHost: a\r\n\r\n`)).toEqual([status]);
});

test('the empty line does not count', () => {
  expect(longStatuses(`\r\n${lineOf(REQUEST_LINE_BYTES_MAX)}\r\nHost: a\r\n\r\n`)).toEqual([200]);
});

test.each(['G'.repeat(9_000), `GET /${'a'.repeat(9_000)}`])(
  'a line without end is refused at its first byte too many',
  (text) => {
    expect(longStatuses(text)).toEqual([414]);
    expect(bytesToRefusal(text)).toBe(REQUEST_LINE_BYTES_MAX + 1);
  },
);

/** A header section of so many bytes, its last CRLF not counted. */
const sectionOf = (bytes: number): string =>
  `Host: a\r\nX: ${'x'.repeat(bytes - 'Host: a\r\nX: \r\n'.length)}\r\n`;

test.each([
  [HEADER_SECTION_BYTES_MAX - 1, 200],
  [HEADER_SECTION_BYTES_MAX, 200],
  [HEADER_SECTION_BYTES_MAX + 1, 431],
  [HEADER_SECTION_BYTES_MAX + 2, 431],
])('a header section of %d bytes: %d', (bytes, status) => {
  expect(sectionOf(bytes)).toHaveLength(bytes);
  expect(longStatuses(`${LINE}${sectionOf(bytes)}\r\n`)).toEqual([status]);
});

test.each([`${LINE}X: ${'x'.repeat(17_000)}`, LINE + 'x'.repeat(17_000)])(
  'a section without end is refused at its first byte too many',
  (text) => {
    expect(longStatuses(text)).toEqual([431]);
    expect(bytesToRefusal(text)).toBe(LINE.length + HEADER_SECTION_BYTES_MAX + 1);
  },
);

const fieldsOf = (count: number): string =>
  `Host: a\r\n${Array.from({ length: count - 1 }, (_, n) => `X${n}: y\r\n`).join('')}`;

test.each([
  [HEADER_FIELDS_MAX - 1, 200],
  [HEADER_FIELDS_MAX, 200],
  [HEADER_FIELDS_MAX + 1, 431],
])('%d fields: %d', (count, status) => {
  expect(statuses(`${LINE}${fieldsOf(count)}\r\n`)).toEqual([status]);
});

test('the first byte of the name of one field too many refuses it, if a name may start so', () => {
  const start = LINE + fieldsOf(HEADER_FIELDS_MAX);
  expect(bytesToRefusal(`${start}X(: y\r\n`)).toBe(start.length + 1);
  expect(statuses(`${start} y\r\n`)).toEqual([400]);
});

test.each([
  ['400 before 414', `GET /\x01${'a'.repeat(9_000)}`, 400],
  ['414 before 505', `GET /${'a'.repeat(9_000)} HTTP/2.0\r\n`, 414],
  ['505 before 400', 'GET / HTTP/2.0\r\n \0\r\n\r\n', 505],
  ['400 in the line before 431', `GET / HTTP/1.x\r\nX: ${'a'.repeat(17_000)}`, 400],
  ['431 before 400', `${LINE}X: ${'a'.repeat(17_000)}\0\r\n`, 431],
  ['400 before 431', `${LINE}X: \0${'a'.repeat(17_000)}\r\n`, 400],
])('the first offending byte decides: %s', (_, text, status) => {
  expect(longStatuses(text)).toEqual([status]);
});

test('a largest head that comes with the next request is answered', () => {
  const lines = [lineOf(REQUEST_LINE_BYTES_MAX), sectionOf(HEADER_SECTION_BYTES_MAX)];
  const largest = `\r\n${lines.join('\r\n')}\r\n`;
  expect(longStatuses(largest + get('/'))).toEqual([200, 200]);
});

test('nothing behind the range is read, and positions are relative to its start', () => {
  const text = get('/');
  const at = 5_000;
  inbox.set(Buffer.from(`${text}${text}`), at);
  expect(parse(1, at, at + text.length)).toBe(text.length);
  expect(request[HOST_END]! - request[HOST_AT]!).toBe(1);
  for (let end = 0; end < text.length; end++) {
    inbox.set(Buffer.from(text), at + end);
    expect(parse(1, at + end, at + end + end)).toBe(NEED_MORE);
  }
  inbox.set(Buffer.from(text), at);
  expect(parse(1, at, at + text.length)).toBe(text.length);
});

test('a head byte by byte costs no more than its length', () => {
  const size = (bytes: number): string => `${LINE}${sectionOf(bytes)}\r\n`;
  const cost = (text: string): number => {
    inbox.set(Buffer.from(text), 0);
    const start = performance.now();
    for (let end = 1; end <= text.length; end++) parse(2, 0, end);
    return performance.now() - start;
  };
  const least = (text: string): number => Math.min(...Array.from({ length: 15 }, () => cost(text)));
  cost(size(16_000));
  // Eight times the bytes: 64 times the time, were each byte looked at again.
  expect(least(size(16_000)) / least(size(2_000))).toBeLessThan(24);
});

test('a byte read once is not read again', () => {
  const text = `${LINE}${sectionOf(1_000)}`;
  inbox.set(Buffer.from(text), 0);
  expect(parse(3, 0, 500)).toBe(NEED_MORE);
  inbox.fill(0, 40, 500); // The value, from its third byte: a second look would refuse it.
  expect(parse(3, 0, 700)).toBe(NEED_MORE);
  inbox.set(Buffer.from(`${text}\r\n`), 0);
  expect(parse(3, 0, text.length + 2)).toBe(text.length + 2);
  expect(ask(get('/')).finished).toBe(false);
});

test('every byte at every place of a value, at every distance from a whole word', () => {
  const wrong: string[] = [];
  for (let byte = 0; byte < 256; byte++) {
    const allowed = byte === 9 || (byte >= 0x20 && byte !== 0x7f);
    if (byte === 13) continue; // The end of the line, if LF follows.
    for (let place = 0; place < 12; place++) {
      for (let base = 64; base < 68; base++) {
        const value = Buffer.from('0 ~0123 ~~  ~');
        value[place] = byte;
        const text = Buffer.concat([Buffer.from(`${LINE}Host:\r\nX:`), value]);
        inbox.set(text, base);
        inbox.set(Buffer.from('\r\n\r\n'), base + text.length);
        const used = parse(4, base, base + text.length + 4);
        if (used !== (allowed ? text.length + 4 : -400)) wrong.push(`${byte} at ${place}: ${used}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});
