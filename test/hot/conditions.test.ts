// conditions.test.ts: If-None-Match against the ETag of the selected coding.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODING_GZIP, CODING_IDENTITY } from '../../src/format/layout.ts';
import { FULL } from '../support/ledger.ts';
import { value } from '../support/reply.ts';
import { ask, askEveryWay, get, page, reply, repliesOf, serve } from './harness.ts';
import { counterexample } from './property.ts';

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
  '/moved': { location: '/' },
  '404/': { status: 404, variants: [{ body: 'missing', etag: '' }] },
});

const status = (target: string, ...values: readonly string[]): number =>
  reply(get(target, ...values.map((text) => `If-None-Match: ${text}`))).status;

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

test('the head of a 304', () => {
  const answer = reply(get('/', `If-None-Match: ${ETAG}`));
  expect(answer.fields.map(([name]) => name).sort()).toEqual(['Cache-Control', 'Date', 'ETag']);
  expect(answer.body).toHaveLength(0);
});

test('HEAD too, and the connection goes on', () => {
  const condition = `If-None-Match: ${ETAG}\r\n`;
  const request = `HEAD / HTTP/1.1\r\nHost: a\r\n${condition}\r\n`;
  const answer = ask(request + get('/'));
  expect(repliesOf(answer, [0]).map((one) => one.status)).toEqual([304, 200]);
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

test('conditions change no answer but a 200', () => {
  expect(status('/moved', '*')).toBe(308);
  expect(status('/missing', '*')).toBe(404);
  expect(reply('OPTIONS / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n').status).toBe(204);
});

test('lines far apart in any spelling are one list, however they arrive', () => {
  const lines = ['IF-NONE-MATCH:"x"', 'If-None-Matcher: y', 'X: If-None-Match: "q"'];
  const text = get('/', ...lines, `if-none-match: \t ${ETAG}\t `, 'If-None-Match:');
  expect(repliesOf(askEveryWay(text)).map((one) => one.status)).toEqual([304]);
  expect(value(reply(text), 'etag')).toBe(ETAG);
});

/** Members end at commas outside quotes; each line stands for itself. */
function reference(values: readonly string[]): number {
  if (values.length === 1 && values[0]!.trim() === '*') return 304;
  const members = values.flatMap((text) => text.match(/(?:[^",]|"[^"]*(?:"|$))+/g) ?? []);
  const opaque = members.map(
    (text) => /^[ \t]*(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*$/.exec(text)?.[1],
  );
  return opaque.includes(ETAG) ? 304 : 200;
}

test('any list is read as the plain implementation reads it', () => {
  const piece = fc.constantFrom(
    ...[
      [ETAG, ETAG, `W/${ETAG}`, '"x"', '"', '""', 'W/', 'W', 'w/', '/', '*', ',', ',', ', '],
      [' ', '\t', 'a', 'b', 'a,b', '\xff', '\\'],
    ].flat(),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const lists = fc.array(text, { minLength: 1, maxLength: 3 });
  const agrees = (values: readonly string[]): boolean =>
    status('/', ...values) === reference(values);
  expect(counterexample(lists, FULL ? 300_000 : 5_000, agrees)).toBeUndefined();
});
