// stored_files.ts: what each file of a plan has in the archive: where its bodies are, and its time.
//
// Twenty bytes a file, and an index that finds a file again by its content.
import { CODING_IDENTITY, VARIANTS_MAX } from '../src/format/layout.ts';
import { isPreferred } from '../src/format/preference.ts';
import { DigestIndex } from './digest_index.ts';
import type { Store, StoredBody } from './store.ts';

export interface StoredVariant extends StoredBody {
  /** CODING_* */
  readonly coding: number;
  /** Absolute offset of the body. */
  readonly at: number;
}

export class StoredFiles {
  readonly #store: Store;
  /** By file and coding; 0: it has none in this coding. */
  readonly #bodies: Uint32Array;
  readonly #modified: Uint32Array;
  readonly #contents = new Map<string, DigestIndex>();
  /** Contents that were claimed and are not there yet. */
  readonly #claimed = new Set<string>();

  constructor(store: Store, count: number) {
    this.#store = store;
    this.#bodies = new Uint32Array(count * VARIANTS_MAX);
    this.#modified = new Uint32Array(count);
  }

  /** A file with this content, encoded in the same manner; undefined: there is none. */
  find(digest: Uint8Array, manner: string): number | undefined {
    const place = this.#contents.get(manner)?.find(digest) ?? 0;
    return place === 0 ? undefined : place - 1;
  }

  /** Whether a content is new: nobody has it, and nobody claimed it before. */
  claim(digest: Uint8Array, manner: string): boolean {
    const name = nameOf(digest, manner);
    if (this.#claimed.has(name) || this.find(digest, manner) !== undefined) return false;
    this.#claimed.add(name);
    return true;
  }

  /** `bodies` are offsets by CODING_*, identity among them. */
  add(file: number, bodies: ReadonlyMap<number, number>, digest: Uint8Array, manner: string): void {
    for (const [coding, at] of bodies) this.#bodies[file * VARIANTS_MAX + coding] = at;
    let index = this.#contents.get(manner);
    if (!index) {
      index = new DigestIndex((place, wanted) => this.#hasContent(place - 1, wanted));
      this.#contents.set(manner, index);
    }
    index.add(digest, file + 1);
    this.#claimed.delete(nameOf(digest, manner));
  }

  /** A file has the bodies of another. */
  share(file: number, other: number): void {
    const row = other * VARIANTS_MAX;
    this.#bodies.copyWithin(file * VARIANTS_MAX, row, row + VARIANTS_MAX);
  }

  setModified(file: number, seconds: number): void {
    this.#modified[file] = seconds;
  }

  /** Seconds since 1970; 0: unknown. */
  modified(file: number): number {
    return this.#modified[file]!;
  }

  /** CODING_* of all that a file has. */
  codings(file: number): number[] {
    const row = this.#bodies.subarray(file * VARIANTS_MAX, (file + 1) * VARIANTS_MAX);
    return [...row.keys()].filter((coding) => row[coding] !== 0);
  }

  /** The most preferred first. */
  variants(file: number): StoredVariant[] {
    const variants = this.codings(file).map((coding) => {
      const at = this.#bodies[file * VARIANTS_MAX + coding]!;
      return { coding, at, ...this.#store.body(at) };
    });
    return variants.sort((left, right) =>
      isPreferred(left.coding, left.bytes, right.coding, right.bytes) ? -1 : 1,
    );
  }

  #hasContent(file: number, digest: Uint8Array): boolean {
    const { digest: own } = this.#store.body(this.#bodies[file * VARIANTS_MAX + CODING_IDENTITY]!);
    return Buffer.compare(own, digest) === 0;
  }
}

function nameOf(digest: Uint8Array, manner: string): string {
  return `${manner} ${Buffer.from(digest).toString('latin1')}`;
}
