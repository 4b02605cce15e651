// journal.test.ts: rings as workers leave them, and as somebody who took a worker might.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LOG_FIELD_BYTES_MAX, LOG_LINE_BYTES_MAX } from '../../src/limits.ts';
import {
  CopyRoom,
  JOURNAL,
  type JournalRecord,
  JournalRing,
  RECORD,
  RECORD_BYTES_MAX,
  TEXT,
  type Taken,
} from '../../src/ops/journal.ts';
import { JournalPen, NOON, peerOf, recordOf } from '../support/journal.ts';

const RING_BYTES = 64 * 1024;
const COPY_BYTES = 32 * 1024;
const FULL = process.env['CDBSERVE_FULL'] === '1';

const room = new CopyRoom(COPY_BYTES);

function textOf({ bytes, from, to }: JournalRecord, text: number): string {
  return bytes.toString('latin1', from[text], to[text]);
}

/** The request lines of all that there is. */
function takeAll(ring: JournalRing): string[] {
  const lines: string[] = [];
  let taken: Taken = 'more';
  while (taken === 'more') {
    taken = ring.take((record) => {
      lines.push(textOf(record, TEXT.line));
      return true;
    });
  }
  expect(taken).toBe('all');
  return lines;
}

function open(start = 0n): { pen: JournalPen; ring: JournalRing } {
  const pen = new JournalPen(RING_BYTES, start);
  return { pen, ring: new JournalRing(pen.descriptor, room) };
}

test('a record is read as it was written', () => {
  const { pen, ring } = open();
  pen.add(
    recordOf({
      status: 404,
      method: 1,
      bodyBytes: 2 ** 52 + 1,
      peer: peerOf(6, [0x20, 1]),
      line: 'HEAD /x HTTP/1.1',
      host: 'example.org',
      referer: 'http://a/',
      userAgent: 'b \xff\0',
      client: '192.0.2.1',
    }),
  );
  const seen: unknown[] = [];
  ring.take((record) => {
    const { status, timeMs, bodyBytes, bytes, peer } = record;
    const texts = Object.values(TEXT).map((text) => textOf(record, text));
    seen.push([status, timeMs, bodyBytes, [...bytes.subarray(peer, peer + 6)], texts]);
    return true;
  });
  const texts = ['HEAD /x HTTP/1.1', 'example.org', 'http://a/', 'b \xff\0', '192.0.2.1'];
  expect(seen).toEqual([[404, NOON, 2 ** 52 + 1, [6, 0, 0, 0, 0x20, 1], texts]]);
  expect(pen.read).toBe(pen.written);
  expect([ring.dropped, ring.damaged]).toEqual([0, 0]);
});

test.each(['GET /\r\nHost: a', 'GET /\nHost: a', 'GET /\r\r\n'])(
  'a request line ends: %j',
  (line) => {
    const { pen, ring } = open();
    pen.add(recordOf({ line }));
    expect(takeAll(ring)).toEqual(['GET /']);
  },
);

test('every record of every size is taken once and in order, over the end of the ring', () => {
  const { pen, ring } = open();
  const wrote: string[] = [];
  const read: string[] = [];
  for (let round = 0; round < 2_000; round++) {
    const line = `${round} ${'x'.repeat((round * 37) % 900)}`;
    if (pen.add(recordOf({ line, userAgent: 'y'.repeat(round % 9) }))) wrote.push(line);
    if (round % 50 === 49) read.push(...takeAll(ring));
  }
  expect(read).toEqual(wrote);
  expect(wrote.length + ring.dropped).toBe(2_000);
  expect(pen.written).toBeGreaterThan(BigInt(10 * RING_BYTES));
  expect(ring.damaged).toBe(0);
});

