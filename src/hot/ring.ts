// ring.ts: the tables shared with the native ring, and the only file of the hot zone that touches
// the addon.
//
// Contract: native/ring.h. All tables are made once, here, at load; native is handed their memory
// by openRing().
import { CONNECTIONS_MAX, CONNECTIONS_SPARE, EVENT_ROWS, INBOX_BYTES } from '../limits.ts';
import { OUTBOX_ROWS, PEER_BYTES, SCRATCH_BYTES } from '../limits.ts';

export const EVENT_CONNECTION = 0;
export const EVENT_KIND = 1;
export const EVENT_OFFSET = 2;
export const EVENT_LENGTH = 3;
export const EVENT_FIELDS = 4;

export const OPENED = 1;
export const DATA = 2;
export const HALF_CLOSED = 3;
export const CLOSED = 4;
export const EXPIRED = 5;
export const REFUSED = 6;
export const DRAINED = 7;
export const CONTROL = 8;
export const TICK = 9;

export const OUTBOX_FIELDS = 4;
export const SEND_ARCHIVE = 1;
export const SEND_SCRATCH = 2;
export const CONSUMED = 3;
export const FINISH = 4;
export const NOTE = 5;
export const TEXT = 6;
export const AGAIN = 1;

/** The low bits of a connection are its number, an index into every table by connection. */
export const NUMBER_MASK = 0xffff;

/** Reading a word that starts within the inbox reads at most so far past it. */
const WORD_SLACK = 3;
/** Received bytes. After each range that an event names stands one zero byte. */
export const inbox = new Uint8Array(new ArrayBuffer(INBOX_BYTES + WORD_SLACK), 0, INBOX_BYTES);
/** The same bytes, four at a time from any place. */
export const inboxView = new DataView(inbox.buffer);
export const events = new Int32Array(EVENT_ROWS * EVENT_FIELDS);
/**
 * Signed here, unsigned in native: offsets above 2 GiB pass through as bits and never become
 * doubles.
 */
export const outbox = new Int32Array(OUTBOX_ROWS * OUTBOX_FIELDS);
export const scratch = new Uint8Array(SCRATCH_BYTES);
/** Addresses, a row for each connection. Lazily touched by the kernel. */
export const peers = new Uint8Array((CONNECTIONS_MAX + CONNECTIONS_SPARE) * PEER_BYTES);
/** Of a row: 1 where the operator trusts that peer. */
export const PEER_TRUSTED = 1;

/** What the hot zone calls of src/native.ts's Ring. */
export interface RingCalls {
  turn(rows: number): number;
  flush(rows: number): void;
}

/**
 * Before a ring is opened there is nothing to flush to: warm-up and tests read the tables
 * themselves.
 */
let ring: RingCalls = { turn: () => 0, flush: () => undefined };

export function openRing(calls: RingCalls): void {
  ring = calls;
}

export function turn(rows: number): number {
  return ring.turn(rows);
}

export function flush(rows: number): void {
  ring.flush(rows);
}

/** By the number of its connection. */
export function isTrustedPeer(number: number): boolean {
  return peers[number * PEER_BYTES + PEER_TRUSTED] === 1;
}
