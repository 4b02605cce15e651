// partial.test.ts: answers to a Range, their parts read back from the bytes sent.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODING_GZIP, CODING_IDENTITY } from '../../src/format/layout.ts';
import { boundary } from '../../src/hot/partial.ts';
import * as ring from '../../src/hot/ring.ts';
import * as limits from '../../src/limits.ts';
import type { Reply } from '../support/reply.ts';
import { value, values } from '../support/reply.ts';
import { ask, askEveryWay, event, get, head, page, reply, repliesOf, serve } from './harness.ts';
import { sent, takeOutbox } from './harness.ts';
import type { Row } from './harness.ts';

const FULL = process.env['CDBSERVE_FULL'] === '1';
const LENGTH = 300;
const BODY = Array.from({ length: LENGTH }, (_, at) => String.fromCharCode((at * 37) % 256)).join(
  '',
);
const MODIFIED = Date.UTC(1994, 10, 1) / 1_000;
const TYPE_LINE_BYTES = 'Content-Type: \r\n'.length;
/** As large as a body can be whose places need all 32 bits. */
const BIG = { at: 0x7fff_0000, bytes: 0x8000_0001 };

serve({
  '/a': { modified: MODIFIED, variants: [{ body: BODY, etag: '"a"' }] },
  '/both': {
    variants: [
      { body: BODY.slice(0, 80), coding: CODING_GZIP, etag: '"p"' },
      { body: BODY, coding: CODING_IDENTITY, etag: '"i"' },
    ],
  },
  '/empty': page(''),
  '/untyped': { variants: [{ body: BODY, type: '' }] },
  '/typed': { variants: [{ body: BODY, type: 't'.repeat(256 - TYPE_LINE_BYTES) }] },
  '/long': { variants: [{ body: BODY, type: 't'.repeat(257 - TYPE_LINE_BYTES) }] },
  '/big': { variants: [{ body: '', span: BIG }] },
  '/moved': { location: '/to/' },
  '404/': { status: 404, variants: [{ body: 'missing' }] },
});

const range = (target: string, set: string, ...lines: readonly string[]): string =>
  get(target, `Range: bytes=${set}`, ...lines);
const BOUNDARY = Buffer.from(boundary).toString('latin1');
const SIXTEEN = Array.from({ length: 16 }, (_, at) => `${at}-${at}`).join(',');

/** Parts between the seams, which stand nowhere else; all headers of a part and its bytes. */
function partsOf(answer: Reply): { fields: string[]; bytes: string }[] {
  const form = /^multipart\/byteranges; boundary=([0-9a-f]{32})$/;
  const name = form.exec(value(answer, 'content-type') ?? '')?.[1];
  expect(name).toBe(BOUNDARY);
  const pieces = answer.body.toString('latin1').split(`\r\n--${name}`);
  expect([pieces[0], pieces.at(-1)]).toEqual(['', '--\r\n']);
  expect(answer.body.toString('latin1').split(name!)).toHaveLength(pieces.length);
  return pieces.slice(1, -1).map((piece) => {
    const end = piece.indexOf('\r\n\r\n');
    expect(piece.startsWith('\r\n')).toBe(true);
    return { fields: piece.slice(2, end).split('\r\n'), bytes: piece.slice(end + 4) };
  });
}

const without = (answer: Reply, ...names: readonly string[]): Reply['fields'] =>
  answer.fields.filter(([name]) => !names.includes(name));

test.each([
  ['/a', '0-0', 0, 1],
  ['/a', '299-', 299, 1],
  ['/a', '-1', 299, 1],
  ['/a', '0-', 0, 300],
  ['/a', '10-19', 10, 10],
  ['/a', '99-100,300-', 99, 2],
  ['/both', '0-1', 0, 2],
  ['/untyped', '1-2', 1, 2],
  ['/long', '1-2', 1, 2],
])('one range: %s %s', (target, set, first, bytes) => {
  const whole = reply(get(target));
  const answer = reply(range(target, set));
  expect([answer.status, answer.reason]).toEqual([206, 'Partial Content']);
  expect(answer.body.toString('latin1')).toBe(BODY.slice(first, first + bytes));
  expect(value(answer, 'content-range')).toBe(`bytes ${first}-${first + bytes - 1}/${LENGTH}`);
  expect(value(answer, 'content-length')).toBe(`${bytes}`);
  expect(without(answer, 'Content-Range', 'Content-Length')).toEqual(
    without(whole, 'Content-Length'),
  );
});

test('a range is one of the coding selected', () => {
  const answer = reply(range('/both', '-70', 'Accept-Encoding: gzip'));
  expect(value(answer, 'content-range')).toBe('bytes 10-79/80');
  expect(answer.body.toString('latin1')).toBe(BODY.slice(10, 80));
  expect(value(answer, 'etag')).toBe('"p"');
  expect(value(answer, 'content-encoding')).toBe('gzip');
  expect(value(answer, 'vary')).toBe('Accept-Encoding');
  expect(reply(range('/both', '200-', 'Accept-Encoding: gzip')).status).toBe(416);
});

