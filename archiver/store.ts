// store.ts: puts bodies, header blocks and routes into a CDB being written, each stored once.
//
// What it remembers of a record is where it is: length and digest stand in the record itself, and
// are read from there.
import { createHash, hash } from 'node:crypto';
import type { CdbMake } from '../src/native.ts';
import {
  CDB_RECORD_HEAD_BYTES,
  CDB_SLOT_BYTES,
  KEY_BODY_PREFIX,
  KEY_DIGEST_BYTES,
  KEY_HEAD_PREFIX,
} from '../src/format/layout.ts';
import { DigestIndex } from './digest_index.ts';
import type { HeadBlock } from './headers.ts';

/** The archive has reached its limit; too_large.ts says what to do. */
export class ArchiveFull extends Error {}

export interface StoredBody {
  readonly bytes: number;
  /** SHA-256 */
  readonly digest: Uint8Array;
}

const HASH_SLICE_BYTES = 256 * 1024 * 1024;
/** Of a body or a header block, up to its value. */
const KEYED_HEAD_BYTES = CDB_RECORD_HEAD_BYTES + KEY_DIGEST_BYTES;

export class Store {
  readonly #make: CdbMake;
  readonly #bytesMax: number;
  readonly #bodyIndex = new DigestIndex((at, digest) => this.#isAt(at, digest));
  readonly #headIndex = new DigestIndex((at, digest) => this.#isAt(at, digest));
  /** Used again for each record with a digest. */
  readonly #key = Buffer.alloc(KEY_DIGEST_BYTES);
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
    const known = this.#bodyIndex.find(digest);
    if (known !== 0) return { at: known, fresh: false };
    this.#bodies++;
    return { at: this.#addKeyed(KEY_BODY_PREFIX, this.#bodyIndex, bytes, digest), fresh: true };
  }

  /** Gives the absolute offset of the block. */
  addHead({ bytes }: HeadBlock): number {
    const digest = sha256(bytes);
    const known = this.#headIndex.find(digest);
    if (known !== 0) return known;
    this.#heads++;
    return this.#addKeyed(KEY_HEAD_PREFIX, this.#headIndex, bytes, digest);
  }

  /** Of the body at an offset that addBody() gave. */
  body(at: number): StoredBody {
    const head = this.#headAt(at);
    return { bytes: head.readUInt32LE(4), digest: head.subarray(CDB_RECORD_HEAD_BYTES + 1) };
  }

  #addKeyed(prefix: number, index: DigestIndex, bytes: Uint8Array, digest: Uint8Array): number {
    const key = this.#key;
    key[0] = prefix;
    key.set(digest, 1);
    const at = this.add(key, bytes);
    index.add(digest, at);
    return at;
  }

  #isAt(at: number, digest: Uint8Array): boolean {
    return this.#headAt(at)
      .subarray(CDB_RECORD_HEAD_BYTES + 1)
      .equals(digest);
  }

  #headAt(at: number): Buffer {
    const head = Buffer.allocUnsafe(KEYED_HEAD_BYTES);
    this.#make.read(at - KEYED_HEAD_BYTES, head);
    return head;
  }
}

export function sha256(bytes: Uint8Array): Buffer {
  if (bytes.length <= HASH_SLICE_BYTES) return hash('sha256', bytes, 'buffer');
  const sum = createHash('sha256');
  for (let at = 0; at < bytes.length; at += HASH_SLICE_BYTES) {
    sum.update(bytes.subarray(at, at + HASH_SLICE_BYTES));
  }
  return sum.digest();
}
