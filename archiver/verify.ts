// verify.ts: an archive file in memory, found sound by the server's own loader.
import { statSync } from 'node:fs';
import { EXIT, Failure } from '../src/errors.ts';
import type { Manifest } from '../src/format/manifest.ts';
import { verifyArchive } from '../src/boot/archive.ts';
import { readStable } from './read.ts';
import { printable } from './text.ts';
import { FileWindows } from './windows.ts';

export interface SoundArchive {
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/**
 * Throws a Failure: archiveRefused with record and reason, or failure when the file cannot be
 * read.
 */
export function openArchive(path: string): SoundArchive {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) {
    const what = stats ? `${printable(path)} is no file.` : `there is no file ${printable(path)}.`;
    throw new Failure(EXIT.failure, `${what} Name an archive that cdbpack made.`);
  }
  const { bytes } = readStable(path);
  return { bytes, manifest: verifyArchive(bytes, path) };
}

/** What to throw for a record that is sound for the server and still none that cdbpack makes. */
export function refusal(name: string, key: string, what: string): Failure {
  const text = `${printable(name)}: refused at record ${printable(JSON.stringify(key))}: ${what}.`;
  return new Failure(EXIT.archiveRefused, `${text} No cdbpack makes such a record.`);
}

/**
 * For a file just written: what is wrong with it is our own fault or the disk's. It is read through
 * windows: its length takes no memory.
 */
export function verifyWritten(path: string, target: string): { manifest: Manifest; bytes: number } {
  const file = new FileWindows(path);
  try {
    return { manifest: verifyArchive(file, target), bytes: file.length };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const text = `the archive just written is not sound, and nothing is changed: ${error.message}`;
    throw new Failure(EXIT.bug, text, { cause: error });
  } finally {
    file.close();
  }
}
