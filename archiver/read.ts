// read.ts: reads a file that nobody changes meanwhile.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { EXIT, Failure } from '../src/errors.ts';
import { ARCHIVE_BYTES_MAX } from '../src/format/layout.ts';
import { unreadable } from './scan.ts';
import { printable } from './text.ts';

export interface Content {
  readonly bytes: Uint8Array;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
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

/** Undefined when the file was changed while it was read. */
export function readOnce(path: string): Content | undefined {
  let descriptor = -1;
  try {
    // Not to wait for a writer, should the file have become a pipe since the scan.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const before = fstatSync(descriptor);
    if (!before.isFile()) throw new Error('it is no longer a file');
    if (before.size > ARCHIVE_BYTES_MAX) throw new Error('it is larger than a CDB, 4 GiB, can be');
    const bytes = readAll(descriptor, before.size);
    const same = bytes && isSame(before, fstatSync(descriptor));
    return same ? { bytes, modifiedMs: before.mtimeMs } : undefined;
  } catch (error) {
    throw unreadable(path, 'read', error);
  } finally {
    if (descriptor >= 0) closeSync(descriptor);
  }
}

function readAll(descriptor: number, size: number): Uint8Array | undefined {
  const bytes = Buffer.allocUnsafeSlow(size);
  for (let at = 0; at < size;) {
    const length = Math.min(size - at, READ_BYTES_MAX);
    const taken = readSync(descriptor, bytes, at, length, null);
    if (taken === 0) return undefined;
    at += taken;
  }
  return bytes;
}

function isSame(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs;
}
