// journal.ts: a journal as a worker writes it, or as somebody who took the worker might.
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JOURNAL, RECORD, TEXTS } from '../../src/ops/journal.ts';
import { onEnd } from './cleanup.ts';

export interface Answer {
  readonly status?: number;
  readonly method?: number;
  readonly timeMs?: number;
  readonly bodyBytes?: number;
  readonly peer?: Buffer;
  readonly line?: Texts;
  readonly host?: Texts;
  readonly referer?: Texts;
  readonly userAgent?: Texts;
  readonly client?: Texts;
}

/** A string is bytes, one for each character. */
type Texts = string | Uint8Array;

export const NOON = Date.UTC(2026, 10, 22, 15, 50, 0, 7);

export function peerOf(family: number, address: readonly number[] = []): Buffer {
  const peer = Buffer.alloc(20);
  peer[0] = family;
  peer.set(address, 4);
  return peer;
}

/** struct journal_record of native/journal.h and its texts. */
export function recordOf(answer: Answer): Buffer {
  const { line = 'GET / HTTP/1.1', host, referer, userAgent, client } = answer;
  const texts = [line, host, referer, userAgent, client].map((text = '') =>
    typeof text === 'string' ? Buffer.from(text, 'latin1') : Buffer.from(text),
  );
  const bytes = RECORD.texts + texts.reduce((sum, text) => sum + text.length, 0);
  const record = Buffer.alloc(Math.ceil(bytes / 8) * 8);
  record.writeUInt32LE(record.length, 0);
  record.writeUInt32LE(((answer.status ?? 200) - 100) * 5 + (answer.method ?? 0), RECORD.slot);
  record.writeBigUInt64LE(BigInt(answer.timeMs ?? NOON), RECORD.timeMs);
  record.writeBigUInt64LE(BigInt(answer.bodyBytes ?? 0), RECORD.bodyBytes);
  (answer.peer ?? peerOf(4, [203, 0, 113, 7])).copy(record, RECORD.peer);
  let at: number = RECORD.texts;
  for (let text = 0; text < TEXTS; text++) {
    record.writeUInt16LE(texts[text]!.length, RECORD.lengths + 2 * text);
    at += texts[text]!.copy(record, at);
  }
  return record;
}

/** The worker's side of a ring: a file without a name in place of a memfd. */
export class JournalPen {
  readonly descriptor: number;
  /** For those of whom there are many. */
  readonly close: () => Promise<void>;
  readonly #ringBytes: number;
  #written: bigint;
  #dropped = 0n;

  /** `start`: where its positions begin, for what happens far in the life of a worker. */
  constructor(ringBytes: number, start = 0n) {
    const folder = mkdtempSync(join(tmpdir(), 'cdbserve-journal-'));
    this.descriptor = openSync(join(folder, 'journal'), 'w+');
    rmSync(folder, { recursive: true });
    ftruncateSync(this.descriptor, JOURNAL.ring + ringBytes);
    this.close = onEnd(() => closeSync(this.descriptor));
    this.#ringBytes = ringBytes;
    this.#written = start;
  }

  /** What the reader says it has read. */
  get read(): bigint {
    const bytes = Buffer.alloc(8);
    readSync(this.descriptor, bytes, 0, 8, JOURNAL.read);
    return bytes.readBigUInt64LE();
  }

  get written(): bigint {
    return this.#written;
  }

  /** As a worker does: whole, or dropped and counted. */
  add(record: Buffer): boolean {
    if (this.#written - this.read + BigInt(record.length) > BigInt(this.#ringBytes)) {
      this.put(JOURNAL.dropped, (this.#dropped += 1n));
      return false;
    }
    this.force(record);
    return true;
  }

  /** Writes over whatever has not been read. */
  force(bytes: Buffer): void {
    const place = Number(this.#written % BigInt(this.#ringBytes));
    const first = bytes.subarray(0, this.#ringBytes - place);
    writeSync(this.descriptor, first, 0, first.length, JOURNAL.ring + place);
    const rest = bytes.subarray(first.length);
    writeSync(this.descriptor, rest, 0, rest.length, JOURNAL.ring);
    this.jump(this.#written + BigInt(bytes.length));
  }

  /** Says that it has written up to there. */
  jump(written: bigint): void {
    this.#written = BigInt.asUintN(64, written);
    this.put(JOURNAL.written, this.#written);
  }

  put(at: number, number: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, number));
    writeSync(this.descriptor, bytes, 0, 8, at);
  }
}
