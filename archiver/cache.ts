// cache.ts: results of compression kept between runs, in packs below one folder.
//
// A run only ever adds a pack, and the oldest ones go when all are too large together. What a run
// finds in the older half it writes anew, so that what goes is what nobody has asked for. Runs at
// the same time see nothing of each other until one has ended.
import { closeSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CdbAddon } from '../src/native.ts';
import type { Memory } from './encode.ts';
import { removeLeftovers } from './leftovers.ts';
import { resultKey } from './lookups.ts';
import type { Found, Sought } from './lookups.ts';
import { PackReader, PackWriter, isPack, isUnfinished, openPack } from './packs.ts';
import type { OpenPack } from './packs.ts';
import type { Pool, Result } from './pool.ts';
import { sha256 } from './store.ts';

export interface CacheOptions {
  /** As cacheFolderFault() approves of. */
  readonly folder: string;
  readonly bytesMax: number;
  readonly addon: CdbAddon;
  /** Looks into packs, and has ended when the cache is closed. */
  readonly pool: Pick<Pool, 'lookUp'>;
  /** Told once when nothing more can be written. */
  onFailure(error: Error): void;
}

/** What a kill loses at most; of a large cache, what makes 64 packs of it. */
const PACK_BYTES_MIN = 16 * 1024 * 1024;
const PACKS_WANTED = 64;
/** Each is looked into for each key: more small ones than this become one. */
const SMALL_PACKS_MAX = 8;
const SMALL_PACK_BYTES = 4 * 1024 * 1024;
const NOTHING: Result = { bytes: new Uint8Array(0), digest: sha256(new Uint8Array(0)) };

export class Cache implements Memory {
  readonly #options: CacheOptions;
  /** The newest first. */
  readonly #packs: readonly OpenPack[];
  /** Packs from here on are the older half. */
  readonly #oldFrom: number;
  readonly #packBytes: number;
  #writer: PackWriter | undefined;
  #room: number;

  constructor(options: CacheOptions) {
    const { folder, bytesMax, addon } = options;
    this.#options = options;
    removeLeftovers(folder, isUnfinished, addon);
    this.#packs = newestFirst(folder).flatMap(({ path }) => openPack(path) ?? []);
    this.#oldFrom = fitting(this.#packs, bytesMax / 2);
    this.#packBytes = Math.max(PACK_BYTES_MIN, bytesMax / PACKS_WANTED);
    this.#room = bytesMax / 2;
  }

  async find(sought: readonly Sought[]): Promise<readonly (Result | 'unpaid' | undefined)[]> {
    if (this.#packs.length === 0) return sought.map(() => undefined);
    const found = await this.#options.pool.lookUp({ packs: this.#packs, sought });
    return found.map((result, at) => result && this.#renew(sought[at]!, result));
  }

  add(sought: Sought, result: Result | 'unpaid'): void {
    this.#write(this.#keyOf(sought), result === 'unpaid' ? NOTHING : result);
  }

  /** Keeps what was added, and makes room. */
  close(): void {
    const { folder, bytesMax } = this.#options;
    this.#guarded(() => {
      const all = this.#packs.filter(isSmall);
      const small = all.length > SMALL_PACKS_MAX ? all : [];
      for (const pack of small) this.#putAll(pack);
      this.#finish();
      for (const { path } of small) rmSync(path, { force: true });
      const packs = newestFirst(folder);
      for (const { path } of packs.slice(fitting(packs, bytesMax))) rmSync(path, { force: true });
    });
    for (const { descriptor } of this.#packs) closeSync(descriptor);
  }

  #keyOf(sought: Sought): Buffer {
    return resultKey(sought, this.#options.addon);
  }

  #renew(sought: Sought, result: Found): Result | 'unpaid' {
    if (result.pack >= this.#oldFrom) this.#write(this.#keyOf(sought), result);
    const { bytes, digest } = result;
    return bytes.length === 0 ? 'unpaid' : { bytes, digest };
  }

  #write(key: Uint8Array, result: Result): void {
    if (result.bytes.length > this.#room) return;
    this.#room -= result.bytes.length;
    this.#guarded(() => this.#put(key, result));
  }

  #put(key: Uint8Array, result: Result): void {
    this.#writer ??= new PackWriter(this.#options.folder, this.#options.addon);
    this.#writer.add(key, result);
    if (this.#writer.bytes > this.#packBytes) this.#finish();
  }

  #putAll(pack: OpenPack): void {
    for (const [key, result] of PackReader.of(pack)?.entries() ?? []) this.#put(key, result);
  }

  #finish(): void {
    this.#writer?.finish();
    this.#writer = undefined;
  }

  /** A cache that fails costs time and nothing else. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#room = -1;
      this.#writer?.discard();
      this.#writer = undefined;
      this.#options.onFailure(error as Error);
    }
  }
}

interface PackFile {
  readonly path: string;
  readonly bytes: number;
}

function newestFirst(folder: string): PackFile[] {
  return readdirSync(folder)
    .filter(isPack)
    .flatMap((name) => {
      const path = join(folder, name);
      // Another run may have removed it just now.
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats ? [{ path, bytes: stats.size, modifiedMs: stats.mtimeMs }] : [];
    })
    .sort((left, right) => right.modifiedMs - left.modifiedMs);
}

/** How many of the first ones are no more than so many bytes together. */
function fitting(packs: readonly { readonly bytes: number }[], bytesMax: number): number {
  let sum = 0;
  const over = packs.findIndex(({ bytes }) => (sum += bytes) > bytesMax);
  return over < 0 ? packs.length : over;
}

function isSmall({ bytes }: { readonly bytes: number }): boolean {
  return bytes < SMALL_PACK_BYTES;
}
