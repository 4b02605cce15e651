// conditions.test.ts: the order of preconditions, and dates against Last-Modified.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { imfDate } from '../../src/format/head.ts';
import { CODING_GZIP, CODING_IDENTITY } from '../../src/format/layout.ts';
import { value } from '../support/reply.ts';
import { DATE, ask, get, head, reply, repliesOf, serve } from './harness.ts';

const FULL = process.env['CDBSERVE_FULL'] === '1';
const NOW = Date.parse(DATE) / 1_000;
const BODY = '0123456789';
const ETAG = '"a"';

/** Seconds of Last-Modified by path; 0: none. */
const MODIFIED: Readonly<Record<string, number>> = {
  '/': NOW - 86_400,
  '/second': NOW - 1,
  '/now': NOW,
  '/later': NOW + 1,
  '/undated': 0,
  '/first': 1,
  '/late': 0xffff_ffff,
};

serve({
  ...Object.fromEntries(
    Object.entries(MODIFIED).map(([path, modified]) => [
      path,
      { modified, variants: [{ body: BODY, etag: ETAG }] },
    ]),
  ),
  '/two': {
    modified: NOW - 10,
    variants: [
      { coding: CODING_GZIP, body: 'packed', etag: '"packed"' },
      { coding: CODING_IDENTITY, body: 'plain', etag: '"plain"' },
    ],
  },
  '/moved': { location: '/' },
  '404/': { status: 404, variants: [{ body: 'missing' }] },
});

const status = (target: string, ...lines: readonly string[]): number =>
  reply(get(target, ...lines)).status;
const day = imfDate(MODIFIED['/']!);

test.each([
  ['/', 0, 304, 200],
  ['/', 1, 304, 200],
  ['/', -1, 200, 412],
  ['/', 86_400, 304, 200],
  ['/', -86_400, 200, 412],
  ['/', 86_399, 304, 200],
  ['/', -86_399, 200, 412],
  ['/now', 0, 304, 200],
  ['/first', -1, 200, 412],
  ['/first', 0, 304, 200],
  ['/late', 0, 304, 200],
  ['/late', -1, 200, 412],
  ['/late', 1, 304, 200],
])('%s with a date %d s after: since %d, unmodified since %d', (path, after, since, unmodified) => {
  const date = imfDate(MODIFIED[path]! + after);
  expect(status(path, `If-Modified-Since: ${date}`)).toBe(since);
  expect(status(path, `If-Unmodified-Since: ${date}`)).toBe(unmodified);
});

test.each([
  ['/', ''],
  ['/', 'yesterday'],
  ['/', day.replace('GMT', 'UTC')],
  ['/', day.toLowerCase()],
  ['/', `${day}, ${day}`],
  ['/', '0'],
  ['/', '-1'],
  ['/undated', day],
  ['/undated', imfDate(0)],
])('%s with the date %j: ignored', (path, date) => {
  for (const field of ['If-Modified-Since', 'If-Unmodified-Since']) {
    expect(status(path, `${field}: ${date}`)).toBe(200);
  }
  expect(status(path, 'Range: bytes=0-0', `If-Range: ${date}`)).toBe(200);
});

test('a second line of the field: ignored, whatever it says', () => {
  for (const second of [day, '', 'x']) {
    const lines = [`If-Modified-Since: ${day}`, `If-Modified-Since: ${second}`];
    expect([status('/', lines[0]!), status('/', ...lines)]).toEqual([304, 200]);
  }
  const early = `If-Unmodified-Since: ${imfDate(0)}`;
  expect([status('/', early), status('/', early, early)]).toEqual([412, 200]);
});

test('all three forms are dates', () => {
  const forms = [day, 'Saturday, 05-Nov-94 08:49:37 GMT', 'Sat Nov  5 08:49:37 1994'];
  expect(day).toBe('Sat, 05 Nov 1994 08:49:37 GMT');
  for (const form of forms) {
    expect(status('/', `If-Modified-Since:\t${form} `)).toBe(304);
    expect(status('/', 'Range: bytes=0-0', `If-Range: ${form}`)).toBe(206);
  }
});

const RANGE = 'Range: bytes=1-2';
test.each([
  ['/', ETAG, 206],
  ['/', 'W/"a"', 200],
  ['/', '"b"', 200],
  ['/', 'a', 200],
  ['/', '', 200],
  ['/', '*', 200],
  ['/', '"a", "b"', 200],
  ['/', '"a", "a"', 200],
  ['/', '"a" ', 206],
  ['/', '"A"', 200],
  ['/', day, 206],
  ['/', imfDate(MODIFIED['/']! + 1), 200],
  ['/', imfDate(MODIFIED['/']! - 1), 200],
  ['/second', imfDate(NOW - 1), 206],
  ['/now', imfDate(NOW), 200],
  ['/later', imfDate(NOW + 1), 200],
  ['/later', ETAG, 206],
  ['/two', '"plain"', 206],
  ['/two', '"packed"', 200],
])('%s If-Range %s: %d', (path, ifRange, wanted) => {
  expect(status(path, RANGE, `If-Range: ${ifRange}`)).toBe(wanted);
  const past = 'Range: bytes=99-';
  expect(status(path, past, `If-Range: ${ifRange}`)).toBe(wanted === 206 ? 416 : 200);
  expect(status(path, `If-Range: ${ifRange}`)).toBe(200);
});