test('the largest records follow each other through copies that each hold one and a part', () => {
  const { pen, ring } = open();
  const field = 'f'.repeat(LOG_FIELD_BYTES_MAX);
  const texts = { host: field, referer: field, userAgent: field, client: field };
  const records = 'abcdef'.split('').map((name) => name.repeat(LOG_LINE_BYTES_MAX));
  expect(recordOf({ line: records[0]!, ...texts })).toHaveLength(RECORD_BYTES_MAX);
  const read = records.flatMap((line, index) => {
    expect(pen.add(recordOf({ line, ...texts }))).toBe(true);
    return index % 3 === 2 ? takeAll(ring) : [];
  });
  expect(read).toEqual(records);
});

test('what finds no taker comes again', () => {
  const { pen, ring } = open();
  for (const line of ['a', 'b', 'c']) pen.add(recordOf({ line }));
  const seen: string[] = [];
  expect(
    ring.take((record) => {
      if (seen.length === 2) return false;
      seen.push(textOf(record, TEXT.line));
      return true;
    }),
  ).toBe('full');
  expect([...seen, ...takeAll(ring)]).toEqual(['a', 'b', 'c']);
});

test('positions go over 2^64', () => {
  const start = 2n ** 64n - 4_096n;
  const { pen, ring } = open();
  pen.jump(start);
  expect(takeAll(ring)).toEqual([]);
  expect(ring.damaged).toBe(1);
  const lines = Array.from({ length: 100 }, (_, index) => `GET /${index} HTTP/1.1`);
  for (const line of lines) pen.force(recordOf({ line }));
  expect(pen.written).toBeLessThan(start);
  expect(takeAll(ring)).toEqual(lines);
  expect(ring.damaged).toBe(1);
});

const JUMPS: readonly (readonly [string, bigint])[] = [
  ['backwards', -8n],
  ['by no multiple of 8', 60n],
  ['by more than a ring', BigInt(RING_BYTES) + 8n],
  ['far', 2n ** 60n],
];

test.each(JUMPS)(
  'a position that goes %s is passed over, and what comes then is read',
  (_, jump) => {
    const { pen, ring } = open();
    pen.add(recordOf({ line: 'before' }));
    expect(takeAll(ring)).toEqual(['before']);
    pen.jump(pen.written + jump);
    expect(takeAll(ring)).toEqual([]);
    expect(pen.read).toBe(pen.written);
    pen.add(recordOf({ line: 'after' }));
    expect(takeAll(ring)).toEqual(['after']);
    expect(ring.damaged).toBe(1);
  },
);

const WRONG: readonly (readonly [string, (record: Buffer) => void])[] = [
  ['a size of nothing', (record) => record.writeUInt32LE(0, 0)],
  ['a size that is less than a head', (record) => record.writeUInt32LE(48, 0)],
  ['a size that is no multiple of 8', (record) => record.writeUInt32LE(record.length - 4, 0)],
  ['a size beyond what was written', (record) => record.writeUInt32LE(record.length + 8, 0)],
  ['the largest size', (record) => record.writeUInt32LE(0xffff_ffff, 0)],
  ['a slot that is none', (record) => record.writeUInt32LE(2_500, RECORD.slot)],
  ['a time after 9999', (record) => record.writeBigUInt64LE(2n ** 48n, RECORD.timeMs)],
  ['bytes beyond 2^53', (record) => record.writeBigUInt64LE(2n ** 53n, RECORD.bodyBytes)],
  ['a length of less', (record) => record.writeUInt16LE(3, RECORD.lengths)],
  ['a length of more', (record) => record.writeUInt16LE(100, RECORD.lengths + 2)],
  ['a length over its limit', (record) => record.writeUInt16LE(8_193, RECORD.lengths)],
  ['all ones', (record) => record.fill(0xff)],
  ['zeros', (record) => record.fill(0)],
];