test.each([
  ['/a', '300-', LENGTH],
  ['/a', '-0', LENGTH],
  ['/both', '400-500,300-', LENGTH],
  ['/empty', '0-0', 0],
])('nothing to send: %s %s', (target, set, length) => {
  const answer = reply(range(target, set));
  expect([answer.status, value(answer, 'content-range')]).toEqual([416, `bytes */${length}`]);
  expect(value(answer, 'vary')).toBe(target === '/both' ? 'Accept-Encoding' : undefined);
  expect(value(answer, 'cache-control')).toBe('no-store');
  expect(answer.body.toString()).toContain('416 Range Not Satisfiable');
  for (const name of ['etag', 'last-modified', 'accept-ranges', 'content-encoding']) {
    expect(values(answer, name)).toEqual([]);
  }
});

test.each([
  ['/a', '0-', 'HEAD'],
  ['/a', '999-', 'HEAD'],
  ['/a', '1-0', 'GET'],
  ['/empty', '-1', 'GET'],
  ['/long', '0-0,1-1', 'GET'],
  ['/missing', '0-0', 'GET'],
  ['/moved', '0-0', 'GET'],
  ['/a', '0-200,100-300', 'GET'],
])('no Range for %s %s %s', (target, set, method) => {
  const whole = reply(head(method, target));
  expect(reply(head(method, target, `Range: bytes=${set}`))).toEqual(whole);
});

test('two lines of Range are ignored, and so is Range in any answer but a 200', () => {
  const lines = ['Range: bytes=0-0', 'Range: bytes=0-0'];
  expect(reply(get('/a', ...lines))).toEqual(reply(get('/a')));
  expect(reply(head('OPTIONS', '/a', lines[0]!)).status).toBe(204);
  expect(reply(head('PUT', '/a', lines[0]!)).status).toBe(405);
});

test.each([['/a'], ['/both'], ['/typed'], ['/untyped']])('several ranges of %s', (target) => {
  const whole = reply(get(target));
  const answer = reply(range(target, '5-9, 0-0,-3,999-,9-10'));
  expect(answer.status).toBe(206);
  expect(values(answer, 'content-range')).toEqual([]);
  const type = value(whole, 'content-type');
  const own = type === undefined ? [] : [`Content-Type: ${type}`];
  expect(partsOf(answer)).toEqual(
    [[5, 9] as const, [0, 0] as const, [297, 299] as const, [9, 10] as const].map(
      ([first, last]) => ({
        fields: [...own, `Content-Range: bytes ${first}-${last}/${LENGTH}`],
        bytes: BODY.slice(first, last + 1),
      }),
    ),
  );
  const framing = ['Content-Type', 'Content-Length'];
  expect(without(answer, ...framing)).toEqual(without(whole, ...framing));
  expect(values(answer, 'content-type')).toHaveLength(1);
});

const span = fc
  .tuple(fc.nat({ max: LENGTH - 1 }), fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: LENGTH })))
  .map(([first, more]) => [first, Math.min(first + more, LENGTH - 1)] as const);
const spans = fc.array(span, { minLength: 1, maxLength: 17 });

test('any ranges are sent as the very bytes, in the order asked', () => {
  const targets = fc.constantFrom('/a', '/both', '/typed', '/untyped');
  fc.assert(
    fc.property(targets, spans, (target, list) => {
      const answer = reply(range(target, list.map(([a, b]) => `${a}-${b}`).join(',')));
      const sum = list.reduce((bytes, [first, last]) => bytes + last - first + 1, 0);
      if (list.length > 16 || (list.length > 1 && sum > LENGTH)) {
        expect([answer.status, answer.body.toString('latin1')]).toEqual([200, BODY]);
        return;
      }
      const parts = list.length > 1 ? partsOf(answer) : undefined;
      const found = parts?.map(({ fields, bytes }) => [fields.at(-1), bytes]) ?? [
        [`Content-Range: ${value(answer, 'content-range')}`, answer.body.toString('latin1')],
      ];
      const wanted = list.map(([first, last]) => [
        `Content-Range: bytes ${first}-${last}/${LENGTH}`,
        BODY.slice(first, last + 1),
      ]);
      expect([answer.status, found]).toEqual([206, wanted]);
    }),
    { numRuns: FULL ? 100_000 : 1_500 },
  );
});

test('a request for ranges is answered alike wherever it is cut', () => {
  for (const set of ['0-0', '0-0,2-2', '999-']) {
    expect(repliesOf(askEveryWay(range('/a', set)))).toHaveLength(1);
  }
});

/** Kinds of answers by their parts: from two to the most that there can be. */
const KINDS: readonly string[] = [
  get('/a'),
  get('/empty'),
  head('HEAD', '/a', 'Range: bytes=0-0'),
  head('OPTIONS', '*'),
  head('PUT', '/a'),
  get('/a', 'If-None-Match: "a"'),
  get('/a', 'If-Match: "b"'),
  get('/both', 'If-Match: "b"'),
  get('/both', 'Accept-Encoding: *;q=0'),
  get('/missing'),
  get('/moved?q'),
  range('/a', '0-9'),
  range('/a', '999-'),
  range('/both', '999-'),
  range('/a', '0-9,20-29'),
  range('/both', SIXTEEN),
  range('/typed', SIXTEEN),
];
const ALONE = KINDS.map((request) => ask(request).bytes);

