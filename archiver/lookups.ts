// lookups.ts: finds results of compression in the packs of the cache: threads do it, thread.ts.
import { cdbHash } from '../src/format/hash.ts';
import { CODING_BR, CODING_GZIP, CODING_NAMES, CODING_ZSTD } from '../src/format/layout.ts';
import type { CdbAddon } from '../src/native.ts';
import type { Recipe } from './effort.ts';
import { PackReader } from './packs.ts';
import type { OpenPack } from './packs.ts';
import type { Result } from './pool.ts';
import type { Take } from './slab.ts';
import { sha256 } from './store.ts';

/** What is made of a body by a recipe. */
export interface Sought {
  /** SHA-256 of the body. */
  readonly body: Uint8Array;
  readonly recipe: Recipe;
}

export interface Lookup {
  /** Open until all lookups have ended; the first one that has it is asked. */
  readonly packs: readonly OpenPack[];
  readonly sought: readonly Sought[];
}

export interface Found extends Result {
  /** Its place in the list of packs. */
  readonly pack: number;
}

type Libraries = Pick<CdbAddon, 'libraries'>;

export class Lookups {
  readonly #addon: Libraries;
  /** By descriptor; undefined: it is none. */
  readonly #readers = new Map<number, PackReader | undefined>();

  constructor(addon: Libraries) {
    this.#addon = addon;
  }

  run({ packs, sought }: Lookup, take: Take): readonly (Found | undefined)[] {
    const readers = packs.map((pack) => this.#readerOf(pack));
    return sought.map((each) => {
      const key = resultKey(each, this.#addon);
      const keyHash = cdbHash(key, 0, key.length);
      for (const [pack, reader] of readers.entries()) {
        const result = reader?.find(key, keyHash, take);
        if (result) return { ...result, pack };
      }
      return undefined;
    });
  }

  #readerOf(pack: OpenPack): PackReader | undefined {
    const { descriptor } = pack;
    if (!this.#readers.has(descriptor)) this.#readers.set(descriptor, PackReader.of(pack));
    return this.#readers.get(descriptor);
  }
}

/** The key in a pack. */
export function resultKey({ body, recipe }: Sought, { libraries }: Libraries): Buffer {
  const { coding, level } = recipe;
  const how = `${CODING_NAMES[coding]} ${level} ${libraryOf(coding, libraries)}`;
  return sha256(Buffer.concat([body, Buffer.from(how)]));
}

/** Name and version of what makes a coding: other versions give other bytes. */
function libraryOf(coding: number, libraries: CdbAddon['libraries']): string {
  if (coding === CODING_BR) return `brotli ${process.versions['brotli']}`;
  if (coding === CODING_GZIP) return libraries.gzip;
  if (coding === CODING_ZSTD) return libraries.zstd;
  throw new Error(`there is no coding ${coding}`);
}