test('two lines of If-Range: the whole', () => {
  expect(status('/', RANGE, `If-Range: ${ETAG}`, `If-Range: ${ETAG}`)).toBe(200);
});

test('the coding selected is the one compared', () => {
  const two = (...lines: readonly string[]): number => status('/two', ...lines);
  const gzip = 'Accept-Encoding: gzip';
  expect(two(gzip, RANGE, 'If-Range: "packed"')).toBe(206);
  expect(two(gzip, RANGE, 'If-Range: "plain"')).toBe(200);
  expect(two(gzip, 'If-Match: "plain"')).toBe(412);
  expect(two(gzip, 'If-Match: "packed"')).toBe(200);
  expect(two('Accept-Encoding: *;q=0', 'If-Match: "x"')).toBe(406);
});

test('conditions change no answer but a 200', () => {
  const lines = ['If-Match: "x"', 'If-None-Match: *', `If-Modified-Since: ${day}`, RANGE];
  expect(status('/moved', ...lines)).toBe(308);
  expect(status('/missing', ...lines)).toBe(404);
  expect(status('/%2F', ...lines)).toBe(404);
  expect(reply(head('OPTIONS', '/', ...lines)).status).toBe(204);
  expect(reply(head('PUT', '/', ...lines)).status).toBe(405);
});

test('HEAD too, and the connection goes on', () => {
  for (const [line, wanted] of [
    [`If-None-Match: ${ETAG}`, 304] as const,
    ['If-Match: "x"', 412] as const,
  ]) {
    const answer = ask(head('HEAD', '/', line) + get('/'));
    expect(repliesOf(answer, [0]).map((one) => one.status)).toEqual([wanted, 200]);
  }
});

test('the head of a 304', () => {
  const names = (target: string): string[] =>
    reply(get(target, 'If-None-Match: *')).fields.map(([name]) => name);
  expect(names('/').sort()).toEqual(['Cache-Control', 'Date', 'ETag']);
  expect(names('/two').sort()).toEqual(['Cache-Control', 'Date', 'ETag', 'Vary']);
  expect(value(reply(get('/', 'If-None-Match: *')), 'etag')).toBe(ETAG);
});

/** What the lines of one field say of `/`: whether it holds; undefined: to be ignored. */
type Said = readonly [lines: readonly string[], holds: boolean | undefined];
const early = imfDate(MODIFIED['/']! - 1);
const late = imfDate(MODIFIED['/']! + 1);
const tags: readonly Said[] = [
  [[], undefined],
  [[ETAG], true],
  [['*'], true],
  [['"x"'], false],
  [['"x"', ETAG], true],
  [[''], false],
];
/** Holds: not modified after that date. */
const dates: readonly Said[] = [
  [[], undefined],
  [[day], true],
  [[late], true],
  [[early], false],
  [['x'], undefined],
  [[day, day], undefined],
];
const ifRanges: readonly Said[] = [
  [[], undefined],
  [[ETAG], true],
  [[day], true],
  [['"x"'], false],
  [[late], false],
  [['x'], false],
  [[ETAG, ETAG], false],
];
const rangeSets: readonly (readonly [lines: readonly string[], status: number])[] = [
  [[], 200],
  [['bytes=0-1'], 206],
  [['bytes=0-0,2-2'], 206],
  [['bytes=10-'], 416],
  [['bytes=2-1'], 200],
  [['lines=0-1'], 200],
  [['bytes=0-1', 'bytes=0-1'], 200],
];

/** RFC 9110 13.2.2, step by step. */
function outcome(
  method: string,
  [match, unmodified, none, since, ifRange]: readonly (boolean | undefined)[],
  hasNone: boolean,
  rangeStatus: number,
): number {
  if (match === false || (match === undefined && unmodified === false)) return 412;
  if (hasNone ? none === true : since === true) return 304;
  return method === 'GET' && ifRange !== false ? rangeStatus : 200;
}

test('every mix of conditions and ranges in the order of RFC 9110', () => {
  const among = <T>(rows: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...rows);
  const mix = fc.tuple(among(tags), among(dates), among(tags), among(dates), among(ifRanges));
  const names = [
    'If-Match',
    'If-Unmodified-Since',
    'If-None-Match',
    'If-Modified-Since',
    'If-Range',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom('GET', 'GET', 'HEAD'),
      mix,
      among(rangeSets),
      (method, said, range) => {
        const lines = said.flatMap(([values], at) => values.map((text) => `${names[at]}: ${text}`));
        const ranges = range[0].map((text) => `Range: ${text}`);
        const holds = said.map(([, one]) => one);
        const wanted = outcome(method, holds, said[2][0].length > 0, range[1]);
        const found = reply(head(method, '/', ...lines, ...ranges)).status;
        expect([lines, ranges, found]).toEqual([lines, ranges, wanted]);
      },
    ),
    { numRuns: FULL ? 200_000 : 6_000 },
  );
});
