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
import { sha256 } from './store.ts';

export const KEY_BYTES = 32;
const DIGEST_BYTES = 32;
const RECORD_BYTES = CDB_RECORD_HEAD_BYTES + KEY_BYTES;

export const isPack = (name: string): boolean => /^[0-9a-f]{16}\.pack$/.test(name);
export const isUnfinished = (name: string): boolean => /^\.[0-9a-f]{16}\.tmp$/.test(name);

export class PackReader {
  readonly path: string;
  readonly bytes: number;
  readonly #descriptor: number;
  readonly #header: Buffer;
  readonly #tables: Buffer;
  readonly #tablesAt: number;

  /** Undefined: it is gone, is none, or could be somebody else's. */
  static open(path: string): PackReader | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch {
      return undefined;
    }
    const stats = fstatSync(descriptor);
    const mayBe = stats.isFile() && isOursAlone(stats);
    const header = mayBe ? readAt(descriptor, 0, CDB_HEADER_BYTES) : undefined;
    const tablesAt = header?.readUInt32LE(0) ?? 0;
    const sound = tablesAt >= CDB_HEADER_BYTES;
    const tables = sound ? readAt(descriptor, tablesAt, stats.size - tablesAt) : undefined;
    if (header && tables) return new PackReader(path, descriptor, header, tables);
    closeSync(descriptor);
    return undefined;
  }

  private constructor(path: string, descriptor: number, header: Buffer, tables: Buffer) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#header = header;
    this.#tables = tables;
    this.#tablesAt = header.readUInt32LE(0);
    this.bytes = this.#tablesAt + tables.length;
  }

  /** `hash` is cdbHash() of the key. */
  find(key: Uint8Array, hash: number): Result | undefined {
    const table = this.#header.readUInt32LE((hash & 255) * 8) - this.#tablesAt;
    const slots = this.#header.readUInt32LE((hash & 255) * 8 + 4);
    if (table < 0 || table + slots * CDB_SLOT_BYTES > this.#tables.length) return undefined;
    for (let tried = 0; tried < slots; tried++) {
      const slot = table + (((hash >>> 8) + tried) % slots) * CDB_SLOT_BYTES;
      const at = this.#tables.readUInt32LE(slot + 4);
      if (at === 0) return undefined;
      if (this.#tables.readUInt32LE(slot) !== hash) continue;
      const record = this.#recordAt(at);
      if (record && Buffer.compare(record.key, key) === 0) return this.#resultAt(record);
    }
    return undefined;
  }

  /** Every sound entry, in the order of writing. */
  *entries(): Generator<readonly [key: Uint8Array, result: Result]> {
    for (let at = CDB_HEADER_BYTES; at < this.#tablesAt;) {
      const record = this.#recordAt(at);
      if (!record) return;
      const result = this.#resultAt(record);
      if (result) yield [record.key, result];
      at = record.valueAt + record.valueBytes;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #recordAt(at: number) {
    const head = readAt(this.#descriptor, at, RECORD_BYTES);
    if (!head || head.readUInt32LE(0) !== KEY_BYTES) return undefined;
    const valueAt = at + RECORD_BYTES;
    const valueBytes = head.readUInt32LE(4);
    if (valueBytes < DIGEST_BYTES || valueAt + valueBytes > this.#tablesAt) return undefined;
    return { key: head.subarray(CDB_RECORD_HEAD_BYTES), valueAt, valueBytes };
  }

  #resultAt({ valueAt, valueBytes }: { valueAt: number; valueBytes: number }): Result | undefined {
    const value = readAt(this.#descriptor, valueAt, valueBytes);
    const digest = value?.subarray(0, DIGEST_BYTES);
    const bytes = value?.subarray(DIGEST_BYTES);
    return digest && bytes && sha256(bytes).equals(digest) ? { bytes, digest } : undefined;
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
  for (let done = 0; done < bytes;) {
    const taken = readSync(descriptor, buffer, done, bytes - done, at + done);
    if (taken === 0) return undefined;
    done += taken;
  }
  return buffer;
}
