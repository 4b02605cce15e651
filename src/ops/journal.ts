// journal.ts: takes the records a worker noted in its journal: copies them once, checks the copy.
//
// A stranger may have that worker, and write while it is read: nothing counts but the copy, and
// whatever it says leads to a record that holds to its bounds, or to damage that is counted.
import { fstatSync, readSync, writeSync } from 'node:fs';
import { JOURNAL_READ_AT } from '../boot/orders.ts';
import { LOG_FIELD_BYTES_MAX, LOG_LINE_BYTES_MAX } from '../limits.ts';

/** Bytes in the layout of native/journal.h. */
export const JOURNAL = { written: 0, dropped: 8, read: JOURNAL_READ_AT, ring: 24_576 } as const;
/** The same in a record. */
export const RECORD = {
  slot: 4,
  timeMs: 8,
  bodyBytes: 16,
  peer: 24,
  lengths: 44,
  texts: 56,
} as const;
const ALIGNMENT = 8;
/** Status and method as one number, see slotOf(). */
const SLOTS = 2_500;
const METHODS = 5;
const STATUS_MIN = 100;

export const TEXT = { line: 0, host: 1, referer: 2, userAgent: 3, client: 4 } as const;
export const TEXTS = 5;
export const RECORD_BYTES_MAX = RECORD.texts + LOG_LINE_BYTES_MAX + 4 * LOG_FIELD_BYTES_MAX;

/** The last millisecond of the year 9999: a time has one form. */
const TIME_MS_MAX = 253_402_300_799_999;
/** More than a worker has in its life: beside it, what others lose would not show. */
const DROPPED_MAX = 1n << 48n;
const WORD = 2 ** 32;
const CR = 0x0d;
const LF = 0x0a;

/** One for all: filled anew for each record. */
export class JournalRecord {
  /** What the record and its texts stand in. */
  readonly bytes: Buffer;
  /** Of the record, its texts included. */
  size = 0;
  status = 0;
  timeMs = 0;
  bodyBytes = 0;
  /** Where the peer stands: u8 family (0, 1, 4, 6), u8 trusted, u16 port, 16 bytes address. */
  peer = 0;
  /** Where text n begins, and behind its last byte. The request line ends before a CR or LF. */
  readonly from = new Uint32Array(TEXTS);
  readonly to = new Uint32Array(TEXTS);

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** Takes a record, or has no room for it now. */
export type Taker = (record: JournalRecord) => boolean;

/** `full`: the taker has no room; `more`: there is more than was copied. */
export type Taken = 'all' | 'more' | 'full';

/** Where copies are made: one for all rings, since no copy is used after take(). */
export class CopyRoom {
  readonly record: JournalRecord;
  readonly words: Uint32Array;
  readonly halves: Uint16Array;

  /** `bytes`: a multiple of 8, and room for the largest record. */
  constructor(bytes: number) {
    const memory = new ArrayBuffer(bytes);
    this.record = new JournalRecord(Buffer.from(memory));
    this.words = new Uint32Array(memory);
    this.halves = new Uint16Array(memory);
  }
}

/** The ring of one worker, from the supervisor's side. */
export class JournalRing {
  readonly #descriptor: number;
  readonly #room: CopyRoom;
  readonly #ringBytes: number;
  readonly #page = Buffer.alloc(2 * ALIGNMENT);
  /** Never read back: the worker can write there. */
  #read = 0n;
  #dropped = 0n;
  #damaged = 0;

  constructor(descriptor: number, room: CopyRoom) {
    this.#descriptor = descriptor;
    this.#room = room;
    this.#ringBytes = Math.max(0, fstatSync(descriptor).size - JOURNAL.ring);
  }

