// respond.ts: writes an answer as outbox rows: stored runs from the archive, fixed texts and the
// date from scratch.
//
// Scratch, in order: fixed texts (written once by boot/canned.ts), the trailers that date.ts
// rewrites once a second, and room for what is made for one answer, taken from the front again
// after every flush.
import { bytesOf } from '../format/bytes.ts';
import {
  VARIANT_BODY_AT,
  VARIANT_BODY_BYTES,
  VARIANT_COMMON_BYTES,
  VARIANT_CONTENT_BYTES,
  VARIANT_HEAD_AT,
  VARIANT_LENGTH_BYTES,
  VARIANT_STATUS_BYTES,
} from '../format/layout.ts';
import {
  OUTBOX_ROWS,
  PARTS_MAX,
  SCRATCH_BYTES,
  SCRATCH_PARTS_BYTES_MAX,
  SCRATCH_STATIC_BYTES,
} from '../limits.ts';
import { u16, u32 } from './archive.ts';
import { HEAD } from './methods.ts';
import * as R from './request.ts';
import { flush, inbox, outbox, scratch } from './ring.ts';
import { CONSUMED, FINISH, OUTBOX_FIELDS, SEND_ARCHIVE, SEND_SCRATCH } from './ring.ts';
import { PERCENT, QUERY_PLAIN } from './tables.ts';

const { request } = R;

/** By status: where head and body of the built-in answer stand in scratch. */
export const CANNED_FIELDS = 4;
export const CANNED_HEAD_AT = 0;
export const CANNED_HEAD_BYTES = 1;
export const CANNED_BODY_AT = 2;
export const CANNED_BODY_BYTES = 3;
export const canned = new Int32Array(600 * CANNED_FIELDS);

/**
 * `Date` and the end of the head; TRAILER_CLOSE and TRAILER_KEEP_ALIVE have a Connection field
 * before it.
 */
export const TRAILER_PLAIN = 0;
export const TRAILER_CLOSE = 1;
export const TRAILER_KEEP_ALIVE = 2;
export const TRAILERS = 3;
export const TRAILER_ROOM = 96;
export const TRAILERS_AT = SCRATCH_STATIC_BYTES;
export const trailerBytes = new Int32Array(TRAILERS);
const MADE_AT = TRAILERS_AT + TRAILERS * TRAILER_ROOM;

/** A redirect has the most: head, query, end of head, trailer. */
const PARTS_PER_ANSWER_MAX = 4;
/** A query with every byte escaped, and a trailer. */
const SCRATCH_PER_ANSWER_MAX = 3 * 8_192 + TRAILER_ROOM;
const HEX_DIGITS = bytesOf('0123456789ABCDEF');

const state = new Int32Array(5);
const ROWS = 0;
const CONNECTION = 1;
const PARTS = 2;
const SCRATCH_PARTS = 3;
const MADE_END = 4;
state[MADE_END] = MADE_AT;

/** Rows to hand to the ring; the tables start anew. */
export function takeRows(): number {
  const rows = state[ROWS]!;
  state[ROWS] = 0;
  state[MADE_END] = MADE_AT;
  return rows;
}

/**
 * All rows until the next call belong to this connection. Makes room for as many as it can have.
 */
export function startConnection(connection: number): void {
  const full = state[ROWS]! + PARTS_MAX + 2 > OUTBOX_ROWS;
  if (full || state[MADE_END]! + SCRATCH_PARTS_BYTES_MAX > SCRATCH_BYTES) flush(takeRows());
  state[CONNECTION] = connection;
  state[PARTS] = 0;
  state[SCRATCH_PARTS] = 0;
}

/** May this connection have another answer in this turn? */
export function hasRoom(): boolean {
  return (
    state[PARTS]! + PARTS_PER_ANSWER_MAX <= PARTS_MAX &&
    state[SCRATCH_PARTS]! + SCRATCH_PER_ANSWER_MAX <= SCRATCH_PARTS_BYTES_MAX
  );
}

export function pushConsumed(bytes: number, again: number): void {
  push(CONSUMED, again, bytes);
}