test.each(WRONG)('a record with %s is damage, once', (_, spoil) => {
  const { pen, ring } = open();
  const record = recordOf({ line: 'GET /spoilt-one HTTP/1.1', userAgent: 'some agent' });
  spoil(record);
  pen.add(recordOf({ line: 'before' }));
  pen.add(record);
  expect(takeAll(ring)).toEqual(['before']);
  expect(ring.damaged).toBe(1);
  pen.add(recordOf({ line: 'after' }));
  expect(takeAll(ring)).toEqual(['after']);
  expect(ring.damaged).toBe(1);
});

test('a part of a record is damage, not a reason to wait', () => {
  const { pen, ring } = open();
  pen.force(recordOf({ line: 'x'.repeat(100) }).subarray(0, 80));
  expect(takeAll(ring)).toEqual([]);
  expect(ring.damaged).toBe(1);
});

test('what the worker says of itself is not believed: neither read nor a count that falls', () => {
  const { pen, ring } = open();
  pen.put(JOURNAL.dropped, 7n);
  pen.add(recordOf({ line: 'a' }));
  expect(takeAll(ring)).toEqual(['a']);
  pen.put(JOURNAL.read, 0n);
  pen.put(JOURNAL.dropped, 3n);
  expect(takeAll(ring)).toEqual([]);
  expect([ring.dropped, ring.damaged]).toEqual([7, 0]);
  pen.put(JOURNAL.dropped, 2n ** 64n - 1n);
  takeAll(ring);
  expect(String(ring.dropped)).toMatch(/^[0-9]+$/);
});

test('counters without a ring have no records, whatever they say', () => {
  const pen = new JournalPen(0);
  const ring = new JournalRing(pen.descriptor, room);
  expect(takeAll(ring)).toEqual([]);
  pen.put(JOURNAL.written, 4_096n);
  expect(takeAll(ring)).toEqual([]);
  expect(ring.damaged).toBe(1);
});

/** What a worker's place may be used for: real records, damaged ones, noise, jumps. */
const act = fc.oneof(
  fc.record({
    add: fc.record({
      status: fc.integer({ min: 100, max: 599 }),
      line: fc.uint8Array({ maxLength: 300 }),
      userAgent: fc.uint8Array({ maxLength: 300 }),
    }),
    flips: fc.array(fc.tuple(fc.nat(4_000), fc.nat(255)), { maxLength: 3 }),
  }),
  fc.record({ noise: fc.uint8Array({ maxLength: 400 }) }),
  fc.record({ jump: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record({ place: fc.nat(20_568), number: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
);

test('whatever is written, each record given keeps its bounds, and then the ring is good again', () => {
  const run = fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
    const { pen, ring } = open();
    for (const one of acts) {
      if ('add' in one) {
        const record = recordOf(one.add);
        for (const [at, byte] of one.flips) record[at % record.length] = byte;
        pen.add(record);
      } else if ('noise' in one) pen.force(Buffer.from(one.noise));
      else if ('jump' in one) pen.jump(one.jump);
      else pen.put(one.place, one.number);
      let taken: Taken = 'more';
      for (let copies = 0; taken === 'more'; copies++) {
        expect(copies).toBeLessThanOrEqual(RING_BYTES / COPY_BYTES + 1);
        taken = ring.take(isSound);
      }
    }
    takeAll(ring);
    pen.jump(pen.read);
    pen.add(recordOf({ line: 'at last' }));
    expect(takeAll(ring)).toEqual(['at last']);
    void pen.close();
  });
  fc.assert(run, { numRuns: FULL ? 20_000 : 300 });
});

function isSound({ bytes, size, status, from, to, peer }: JournalRecord): boolean {
  expect(status).toBeGreaterThanOrEqual(100);
  expect(status).toBeLessThan(600);
  expect(size).toBeLessThanOrEqual(RECORD_BYTES_MAX);
  for (let text = 0; text < from.length; text++) {
    expect(from[text]).toBeLessThanOrEqual(to[text]!);
    expect(to[text]).toBeLessThanOrEqual(bytes.length);
  }
  expect(peer + 20).toBeLessThanOrEqual(bytes.length);
  return true;
}
