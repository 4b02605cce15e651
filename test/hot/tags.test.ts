// tags.test.ts: lists of entity tags against the ETag of the selected coding.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODING_GZIP, CODING_IDENTITY } from '../../src/format/layout.ts';
import { value } from '../support/reply.ts';
import { askEveryWay, get, page, reply, repliesOf, serve } from './harness.ts';

const FULL = process.env['CDBSERVE_FULL'] === '1';
const ETAG = '"a,b"';

serve({
  '/': { modified: 1_700_000_000, variants: [{ body: 'root', etag: ETAG }] },
  '/two': {
    variants: [
      { coding: CODING_GZIP, body: 'packed', etag: '"packed"' },
      { coding: CODING_IDENTITY, body: 'plain', etag: '"plain"' },
    ],
  },
  '/none': page('none', ''),
});

const ask = (field: string, target: string, values: readonly string[]): number =>
  reply(get(target, ...values.map((text) => `${field}: ${text}`))).status;
const status = (target: string, ...values: readonly string[]): number =>
  ask('If-None-Match', target, values);
const strong = (target: string, ...values: readonly string[]): number =>
  ask('If-Match', target, values);

test.each([
  [ETAG],
  [`W/${ETAG}`],
  [`"x", ${ETAG}`],
  [`${ETAG},"x"`],
  [`,, ,\t${ETAG} \t,`],
  [`W/"x",W/${ETAG}`],
  ['*'],
  [`junk, ${ETAG}`],
  [`"x"y, ${ETAG}`],
  [`"x y", ${ETAG}`],
  [`"x" "y", ${ETAG}`],
  [`"\xe9", ${ETAG}`],
  [`"", ${ETAG}`],
  ['"x"', ETAG],
  ['', ETAG],
  ['"x"', 'W/"y"', '"z"', ETAG],
  ['*', ETAG],
])('%j is not modified', (...values) => {
  expect(status('/', ...values)).toBe(304);
});

test.each([
  [''],
  [','],
  ['"x"'],
  ['a,b'],
  ['"a'],
  ['b"'],
  ['"a,b'],
  ['"a, b"'],
  ['w/"a,b"'],
  ['W/ "a,b"'],
  ['W"a,b"'],
  ['W/'],
  ['W'],
  ['"a,b"x'],
  ['"a,b""c"'],
  ['x"a,b"'],
  ['"A,B"'],
  ['"a,b" "c"'],
  ['""'],
  ['"'],
  ['*, "x"'],
  ['"x", *'],
  ['**'],
  ['"*"'],
  ['*', '*'],
  ['*', ''],
  ['"x"', '"y"'],
])('%j is modified', (...values) => {
  expect(status('/', ...values)).toBe(200);
});

test('only the ETag of the selected coding counts', () => {
  const two = (etag: string, ...lines: readonly string[]): number =>
    reply(get('/two', `If-None-Match: ${etag}`, ...lines)).status;
  expect(two('"plain"')).toBe(304);
  expect(two('"packed"')).toBe(200);
  expect(two('"packed"', 'Accept-Encoding: gzip')).toBe(304);
  expect(two('"plain"', 'Accept-Encoding: gzip')).toBe(200);
  expect(two('"plain"', 'Accept-Encoding: *;q=0')).toBe(406);
});

test('a route without ETag matches the star alone', () => {
  expect(status('/none', '*')).toBe(304);
  expect(status('/none', '""')).toBe(200);
});

test('If-Match: the same lists, but a weak tag equals none', () => {
  for (const values of [[ETAG], ['*'], [`junk, ${ETAG}`], ['"x"', ETAG], [`W/${ETAG}, ${ETAG}`]]) {
    expect([values, strong('/', ...values)]).toEqual([values, 200]);
  }
  for (const values of [
    [`W/${ETAG}`],
    ['"x"'],
    [''],
    ['*', '*'],
    ['*, "x"'],
    ['a,b'],
    ['"a', 'b"'],
  ]) {
    expect([values, strong('/', ...values)]).toEqual([values, 412]);
  }
  expect([strong('/none', '*'), strong('/none', '""')]).toEqual([200, 412]);
});

test('each field has its own lines', () => {
  const lines = ['if-match: "x"', `If-None-Match: "x"`, `IF-MATCH: ${ETAG}`, 'If-None-Match: "y"'];
  expect(repliesOf(askEveryWay(get('/', ...lines))).map((one) => one.status)).toEqual([200]);
});

test('lines far apart in any spelling are one list, however they arrive', () => {
  const lines = ['IF-NONE-MATCH:"x"', 'If-None-Matcher: y', 'X: If-None-Match: "q"'];
  const text = get('/', ...lines, `if-none-match: \t ${ETAG}\t `, 'If-None-Match:');
  expect(repliesOf(askEveryWay(text)).map((one) => one.status)).toEqual([304]);
  expect(value(reply(text), 'etag')).toBe(ETAG);
});

/** Members end at commas outside quotes; each line stands for itself. */
function reference(values: readonly string[], weak: RegExp): boolean {
  if (values.length === 1 && values[0]!.trim() === '*') return true;
  const members = values.flatMap((text) => text.match(/(?:[^",]|"[^"]*(?:"|$))+/g) ?? []);
  const opaque = members.map(
    (text) => /^[ \t]*("[\x21\x23-\x7e\x80-\xff]*")[ \t]*$/.exec(text.replace(weak, ''))?.[1],
  );
  return opaque.includes(ETAG);
}

const WEAK_MARK = /(?<=^[ \t]*)W\/(?=")/;
const NO_MARK = /(?!)/;

test('any list is read as the plain implementation reads it', () => {
  const piece = fc.constantFrom(
    ...[
      [ETAG, ETAG, `W/${ETAG}`, '"x"', '"', '""', 'W/', 'W', 'w/', '/', '*', ',', ',', ', '],
      [' ', '\t', 'a', 'b', 'a,b', '\xff', '\\'],
    ].flat(),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (values) => {
      expect(status('/', ...values)).toBe(reference(values, WEAK_MARK) ? 304 : 200);
      expect(strong('/', ...values)).toBe(reference(values, NO_MARK) ? 200 : 412);
    }),
    { numRuns: FULL ? 300_000 : 5_000 },
  );
});