export function pushFinish(): void {
  push(FINISH, 0, 0);
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

function pushArchive(offset: number, length: number): void {
  if (length === 0) return;
  state[PARTS] = state[PARTS]! + 1;
  push(SEND_ARCHIVE, offset, length);
}

function pushScratch(offset: number, length: number): void {
  state[PARTS] = state[PARTS]! + 1;
  if (offset >= SCRATCH_STATIC_BYTES) state[SCRATCH_PARTS] = state[SCRATCH_PARTS]! + length;
  push(SEND_SCRATCH, offset, length);
}

/** Ends the head: Date, and Connection where the client must know. RFC 9112 9.3, 9.6. */
function pushTrailer(): void {
  let trailer = TRAILER_PLAIN;
  if (request[R.CLOSING] === 1) trailer = TRAILER_CLOSE;
  else if (request[R.MINOR] === 0) trailer = TRAILER_KEEP_ALIVE;
  pushScratch(TRAILERS_AT + trailer * TRAILER_ROOM, trailerBytes[trailer]!);
}

/** The stored head and body as they are: 200, and a 404 that the archive has a page for. */
export function sendStored(variant: number): void {
  pushArchive(u32((variant + VARIANT_HEAD_AT) | 0), headBytes(variant) + lengthBytes(variant));
  pushTrailer();
  if (request[R.METHOD] === HEAD) return;
  pushArchive(u32((variant + VARIANT_BODY_AT) | 0), u32((variant + VARIANT_BODY_BYTES) | 0));
}

/** Status line of our own, and the stored fields that a 304 repeats. RFC 9110 15.4.5. */
export function sendNotModified(variant: number): void {
  const status = u16((variant + VARIANT_STATUS_BYTES) | 0);
  pushScratch(cannedField(304, CANNED_HEAD_AT), cannedField(304, CANNED_HEAD_BYTES));
  const common = (u32((variant + VARIANT_HEAD_AT) | 0) + status) | 0;
  pushArchive(common, u16((variant + VARIANT_COMMON_BYTES) | 0));
  pushTrailer();
}

/** The stored head with the query of the request at the end of its Location. */
export function sendRedirect(base: number, variant: number): void {
  const head = u32((variant + VARIANT_HEAD_AT) | 0);
  const bytes = headBytes(variant);
  pushArchive(head, bytes);
  pushQuery(base);
  pushArchive((head + bytes) | 0, lengthBytes(variant));
  pushTrailer();
}

/** A built-in answer: an error, or the 204 of OPTIONS. */
export function sendCanned(status: number): void {
  pushScratch(cannedField(status, CANNED_HEAD_AT), cannedField(status, CANNED_HEAD_BYTES));
  pushTrailer();
  const body = cannedField(status, CANNED_BODY_BYTES);
  if (body === 0 || request[R.METHOD] === HEAD) return;
  pushScratch(cannedField(status, CANNED_BODY_AT), body);
}

function cannedField(status: number, field: number): number {
  return canned[status * CANNED_FIELDS + field]!;
}

/** Runs 1 to 3. */
function headBytes(variant: number): number {
  return (
    u16((variant + VARIANT_STATUS_BYTES) | 0) +
    u16((variant + VARIANT_COMMON_BYTES) | 0) +
    u16((variant + VARIANT_CONTENT_BYTES) | 0)
  );
}

/** Run 4. */
function lengthBytes(variant: number): number {
  return u16((variant + VARIANT_LENGTH_BYTES) | 0);
}

/** The query as sent, `?` included; what may not stand in a URI is escaped. */
function pushQuery(base: number): void {
  const end = base + request[R.QUERY_END]!;
  const start = state[MADE_END]!;
  let made = start;
  for (let at = base + request[R.QUERY_AT]!; at < end; at++) {
    const byte = inbox[at]!;
    if (QUERY_PLAIN[byte] !== 0) {
      scratch[made++] = byte;
      continue;
    }
    scratch[made++] = PERCENT;
    scratch[made++] = HEX_DIGITS[byte >> 4]!;
    scratch[made++] = HEX_DIGITS[byte & 15]!;
  }
  state[MADE_END] = made;
  if (made > start) pushScratch(start, made - start);
}
