// packs.ts: the files of the compression cache. A pack is a CDB file: 32 bytes of key lead to a
// SHA-256 and the bytes it is of.
//
// Between runs they lie in other hands: reading one gives what was written, or nothing.
import { closeSync, constants, fstatSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CDB_HEADER_BYTES, CDB_RECORD_HEAD_BYTES, CDB_SLOT_BYTES } from '../src/format/layout.ts';
import type { CdbAddon, CdbMake } from '../src/native.ts';
import { isOursAlone } from './cache_folder.ts';
import { openLocked } from './leftovers.ts';
import type { Result } from './pool.ts';
import { ownBuffer } from './slab.ts';
import type { Take } from './slab.ts';
import { sha256 } from './store.ts';

export const KEY_BYTES = 32;
const DIGEST_BYTES = 32;
const RECORD_BYTES = CDB_RECORD_HEAD_BYTES + KEY_BYTES;

export const isPack = (name: string): boolean => /^[0-9a-f]{16}\.pack$/.test(name);
export const isUnfinished = (name: string): boolean => /^\.[0-9a-f]{16}\.tmp$/.test(name);

interface Value {
  readonly valueAt: number;
  readonly valueBytes: number;
}

/** A file that is there for as long as it is open, also when another run removes it. */
export interface OpenPack {
  readonly path: string;
  readonly descriptor: number;
  readonly bytes: number;
}

/** Undefined: it is gone, is no file, or could be somebody else's. */
export function openPack(path: string): OpenPack | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  const stats = fstatSync(descriptor);
  if (stats.isFile() && isOursAlone(stats)) return { path, descriptor, bytes: stats.size };
  closeSync(descriptor);
  return undefined;
}

export class PackReader {
  readonly #descriptor: number;
  readonly #header: Buffer;
  readonly #tables: Buffer;
  readonly #tablesAt: number;
  /** Of the record looked at last. */
  readonly #record = Buffer.alloc(RECORD_BYTES);

  /** Undefined: it is no pack. It is read for as long as it is open. */
  static of({ descriptor, bytes }: OpenPack): PackReader | undefined {
    const header = readAt(descriptor, 0, CDB_HEADER_BYTES);
    const tablesAt = header?.readUInt32LE(0) ?? 0;
    const sound = tablesAt >= CDB_HEADER_BYTES;
    const tables = sound ? readAt(descriptor, tablesAt, bytes - tablesAt) : undefined;
    return header && tables ? new PackReader(descriptor, header, tables) : undefined;
  }

  private constructor(descriptor: number, header: Buffer, tables: Buffer) {
    this.#descriptor = descriptor;
    this.#header = header;
    this.#tables = tables;
    this.#tablesAt = header.readUInt32LE(0);
  }

  /** `hash` is cdbHash() of the key; digest and bytes are in what `take` gives. */
  find(key: Uint8Array, hash: number, take: Take): Result | undefined {
    const table = this.#header.readUInt32LE((hash & 255) * 8) - this.#tablesAt;
    const slots = this.#header.readUInt32LE((hash & 255) * 8 + 4);
    if (table < 0 || table + slots * CDB_SLOT_BYTES > this.#tables.length) return undefined;
    for (let tried = 0; tried < slots; tried++) {
      const slot = table + (((hash >>> 8) + tried) % slots) * CDB_SLOT_BYTES;
      const at = this.#tables.readUInt32LE(slot + 4);
      if (at === 0) return undefined;
      if (this.#tables.readUInt32LE(slot) !== hash) continue;
      const record = this.#recordAt(at);
      if (record && Buffer.compare(record.key, key) === 0) return this.#resultAt(record, take);
    }
    return undefined;
  }

  /** Every sound entry, in the order of writing. */
  *entries(): Generator<readonly [key: Uint8Array, result: Result]> {
    for (let at = CDB_HEADER_BYTES; at < this.#tablesAt;) {
      const record = this.#recordAt(at);
      if (!record) return;
      const result = this.#resultAt(record, ownBuffer);
      if (result) yield [Buffer.from(record.key), result];
      at = record.valueAt + record.valueBytes;
    }
  }

  /** Its key is good until the next call. */
  #recordAt(at: number) {
    const head = this.#record;
    const whole = readInto(head, this.#descriptor, at);
    if (!whole || head.readUInt32LE(0) !== KEY_BYTES) return undefined;
    const valueAt = at + RECORD_BYTES;
    const valueBytes = head.readUInt32LE(4);
    if (valueBytes < DIGEST_BYTES || valueAt + valueBytes > this.#tablesAt) return undefined;
    return { key: head.subarray(CDB_RECORD_HEAD_BYTES), valueAt, valueBytes };
  }

  #resultAt({ valueAt, valueBytes }: Value, take: Take): Result | undefined {
    const value = take(valueBytes);
    if (!readInto(value, this.#descriptor, valueAt)) return undefined;
    const digest = value.subarray(0, DIGEST_BYTES);
    const bytes = value.subarray(DIGEST_BYTES);
    return sha256(bytes).equals(digest) ? { bytes, digest } : undefined;
  }
}

/** A pack being written: nobody sees it before it is complete. */
export class PackWriter {
  readonly #folder: string;
  readonly #name = randomBytes(8).toString('hex');
  readonly #descriptor: number;
  readonly #make: CdbMake;

  /** Throws as the system does, here and in everything below. */
  constructor(folder: string, addon: CdbAddon) {
    this.#folder = folder;
    this.#descriptor = openLocked(this.#path, 0o600, addon);
    this.#make = new addon.CdbMake(this.#descriptor);
  }

  get bytes(): number {
    return this.#make.position;
  }

  add(key: Uint8Array, { digest, bytes }: Result): void {
    this.#make.add(key, Buffer.concat([digest, bytes]));
  }

  finish(): void {
    this.#make.finish();
    renameSync(this.#path, join(this.#folder, `${this.#name}.pack`));
    closeSync(this.#descriptor);
  }

  discard(): void {
    rmSync(this.#path, { force: true });
    closeSync(this.#descriptor);
  }

  get #path(): string {
    return join(this.#folder, `.${this.#name}.tmp`);
  }
}

/** Undefined: the file does not reach so far. */
function readAt(descriptor: number, at: number, bytes: number): Buffer | undefined {
  if (bytes < 0) return undefined;
  const buffer = Buffer.allocUnsafe(bytes);
  return readInto(buffer, descriptor, at) ? buffer : undefined;
}

/** False: the file does not reach so far. */
function readInto(bytes: Uint8Array, descriptor: number, at: number): boolean {
  for (let done = 0; done < bytes.length;) {
    const taken = readSync(descriptor, bytes, done, bytes.length - done, at + done);
    if (taken === 0) return false;
    done += taken;
  }
  return true;
}
