// store.ts: puts bodies, header blocks and routes into a CDB being written, each stored once.
//
// What it remembers per record is where the record is, never its bytes.
import { createHash } from 'node:crypto';
import type { CdbMake } from '../src/native.ts';
import {
  CDB_RECORD_HEAD_BYTES,
  CDB_SLOT_BYTES,
  KEY_BODY_PREFIX,
  KEY_DIGEST_BYTES,
  KEY_HEAD_PREFIX,
} from '../src/format/layout.ts';
import type { HeadBlock } from './headers.ts';

/** The archive has reached its limit; too_large.ts says what to do. */
export class ArchiveFull extends Error {}

const HASH_SLICE_BYTES = 256 * 1024 * 1024;

export class Store {
  readonly #make: CdbMake;
  readonly #bytesMax: number;
  readonly #offsets = new Map<string, number>();
  #records = 0;
  #bodies = 0;
  #heads = 0;

  constructor(make: CdbMake, bytesMax: number) {
    this.#make = make;
    this.#bytesMax = bytesMax;
  }

  get bodies(): number {
    return this.#bodies;
  }

  get heads(): number {
    return this.#heads;
  }

  /**
   * Gives the absolute offset of the value. Throws ArchiveFull when the record and its slots would
   * end past the limit.
   */
  add(key: Uint8Array, value: Uint8Array): number {
    const end = this.#make.position + CDB_RECORD_HEAD_BYTES + key.length + value.length;
    const tables = (this.#records + 1) * 2 * CDB_SLOT_BYTES;
    if (end + tables > this.#bytesMax) throw new ArchiveFull();
    this.#records++;
    return this.#make.add(key, value);
  }

  /** `fresh`: no body with this digest was there. */
  addBody(bytes: Uint8Array, digest: Uint8Array): { at: number; fresh: boolean } {
    const stored = this.#addOnce(KEY_BODY_PREFIX, bytes, digest);
    if (stored.fresh) this.#bodies++;
    return stored;
  }

  /** Gives the absolute offset of the block. */
  addHead(block: HeadBlock): number {
    const stored = this.#addOnce(KEY_HEAD_PREFIX, block.bytes, sha256(block.bytes));
    if (stored.fresh) this.#heads++;
    return stored.at;
  }

  #addOnce(prefix: number, bytes: Uint8Array, digest: Uint8Array): { at: number; fresh: boolean } {
    const key = Buffer.alloc(KEY_DIGEST_BYTES, prefix);
    key.set(digest, 1);
    // Text in latin1 takes a third of the memory of a buffer.
    const name = key.toString('latin1');
    const known = this.#offsets.get(name);
    if (known !== undefined) return { at: known, fresh: false };
    const at = this.add(key, bytes);
    this.#offsets.set(name, at);
    return { at, fresh: true };
  }
}

export function sha256(bytes: Uint8Array): Buffer {
  const sum = createHash('sha256');
  for (let at = 0; at < bytes.length; at += HASH_SLICE_BYTES) {
    sum.update(bytes.subarray(at, at + HASH_SLICE_BYTES));
  }
  return sum.digest();
}
