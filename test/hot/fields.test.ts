// fields.test.ts: what the few fields that matter say, one line or several.
import { expect, test } from 'vitest';
import { readField } from '../../src/hot/fields.ts';
import * as R from '../../src/hot/request.ts';
import { inbox } from '../../src/hot/ring.ts';

const BASE = 40;

/** Lines as the parser hands them over: the white space round a value is gone. */
function read(...lines: readonly (readonly [name: string, value: string])[]): Int32Array {
  R.request.fill(0);
  let at = BASE + 10;
  for (const [name, value] of lines) {
    inbox.set(Buffer.from(`${name}:${value}\r\n`, 'latin1'), at);
    const valueAt = at + name.length + 1;
    readField(BASE, at, name.length, valueAt, valueAt + value.length);
    at = valueAt + value.length + 2;
  }
  return R.request;
}

const spell = (name: string): string[] => [name, name.toLowerCase(), name.toUpperCase()];

test.each(spell('Host'))('%s is kept by its place', (name) => {
  const row = read(['X-Host', 'b'], [name, 'example.org']);
  expect(row[R.HOSTS]).toBe(1);
  const span = inbox.subarray(BASE + row[R.HOST_AT]!, BASE + row[R.HOST_END]!);
  expect(Buffer.from(span).toString()).toBe('example.org');
});

test('every Host line is counted', () => {
  expect(read(['Host', 'a'], ['HOST', 'a'], ['Hosts', 'a'])[R.HOSTS]).toBe(2);
});

test('names of the same length are other fields', () => {
  const row = read(
    ['Hosu', 'a'],
    ['Expecu', 'a'],
    ['Connectiom', 'close'],
    ['If-None-Matcg', '"a"'],
    ['Content-Lengti', 'x'],
    ['Accept-Encodinh', 'gzip'],
    ['Transfer-Encodinh', 'chunked'],
    ['\x48ost\x0d'.slice(0, 3), 'a'],
  );
  expect([...row].every((field) => field === 0)).toBe(true);
});

const { CONNECTION_CLOSE: CLOSE, CONNECTION_KEEP_ALIVE: KEEP } = R;
test.each([
  [[''], 0],
  [['close'], CLOSE],
  [['CLOSE'], CLOSE],
  [['keep-alive'], KEEP],
  [['Keep-Alive'], KEEP],
  [['close, keep-alive'], CLOSE | KEEP],
  [['keep-alive,close'], CLOSE | KEEP],
  [['TE, \t close \t,'], CLOSE],
  [[',,close'], CLOSE],
  [['keep-alive', 'close'], CLOSE | KEEP],
  [['closed'], 0],
  [['xclose'], 0],
  [['close keep-alive'], 0],
  [['"close"'], 0],
  [['upgrade', 'HTTP2-Settings'], 0],
])('Connection %j is %d', (values, seen) => {
  expect(read(...values.map((value) => ['Connection', value] as const))[R.OPTIONS_SEEN]).toBe(seen);
});

test.each([
  [['0'], R.LENGTH_ZERO],
  [['000000000000000'], R.LENGTH_ZERO],
  [['1'], R.LENGTH_BODY],
  [['010'], R.LENGTH_BODY],
  [['999999999999999'], R.LENGTH_BODY],
  [['4294967296'], R.LENGTH_BODY],
  [[''], R.LENGTH_BAD],
  [['0000000000000000'], R.LENGTH_BAD],
  [['1000000000000000'], R.LENGTH_BAD],
  [['18446744073709551616'], R.LENGTH_BAD],
  [['-1'], R.LENGTH_BAD],
  [['+1'], R.LENGTH_BAD],
  [['0x10'], R.LENGTH_BAD],
  [['1 1'], R.LENGTH_BAD],
  [['1,1'], R.LENGTH_BAD],
  [['1.0'], R.LENGTH_BAD],
  [['1e2'], R.LENGTH_BAD],
  [['0', '0'], R.LENGTH_BAD],
  [['5', '5'], R.LENGTH_BAD],
  [['x', '5', '0'], R.LENGTH_BAD],
])('Content-Length %j is %d', (values, kind) => {
  const row = read(...values.map((value) => ['Content-Length', value] as const));
  expect(row[R.CONTENT_LENGTH]).toBe(kind);
});

const { EXPECT_CONTINUE, EXPECT_NONE, EXPECT_OTHER } = R;
test.each([
  [[''], EXPECT_NONE],
  [[' , ,'], EXPECT_NONE],
  [['100-continue'], EXPECT_CONTINUE],
  [['100-CONTINUE'], EXPECT_CONTINUE],
  [[',100-continue , 100-continue'], EXPECT_CONTINUE],
  [['100-continue', '100-continue'], EXPECT_CONTINUE],
  [['100-continued'], EXPECT_OTHER],
  [['100'], EXPECT_OTHER],
  [['100-continue;a'], EXPECT_OTHER],
  [['100-continue, x'], EXPECT_OTHER],
  [['x', '100-continue'], EXPECT_OTHER],
  [['x="100-continue, 100-continue"'], EXPECT_OTHER],
])('Expect %j is %d', (values, kind) => {
  expect(read(...values.map((value) => ['Expect', value] as const))[R.EXPECT]).toBe(kind);
});

