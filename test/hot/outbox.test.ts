// outbox.test.ts: rows, parts and the scratch bytes made for an answer.
import { beforeEach, expect, test } from 'vitest';
import * as outbox from '../../src/hot/outbox.ts';
import * as ring from '../../src/hot/ring.ts';
import * as limits from '../../src/limits.ts';
import { CONNECTION, readOutbox, takeOutbox } from './harness.ts';
import type { Row } from './harness.ts';

const MADE_AT = outbox.TRAILERS_AT + outbox.TRAILERS * outbox.TRAILER_ROOM;
let flushes: Row[][] = [];

beforeEach(() => {
  flushes = [];
  ring.openRing({ turn: () => 0, flush: (rows) => void flushes.push(readOutbox(rows)) });
  outbox.takeRows();
  outbox.startConnection(CONNECTION);
});

const made = ({ offset, length }: Row): string =>
  Buffer.from(ring.scratch.subarray(offset, offset + length)).toString('latin1');

test('rows in the order pushed, each with its connection', () => {
  outbox.pushArchive(0xf000_0000 | 0, 0x9000_0000 | 0);
  outbox.pushScratch(7, 5);
  outbox.startConnection(9);
  outbox.pushConsumed(12, ring.AGAIN);
  outbox.pushFinish();
  expect(takeOutbox()).toEqual([
    { connection: CONNECTION, op: ring.SEND_ARCHIVE, offset: 0xf000_0000, length: 0x9000_0000 },
    { connection: CONNECTION, op: ring.SEND_SCRATCH, offset: 7, length: 5 },
    { connection: 9, op: ring.CONSUMED, offset: ring.AGAIN, length: 12 },
    { connection: 9, op: ring.FINISH, offset: 0, length: 0 },
  ]);
  expect(takeOutbox()).toEqual([]);
});

test('nothing of the archive is no part', () => {
  outbox.pushArchive(5, 0);
  expect(outbox.hasRoom(limits.PARTS_MAX, 0)).toBe(true);
  expect(takeOutbox()).toEqual([]);
});

test.each([
  ...Array.from({ length: 10 }, (_, power) => 10 ** power).flatMap((number) => [
    number - 1,
    number,
    number + 1,
  ]),
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
])('%d in decimal', (number) => {
  outbox.makeNumber(number);
  outbox.pushMade();
  expect(takeOutbox().map(made)).toEqual([`${number}`]);
});

test('what is made stands in one part until it is pushed, and parts follow each other', () => {
  outbox.makeText(Buffer.from('ab'));
  outbox.makeByte(0x63);
  outbox.makeNumber(0);
  outbox.pushMade();
  outbox.pushMade();
  outbox.makeText(Buffer.from('d'));
  outbox.pushMade();
  const rows = takeOutbox();
  expect(rows.map(made)).toEqual(['abc0', 'd']);
  expect(rows.map(({ offset }) => offset)).toEqual([MADE_AT, MADE_AT + 4]);
});

test('room is counted in parts, and in scratch bytes that change', () => {
  const { PARTS_MAX, SCRATCH_PARTS_BYTES_MAX, SCRATCH_STATIC_BYTES } = limits;
  expect(outbox.hasRoom(PARTS_MAX, SCRATCH_PARTS_BYTES_MAX)).toBe(true);
  expect(outbox.hasRoom(PARTS_MAX + 1, 0)).toBe(false);
  expect(outbox.hasRoom(0, SCRATCH_PARTS_BYTES_MAX + 1)).toBe(false);
  outbox.pushArchive(1, 1_000_000);
  outbox.pushScratch(0, 100);
  expect(outbox.hasRoom(PARTS_MAX - 2, SCRATCH_PARTS_BYTES_MAX)).toBe(true);
  expect(outbox.hasRoom(PARTS_MAX - 1, 0)).toBe(false);
  outbox.pushScratch(SCRATCH_STATIC_BYTES, 100);
  expect(outbox.hasRoom(0, SCRATCH_PARTS_BYTES_MAX - 100)).toBe(true);
  expect(outbox.hasRoom(0, SCRATCH_PARTS_BYTES_MAX - 99)).toBe(false);
  outbox.startConnection(9);
  expect(outbox.hasRoom(PARTS_MAX, SCRATCH_PARTS_BYTES_MAX)).toBe(true);
});

test('a connection starts only where all its rows fit', () => {
  const connections = 2_000;
  const rowsEach = limits.PARTS_MAX + 2;
  for (let connection = 0; connection < connections; connection++) {
    outbox.startConnection(connection);
    for (let part = 0; part < limits.PARTS_MAX; part++) outbox.pushArchive(connection, 1);
    outbox.pushConsumed(1, 0);
    outbox.pushFinish();
  }
  const rows = [...flushes, takeOutbox()];
  expect(rows.length).toBeGreaterThan(1);
  for (const some of rows) {
    expect(some.length).toBeLessThanOrEqual(limits.OUTBOX_ROWS);
    expect(some.length % rowsEach).toBe(0);
  }
  expect(rows.flat()).toHaveLength(connections * rowsEach);
});

test('a connection starts only where all its scratch fits; after a flush it is used again', () => {
  const bytes = Buffer.alloc(limits.SCRATCH_PARTS_BYTES_MAX, 0x61);
  for (let connection = 0; connection < 100; connection++) {
    outbox.startConnection(connection);
    outbox.makeText(bytes);
    outbox.pushMade();
  }
  const rows = [...flushes, takeOutbox()];
  expect(rows.length).toBeGreaterThan(3);
  for (const some of rows) {
    expect(some[0]!.offset).toBe(MADE_AT);
    const last = some.at(-1)!;
    expect(last.offset + last.length).toBeLessThanOrEqual(limits.SCRATCH_BYTES);
  }
});
