// kept_files.ts: reads the files of a site anew, but what is as it was when the last archive was
// made it takes out of that.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_BODY_PREFIX, KEY_DIGEST_BYTES } from '../../src/format/layout.ts';
import type { CdbAddon } from '../../src/native.ts';
import type { Workshop } from '../encode.ts';
import type { DigestedContent } from '../read.ts';
import type { FoundFile } from '../scan.ts';

type Reader = Workshop['reader'];

interface Looked {
  readonly stamp: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Whether a later change would have another time. */
  readonly isSettled: boolean;
  /** SHA-256 of what it holds; undefined: not known. */
  digest: Uint8Array | undefined;
}

/** The coarsest times of files are those of FAT, two seconds. */
const SETTLED_MS = 2_000;

export class KeptFiles implements Reader {
  readonly #addon: Pick<CdbAddon, 'cdbFind' | 'mapFile'>;
  readonly #reader: Reader;
  #begunMs = 0;
  /** By path, of this look and of the one that the archive was made of. */
  #looked = new Map<string, Looked>();
  #kept = new Map<string, Looked>();
  #archive = new Uint8Array(0);

  /** `reader` is asked for what is not kept. */
  constructor(addon: Pick<CdbAddon, 'cdbFind' | 'mapFile'>, reader: Reader) {
    this.#addon = addon;
    this.#reader = reader;
  }

  /** Another look begins. */
  begin(nowMs: number): void {
    this.#begunMs = nowMs;
    this.#looked = new Map();
  }

  found({ site, path, bytes, modifiedMs, changedMs }: FoundFile, stamp: string): void {
    const isSettled = changedMs + SETTLED_MS < this.#begunMs;
    const looked = { stamp, bytes, modifiedMs, isSettled, digest: undefined };
    this.#looked.set(join(site.root, path), looked);
  }

  async read(paths: readonly string[]): Promise<readonly (DigestedContent | undefined)[]> {
    const kept = paths.map((path) => this.#find(path));
    const others = paths.filter((_, at) => kept[at] === undefined);
    const read = (others.length > 0 ? await this.#reader.read(others) : []).values();
    return paths.map((path, at) => kept[at] ?? this.#note(path, read.next().value));
  }

  checkBegun(begun: Parameters<Reader['checkBegun']>[0]): ReturnType<Reader['checkBegun']> {
    return this.#reader.checkBegun(begun);
  }

  findFault(written: Parameters<Reader['findFault']>[0]): Promise<string | undefined> {
    return this.#reader.findFault(written);
  }

  /** This archive has all that was found, and stays as it is. */
  keep(archive: string): void {
    const descriptor = openSync(archive, 'r');
    try {
      this.#archive = new Uint8Array(this.#addon.mapFile(descriptor));
      this.#kept = this.#looked;
    } catch {
      // Some file systems map nothing: all is read again.
      this.#kept = new Map();
    } finally {
      closeSync(descriptor);
    }
  }

  #find(path: string): DigestedContent | undefined {
    const looked = this.#looked.get(path);
    const kept = this.#kept.get(path);
    if (!looked || !kept?.isSettled || !kept.digest || looked.stamp !== kept.stamp)
      return undefined;
    const { digest } = kept;
    const body = this.#addon.cdbFind(this.#archive, keyOf(digest));
    if (!body) return undefined;
    looked.digest = digest;
    const bytes = this.#archive.subarray(body.at, body.at + body.bytes);
    return { bytes, modifiedMs: looked.modifiedMs, digest };
  }

  /** What is no longer as it was found has another stamp in the next look. */
  #note(path: string, content: DigestedContent | undefined): DigestedContent | undefined {
    const looked = this.#looked.get(path);
    if (looked && content) looked.digest = content.digest;
    return content;
  }
}

function keyOf(digest: Uint8Array): Uint8Array {
  const key = new Uint8Array(KEY_DIGEST_BYTES);
  key[0] = KEY_BODY_PREFIX;
  key.set(digest, 1);
  return key;
}