/** The answer to all of them in one piece is that to each alone, one after the other. */
function expectSeries(kinds: readonly number[]): void {
  const answer = ask(kinds.map((kind) => KINDS[kind]!).join(''));
  const wanted = Buffer.concat(kinds.map((kind) => ALONE[kind]!));
  expect(answer.bytes.equals(wanted), `${kinds.join(' ')}`).toBe(true);
}

/** Answers of 2, 3, 4, 5 and 6 parts. */
const FILLERS = [1, 0, 10, 13, 11];

test('the fillers have the parts they are for', () => {
  const parts = FILLERS.map((kind) => ask(KINDS[kind]!).rows.length - 1);
  expect(parts).toEqual([2, 3, 4, 5, 6]);
});

test('every kind of answer after as many parts of every size as a turn can hold', () => {
  for (const filler of FILLERS) {
    for (let last = 0; last < KINDS.length; last++) {
      for (let count = 0; count <= 33; count++) {
        expectSeries([...Array<number>(count).fill(filler), last]);
      }
    }
  }
});

test('any series of requests gets the answer to each alone', () => {
  const series = fc.array(fc.nat({ max: KINDS.length - 1 }), { maxLength: 60 });
  fc.assert(fc.property(series, expectSeries), { numRuns: FULL ? 20_000 : 400 });
});

test('a multipart answer that finds no room waits for the next turn', () => {
  const answer = ask(get('/a').repeat(10) + range('/a', SIXTEEN) + get('/a'));
  expect(answer.agains).toBe(1);
  expect(repliesOf(answer).map(({ status }) => status)).toEqual([...Array(10).fill(200), 206, 200]);
  const last = get('/a').repeat(10) + range('/a', SIXTEEN, 'Connection: close');
  expect(ask(last)).toMatchObject({ agains: 1, finished: true });
  expect(repliesOf(askEveryWay(last))).toHaveLength(11);
});

function rowsOf(request: string): Row[] {
  ring.inbox.set(Buffer.from(`${request}\0`, 'latin1'), 0);
  event(ring.OPENED);
  event(ring.DATA, 0, request.length);
  return takeOutbox();
}

/** Which stretches of the big body are sent, and all else as text. */
function bigAnswer(set: string): { bodies: [number, number][]; text: string } {
  const rows = rowsOf(range('/big', set));
  const isBody = ({ op, offset }: Row): boolean => op === ring.SEND_ARCHIVE && offset >= BIG.at;
  return {
    bodies: rows.filter(isBody).map(({ offset, length }) => [offset - BIG.at, length]),
    text: sent(rows.filter((row) => !isBody(row))).toString('latin1'),
  };
}

test.each([
  ['0-', 0, BIG.bytes],
  ['2147483647-2147483648', 2 ** 31 - 1, 2],
  ['2147483648-', 2 ** 31, 1],
  ['-1', 2 ** 31, 1],
  ['-2147483648', 1, 2 ** 31],
  ['1-2147483648', 1, 2 ** 31],
  ['65535-65536', 65_535, 2],
])('of a body past 2 GiB: %s', (set, first, bytes) => {
  const { bodies, text } = bigAnswer(set);
  expect(bodies).toEqual([[first, bytes]]);
  expect(text).toContain(`\r\nContent-Length: ${bytes}\r\n`);
  expect(text).toContain(`Content-Range: bytes ${first}-${first + bytes - 1}/${BIG.bytes}\r\n`);
});

test('the whole of a body past 2 GiB, and ranges of it past the end', () => {
  const whole = rowsOf(get('/big')).find(({ offset }) => offset === BIG.at);
  expect(whole).toMatchObject({ op: ring.SEND_ARCHIVE, length: BIG.bytes });
  expect(bigAnswer('2147483649-').text).toContain('Content-Range: bytes */2147483649\r\n');
});

test('several ranges of a body past 2 GiB: the length is exact', () => {
  const { bodies, text } = bigAnswer('0-2147483646,2147483647-,-0,4294967295-');
  expect(bodies).toEqual([
    [0, 2 ** 31 - 1],
    [2 ** 31 - 1, 2],
  ]);
  const seams = text.slice(text.indexOf('\r\n\r\n') + 4).length;
  expect(text).toContain(`\r\nContent-Length: ${seams + BIG.bytes}\r\n`);
  expect(bigAnswer('0-2147483647,2147483647-').bodies).toEqual([[0, BIG.bytes]]);
});

test('the largest multipart answer stays in the bounds of one turn', () => {
  const rows = rowsOf(range('/typed', SIXTEEN));
  const parts = rows.filter(({ op }) => op === ring.SEND_ARCHIVE || op === ring.SEND_SCRATCH);
  expect(parts).toHaveLength(5 + 16 * 2 + 1);
  expect(parts.length).toBeLessThanOrEqual(limits.PARTS_MAX);
});