  /** Records that found no room, as the worker says: the most it has said. */
  get dropped(): number {
    return Number(this.#dropped);
  }

  /** How often what stood there made no sense, and was passed over. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Gives at most one copy's worth of records, each once. */
  take(taker: Taker): Taken {
    const ahead = this.#ahead();
    if (ahead === 0) return 'all';
    const copied = this.#copy(Math.min(ahead, this.#room.record.bytes.length));
    let at = 0;
    let isFull = false;
    while (at < copied && !isFull) {
      const size = this.#check(at, copied);
      if (size === 0) {
        if (copied < ahead && isCut(this.#room.words, at, copied)) break;
        this.#damaged++;
        at = ahead;
      } else if (taker(this.#room.record)) at += size;
      else isFull = true;
    }
    this.#advance(at);
    if (isFull) return 'full';
    return at > 0 && at < ahead ? 'more' : 'all';
  }

  /** Bytes that were written and not read. What cannot be is damage, and passed over. */
  #ahead(): number {
    readSync(this.#descriptor, this.#page, 0, this.#page.length, JOURNAL.written);
    const written = this.#page.readBigUInt64LE(JOURNAL.written);
    const dropped = this.#page.readBigUInt64LE(JOURNAL.dropped);
    if (dropped > this.#dropped && dropped <= DROPPED_MAX) this.#dropped = dropped;
    const ahead = BigInt.asUintN(64, written - this.#read);
    if (ahead <= this.#ringBytes && ahead % BigInt(ALIGNMENT) === 0n) return Number(ahead);
    this.#damaged++;
    this.#read = written;
    this.#publish();
    return 0;
  }

  /** Over the end of the ring to its beginning, where need be. */
  #copy(bytes: number): number {
    const place = Number(this.#read % BigInt(this.#ringBytes));
    const first = Math.min(bytes, this.#ringBytes - place);
    const into = this.#room.record.bytes;
    const copied = readSync(this.#descriptor, into, 0, first, JOURNAL.ring + place);
    if (copied < first || first === bytes) return copied;
    return first + readSync(this.#descriptor, into, first, bytes - first, JOURNAL.ring);
  }

  /** Fills in the record at `at` and gives its size; 0: none that is whole, or none at all. */
  #check(at: number, copied: number): number {
    const { words, halves, record } = this.#room;
    if (copied - at < RECORD.texts) return 0;
    const size = words[at >> 2]!;
    if (size > copied - at) return 0;
    let end = at + RECORD.texts;
    for (let text = 0; text < TEXTS; text++) {
      const length = halves[(at + RECORD.lengths + 2 * text) >> 1]!;
      if (length > (text === TEXT.line ? LOG_LINE_BYTES_MAX : LOG_FIELD_BYTES_MAX)) return 0;
      record.from[text] = end;
      record.to[text] = end += length;
    }
    if (size !== padded(end - at)) return 0;
    return readFacts(record, words, at) ? size : 0;
  }

  #advance(bytes: number): void {
    if (bytes === 0) return;
    this.#read = BigInt.asUintN(64, this.#read + BigInt(bytes));
    this.#publish();
  }

  #publish(): void {
    this.#page.writeBigUInt64LE(this.#read, 0);
    writeSync(this.#descriptor, this.#page, 0, ALIGNMENT, JOURNAL.read);
  }
}

/** Is it only that the copy ends within a record that may be sound? */
function isCut(words: Uint32Array, at: number, copied: number): boolean {
  if (copied - at < RECORD.texts) return true;
  const size = words[at >> 2]!;
  return size > copied - at && size <= padded(RECORD_BYTES_MAX);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** False: numbers that no answer has. */
function readFacts(record: JournalRecord, words: Uint32Array, at: number): boolean {
  const slot = words[(at + RECORD.slot) >> 2]!;
  const timeMs = readNumber(words, at + RECORD.timeMs);
  const bodyBytes = readNumber(words, at + RECORD.bodyBytes);
  if (slot >= SLOTS || timeMs > TIME_MS_MAX || bodyBytes > Number.MAX_SAFE_INTEGER) return false;
  record.size = words[at >> 2]!;
  record.status = STATUS_MIN + Math.floor(slot / METHODS);
  record.timeMs = timeMs;
  record.bodyBytes = bodyBytes;
  record.peer = at + RECORD.peer;
  record.to[TEXT.line] = endOfLine(record);
  return true;
}

function readNumber(words: Uint32Array, at: number): number {
  return words[at >> 2]! + words[(at + 4) >> 2]! * WORD;
}

/** Of a request that could not be read there is whatever came of it. */
function endOfLine({ bytes, from, to }: JournalRecord): number {
  const end = to[TEXT.line]!;
  for (let at = from[TEXT.line]!; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === CR || byte === LF) return at;
  }
  return end;
}