const { TRANSFER_CHUNKED: ONE, TRANSFER_CHUNKED_TWICE: TWICE, TRANSFER_LAST_CHUNKED: LAST } = R;
const { TRANSFER_OTHER: OTHER, TRANSFER_SEEN: SEEN } = R;
test.each([
  [[''], SEEN],
  [[', ,'], SEEN],
  [['chunked'], SEEN | ONE | LAST],
  [['CHUNKED'], SEEN | ONE | LAST],
  [[' ,chunked\t,'], SEEN | ONE | LAST],
  [['chunked', ''], SEEN | ONE | LAST],
  [['gzip, chunked'], SEEN | ONE | LAST | OTHER],
  [['gzip', 'chunked'], SEEN | ONE | LAST | OTHER],
  [['chunked, gzip'], SEEN | ONE | OTHER],
  [['chunked', 'gzip'], SEEN | ONE | OTHER],
  [['chunked, chunked'], SEEN | ONE | LAST | TWICE],
  [['chunked', 'chunked'], SEEN | ONE | LAST | TWICE],
  [['chunked, gzip, chunked'], SEEN | ONE | LAST | OTHER | TWICE],
  [['xchunked'], SEEN | OTHER],
  [['chunkedx'], SEEN | OTHER],
  [['"chunked"'], SEEN | OTHER],
  [['chunked;a=b'], SEEN | OTHER],
  [['chun ked'], SEEN | OTHER],
  [['gzip;a=", chunked", chunked'], SEEN | ONE | LAST | OTHER],
  [['gzip;a="\\", chunked'], SEEN | OTHER],
  [['gzip;a="\\"", chunked'], SEEN | ONE | LAST | OTHER],
  [['chunked\x0b'], SEEN | OTHER],
])('Transfer-Encoding %j is %d', (values, bits) => {
  const row = read(...values.map((value) => ['Transfer-Encoding', value] as const));
  expect(row[R.TRANSFER]).toBe(bits);
});

/** identity, gzip, br, zstd, `*`: thousandths, or undefined. */
const qualities = (row: Int32Array): (number | undefined)[] =>
  [0, 1, 2, 3, 4].map((coding) => {
    const field = row[R.QUALITY + coding]!;
    return field === 0 ? undefined : field - 1;
  });
const gzip = (thousandths?: number): (number | undefined)[] => [
  undefined,
  thousandths,
  undefined,
  undefined,
  undefined,
];

test.each([
  ['', gzip()],
  ['gzip', gzip(1000)],
  ['GZip', gzip(1000)],
  ['x-gzip', gzip(1000)],
  ['X-GZIP;Q=0.5', gzip(500)],
  ['gzip;q=1', gzip(1000)],
  ['gzip;q=1.', gzip(1000)],
  ['gzip;q=1.000', gzip(1000)],
  ['gzip;q=0', gzip(0)],
  ['gzip;q=0.', gzip(0)],
  ['gzip;q=0.0', gzip(0)],
  ['gzip;q=0.000', gzip(0)],
  ['gzip;q=0.001', gzip(1)],
  ['gzip;q=0.01', gzip(10)],
  ['gzip;q=0.1', gzip(100)],
  ['gzip;q=0.999', gzip(999)],
  ['gzip \t; \tq=0.25 \t', gzip(250)],
  ['gzip;q=1.001', gzip()],
  ['gzip;q=1.1', gzip()],
  ['gzip;q=2', gzip()],
  ['gzip;q=0.0000', gzip()],
  ['gzip;q=.5', gzip()],
  ['gzip;q=-0', gzip()],
  ['gzip;q=', gzip()],
  ['gzip;q', gzip()],
  ['gzip;', gzip()],
  ['gzip; q =1', gzip()],
  ['gzip;q= 1', gzip()],
  ['gzip;q="1"', gzip()],
  ['gzip;q=0.5x', gzip()],
  ['gzip;q=0,5', gzip(0)],
  ['gzip;x=1', gzip()],
  ['gzip;level=1;q=1', gzip()],
  ['gzip q=1', gzip()],
  ['gzip@', gzip()],
  ['"gzip"', gzip()],
  ['gzip;q=0.3,gzip;q=0.8', gzip(300)],
  ['gzip;q=0.3,x-gzip;q=0.8', gzip(300)],
  ['gzip;q=9,gzip;q=0.8', gzip(800)],
  ['gzip;q=0,gzip', gzip(0)],
  [', ,gzip,,', gzip(1000)],
  ['gzipp, gzi, deflate', gzip()],
  ['identity;q=0.5, gzip;q=0.4, br;q=0.3, zstd;q=0.2, *;q=0.1', [500, 400, 300, 200, 100]],
  ['*', [undefined, undefined, undefined, undefined, 1000]],
  ['*;q=0', [undefined, undefined, undefined, undefined, 0]],
])('Accept-Encoding %j', (value, wanted) => {
  expect(qualities(read(['Accept-Encoding', value]))).toEqual(wanted);
});

test('several lines of Accept-Encoding are one list', () => {
  const row = read(['Accept-Encoding', 'br;q=0.5'], ['accept-encoding', 'gzip, br']);
  expect(qualities(row)).toEqual([undefined, 1000, 500, undefined, undefined]);
});

test('If-None-Match keeps its first value and counts its lines', () => {
  const row = read(['If-None-Match', '"a"'], ['IF-NONE-MATCH', '"bcd"']);
  expect(row[R.IF_NONE_MATCH + R.LINES]).toBe(2);
  const span = inbox.subarray(
    BASE + row[R.IF_NONE_MATCH + R.VALUE_AT]!,
    BASE + row[R.IF_NONE_MATCH + R.VALUE_END]!,
  );
  expect(Buffer.from(span).toString()).toBe('"a"');
});
