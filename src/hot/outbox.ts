// outbox.ts: the rows handed to the ring, and the scratch bytes made for one answer.
//
// Scratch, in order: fixed texts (written once by boot/canned.ts), the trailers that date.ts
// rewrites once a second, and room for what is made, taken from the front again after every flush.
import { bytesOf } from '../format/bytes.ts';
import {
  NOTE_TEXTS,
  OUTBOX_ROWS,
  PARTS_MAX,
  SCRATCH_BYTES,
  SCRATCH_PARTS_BYTES_MAX,
  SCRATCH_STATIC_BYTES,
} from '../limits.ts';
import { flush, outbox, scratch } from './ring.ts';
import { CONSUMED, FINISH, NOTE, OUTBOX_FIELDS, SEND_ARCHIVE, SEND_SCRATCH } from './ring.ts';
import { TEXT } from './ring.ts';
import { DIGIT_0, PERCENT } from './tables.ts';

/** `Date` and the end of the head; the latter two have a Connection field before it. */
export const TRAILER_PLAIN = 0;
export const TRAILER_CLOSE = 1;
export const TRAILER_KEEP_ALIVE = 2;
export const TRAILERS = 3;
export const TRAILER_ROOM = 96;
export const TRAILERS_AT = SCRATCH_STATIC_BYTES;
export const trailerBytes = new Int32Array(TRAILERS);
const MADE_AT = TRAILERS_AT + TRAILERS * TRAILER_ROOM;

/** The decimal digits of a u32. */
const DIGITS_MAX = 10;
const digits = new Uint8Array(DIGITS_MAX);
const HEX_DIGITS = bytesOf('0123456789ABCDEF');

const state = new Int32Array(6);
const ROWS = 0;
const CONNECTION = 1;
const PARTS = 2;
const SCRATCH_PARTS = 3;
const MADE_START = 4;
const MADE_END = 5;
state[MADE_START] = MADE_AT;
state[MADE_END] = MADE_AT;

/** Rows to hand to the ring; the tables start anew. */
export function takeRows(): number {
  const rows = state[ROWS]!;
  state[ROWS] = 0;
  state[MADE_START] = MADE_AT;
  state[MADE_END] = MADE_AT;
  return rows;
}

/** Parts, a note with texts for each answer, which has two parts at least, and both ends. */
const ROWS_PER_CONNECTION = PARTS_MAX + (PARTS_MAX / 2) * (1 + NOTE_TEXTS) + 2;

/** All rows until the next call belong to this connection. Makes room for all it can have. */
export function startConnection(connection: number): void {
  const full = state[ROWS]! + ROWS_PER_CONNECTION > OUTBOX_ROWS;
  if (full || state[MADE_END]! + SCRATCH_PARTS_BYTES_MAX > SCRATCH_BYTES) flush(takeRows());
  state[CONNECTION] = connection;
  state[PARTS] = 0;
  state[SCRATCH_PARTS] = 0;
}

/** May this connection have that many more parts, and scratch bytes in them, in this turn? */
export function hasRoom(parts: number, scratchBytes: number): boolean {
  return (
    state[PARTS]! + parts <= PARTS_MAX &&
    state[SCRATCH_PARTS]! + scratchBytes <= SCRATCH_PARTS_BYTES_MAX
  );
}

export function pushConsumed(bytes: number, again: number): void {
  push(CONSUMED, again, bytes);
}

export function pushFinish(): void {
  push(FINISH, 0, 0);
}

export function pushArchive(offset: number, length: number): void {
  if (length === 0) return;
  state[PARTS] = state[PARTS]! + 1;
  push(SEND_ARCHIVE, offset, length);
}

export function pushScratch(offset: number, length: number): void {
  state[PARTS] = state[PARTS]! + 1;
  if (offset >= SCRATCH_STATIC_BYTES) state[SCRATCH_PARTS] = state[SCRATCH_PARTS]! + length;
  push(SEND_SCRATCH, offset, length);
}

/** An answer was made: where it is counted, and the bytes of its body. */
export function pushNote(slot: number, bytes: number): void {
  push(NOTE, slot, bytes);
}

/** Bytes of the inbox that go with the note before. */
export function pushText(offset: number, length: number): void {
  push(TEXT, offset, length);
}

function push(op: number, offset: number, length: number): void {
  const row = state[ROWS]!;
  const at = row * OUTBOX_FIELDS;
  outbox[at] = state[CONNECTION]!;
  outbox[at + 1] = op;
  outbox[at + 2] = offset;
  outbox[at + 3] = length;
  state[ROWS] = row + 1;
}

export function makeByte(byte: number): void {
  const end = state[MADE_END]!;
  scratch[end] = byte;
  state[MADE_END] = end + 1;
}

/** A byte of a URL: as it is, or percent-encoded where it is not among the plain ones. */
export function makeEscaped(byte: number, plain: Uint8Array): void {
  if (plain[byte] !== 0) {
    makeByte(byte);
    return;
  }
  makeByte(PERCENT);
  makeByte(HEX_DIGITS[byte >> 4]!);
  makeByte(HEX_DIGITS[byte & 15]!);
}

export function makeText(text: Uint8Array): void {
  let end = state[MADE_END]!;
  for (let index = 0; index < text.length; index++) scratch[end++] = text[index]!;
  state[MADE_END] = end;
}

/** Decimal, of a u32. */
export function makeNumber(number: number): void {
  let at = DIGITS_MAX;
  let rest = number;
  do {
    const tenth = Math.floor(rest / 10);
    digits[--at] = DIGIT_0 + rest - tenth * 10;
    rest = tenth;
  } while (rest > 0);
  while (at < DIGITS_MAX) makeByte(digits[at++]!);
}

/** What was made since the last call becomes one part. */
export function pushMade(): void {
  const start = state[MADE_START]!;
  const end = state[MADE_END]!;
  if (end > start) pushScratch(start, end - start);
  state[MADE_START] = end;
}
