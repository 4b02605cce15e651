// file_list.ts: the files of all sites as columns: some twenty bytes each beside their names.
import { withRoom } from './columns.ts';
import type { Site, SiteFile } from './site.ts';

export interface ListedFile extends SiteFile {
  /** Its place in the list. */
  readonly index: number;
}

export class FileList implements Iterable<ListedFile> {
  readonly #sites: Site[] = [];
  /** UTF-8, one path after another. */
  #names = new Uint8Array(0);
  /** Where in the names the path of a file ends, which is where the next one begins. */
  #ends = new Uint32Array(0);
  #siteOf = new Uint16Array(0);
  #bytes = new Float64Array(0);
  #modified = new Float64Array(0);
  #length = 0;
  #totalBytes = 0;

  get length(): number {
    return this.#length;
  }

  /** Of all files together. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** UTF-8 of all paths; those of a file are from start(index) to end(index). */
  get names(): Uint8Array {
    return this.#names;
  }

  add({ site, path, bytes, modifiedMs }: SiteFile): void {
    const index = this.#length++;
    const start = this.start(index);
    const end = start + Buffer.byteLength(path);
    this.#names = withRoom(this.#names, end);
    this.#ends = withRoom(this.#ends, this.#length);
    this.#siteOf = withRoom(this.#siteOf, this.#length);
    this.#bytes = withRoom(this.#bytes, this.#length);
    this.#modified = withRoom(this.#modified, this.#length);
    asBuffer(this.#names).write(path, start, 'utf8');
    this.#ends[index] = end;
    this.#siteOf[index] = this.#numberOf(site);
    this.#bytes[index] = bytes;
    this.#modified[index] = modifiedMs;
    this.#totalBytes += bytes;
  }

  at(index: number): ListedFile {
    return {
      index,
      site: this.site(index),
      path: this.path(index),
      bytes: this.#bytes[index]!,
      modifiedMs: this.#modified[index]!,
    };
  }

  path(index: number): string {
    return asBuffer(this.#names).toString('utf8', this.start(index), this.end(index));
  }

  site(index: number): Site {
    return this.#sites[this.#siteOf[index]!]!;
  }

  start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  end(index: number): number {
    return this.#ends[index]!;
  }

  *[Symbol.iterator](): Generator<ListedFile> {
    for (let index = 0; index < this.#length; index++) yield this.at(index);
  }

  /** Those of one size in the order of the list. */
  *largestFirst(): Generator<ListedFile> {
    const order = Uint32Array.from({ length: this.#length }, (_, index) => index);
    order.sort((left, right) => this.#bytes[right]! - this.#bytes[left]!);
    for (const index of order) yield this.at(index);
  }

  /** The last one is asked for most: files come site by site. */
  #numberOf(site: Site): number {
    const known = this.#sites.lastIndexOf(site);
    return known >= 0 ? known : this.#sites.push(site) - 1;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
