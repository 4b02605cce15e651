// read.ts: reads a file that nobody changes meanwhile.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { EXIT, Failure } from '../src/errors.ts';
import { ARCHIVE_BYTES_MAX } from '../src/format/layout.ts';
import { ownBuffer } from './slab.ts';
import type { Take } from './slab.ts';
import { sha256 } from './store.ts';
import { printable } from './text.ts';
import { unreadable } from './unreadable.ts';

export interface Content {
  readonly bytes: Uint8Array;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
}

export interface DigestedContent extends Content {
  /** SHA-256 */
  readonly digest: Uint8Array;
}

/** read(2) takes no more than 2^31 - 1 bytes at once. */
const READ_BYTES_MAX = 256 * 1024 * 1024;
const ATTEMPTS = 2;

/** The whole file; a change of size or time meanwhile is read again once, then a Failure. */
export function readStable(path: string, read = readOnce): Content {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const content = read(path);
    if (content) return content;
  }
  const text = `cannot read ${printable(path)}: it changes while it is read.`;
  throw new Failure(EXIT.failure, `${text} Pack when nothing writes to the site.`);
}

/** What could not be read is undefined: whoever reads it again learns why. */
export function readFiles(
  paths: readonly string[],
  take: Take,
): readonly (DigestedContent | undefined)[] {
  return paths.map((path) => {
    try {
      return readDigested(path, take);
    } catch (error) {
      if (error instanceof Failure) return undefined;
      throw error;
    }
  });
}

/** As readStable(). */
export function readDigested(path: string, take: Take = ownBuffer): DigestedContent {
  const content = readStable(path, () => readOnce(path, take));
  return { ...content, digest: sha256(content.bytes) };
}

/** Undefined when the file was changed while it was read. */
export function readOnce(path: string, take: Take = ownBuffer): Content | undefined {
  let descriptor = -1;
  try {
    // Not to wait for a writer, should the file have become a pipe since the scan.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const before = fstatSync(descriptor);
    if (!before.isFile()) throw new Error('it is no longer a file');
    if (before.size > ARCHIVE_BYTES_MAX) throw new Error('it is larger than a CDB, 4 GiB, can be');
    const bytes = take(before.size);
    const whole = fill(bytes, descriptor);
    const same = whole && isSame(before, fstatSync(descriptor));
    return same ? { bytes, modifiedMs: before.mtimeMs } : undefined;
  } catch (error) {
    throw unreadable(path, 'read', error);
  } finally {
    if (descriptor >= 0) closeSync(descriptor);
  }
}

/** False: the file has become shorter. */
function fill(bytes: Uint8Array, descriptor: number): boolean {
  for (let at = 0; at < bytes.length;) {
    const length = Math.min(bytes.length - at, READ_BYTES_MAX);
    const taken = readSync(descriptor, bytes, at, length, null);
    if (taken === 0) return false;
    at += taken;
  }
  return true;
}

function isSame(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs;
}
