// cdb.ts: reads records of a whole CDB file that src/boot/archive.ts has found sound.
//
// Nothing is checked again here. The server's own lookup is in src/hot; this one is for tools and
// tests.
import { cdbHash } from './hash.ts';
import { CDB_HEADER_BYTES, CDB_RECORD_HEAD_BYTES, CDB_SLOT_BYTES } from './layout.ts';
import { wordsOf } from './source.ts';
import type { Source, Words } from './source.ts';

/** Of a record; the value is read when it is asked for, and a body may be long. */
export class Record {
  readonly key: Uint8Array;
  /** Absolute offset of the value. */
  readonly valueAt: number;
  readonly valueBytes: number;
  readonly #source: Source;

  constructor(source: Source, words: Words, at: number) {
    const keyAt = at + CDB_RECORD_HEAD_BYTES;
    this.valueAt = keyAt + words.getUint32(at, true);
    this.valueBytes = words.getUint32(at + 4, true);
    this.key = source.subarray(keyAt, this.valueAt);
    this.#source = source;
  }

  get value(): Uint8Array {
    return this.#source.subarray(this.valueAt, this.valueAt + this.valueBytes);
  }
}

/** Every record in the order of writing. */
export function* cdbRecords(source: Source): Generator<Record> {
  const words = wordsOf(source);
  const end = words.getUint32(0, true);
  for (let at = CDB_HEADER_BYTES; at < end;) {
    const record = new Record(source, words, at);
    yield record;
    at = record.valueAt + record.valueBytes;
  }
}

export function cdbFind(source: Source, key: Uint8Array): Record | undefined {
  const words = wordsOf(source);
  const hash = cdbHash(key, 0, key.length);
  const table = words.getUint32((hash & 255) * 8, true);
  const slots = words.getUint32((hash & 255) * 8 + 4, true);
  for (let tried = 0; tried < slots; tried++) {
    const slot = table + (((hash >>> 8) + tried) % slots) * CDB_SLOT_BYTES;
    const at = words.getUint32(slot + 4, true);
    if (at === 0) return undefined;
    if (words.getUint32(slot, true) !== hash) continue;
    const record = new Record(source, words, at);
    if (Buffer.compare(record.key, key) === 0) return record;
  }
  return undefined;
}
