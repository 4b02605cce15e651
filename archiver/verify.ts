// verify.ts: an archive file found sound by the server's own loader, and read as it is asked for.
import { statSync } from 'node:fs';
import { EXIT, Failure } from '../src/errors.ts';
import type { Manifest } from '../src/format/manifest.ts';
import type { Source } from '../src/format/source.ts';
import { verifyArchive, verifyBegun, verifyDigests, verifyStructure } from '../src/boot/archive.ts';
import type { Verified } from '../src/boot/archive.ts';
import type { CdbAddon } from '../src/native.ts';
import type { Pool, Written } from './pool.ts';
import { printable } from './text.ts';
import { unreadable } from './unreadable.ts';
import { FileWindows, readSource } from './windows.ts';

const NOT_BEGUN: Begun = { fault: undefined, to: 0 };

export interface SoundArchive {
  readonly bytes: Source;
  readonly manifest: Manifest;
}

export interface OpenArchive extends SoundArchive {
  /** Throws a Failure when somebody has written to the file since it was opened. */
  close(): void;
}

/**
 * Throws a Failure: archiveRefused with record and reason, or failure when the file cannot be
 * read. Its length takes no memory.
 */
export function openArchive(path: string, verified?: Verified): OpenArchive {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) {
    const what = stats ? `${printable(path)} is no file.` : `there is no file ${printable(path)}.`;
    throw new Failure(EXIT.failure, `${what} Name an archive that cdbpack made.`);
  }
  const bytes = openWindows(path);
  try {
    const manifest = verifyArchive(bytes, path, verified);
    return { bytes, manifest, close: () => closeUnchanged(bytes, path) };
  } catch (error) {
    closeUnchanged(bytes, path);
    throw error;
  }
}

function openWindows(path: string): FileWindows {
  try {
    return new FileWindows(path);
  } catch (error) {
    throw unreadable(path, 'read', error);
  }
}

function closeUnchanged(file: FileWindows, path: string): void {
  const { changed } = file;
  file.close();
  if (!changed) return;
  const text = `${printable(path)} was written to while it was read: nothing said of it holds.`;
  throw new Failure(EXIT.failure, `${text} Try again when nobody writes to it.`);
}

/** What to throw for a record that is sound for the server and still none that cdbpack makes. */
export function refusal(name: string, key: string, what: string): Failure {
  const text = `${printable(name)}: refused at record ${printable(JSON.stringify(key))}: ${what}.`;
  return new Failure(EXIT.archiveRefused, `${text} No cdbpack makes such a record.`);
}

/** What a thread has found of a file that was still being written. */
export interface Begun {
  /** In words; undefined: nothing is wrong. */
  readonly fault: string | undefined;
  /** As verifyBegun() gives it. */
  readonly to: number;
}

export interface Verifying {
  readonly addon: CdbAddon;
  readonly pool: Pick<Pool, 'findFault'>;
  /** Was asked of the same file; undefined: it was not. */
  readonly begun?: Promise<Begun> | undefined;
  readonly verified?: Verified;
}

/**
 * For a file just written: what is wrong with it is our own fault or the disk's. A thread looks at
 * one half while this one looks at the other.
 */
export async function verifyWritten(
  written: Written,
  { addon, pool, begun, verified }: Verifying,
): Promise<void> {
  const { fault: early, to } = (await begun) ?? NOT_BEGUN;
  const structure = pool.findFault(written);
  // Should this half fail, nobody awaits the other.
  structure.catch(() => undefined);
  const check = (file: Source, name: string) => verifyDigests(file, name, verified, to);
  const fault = early ?? faultOf(written, addon, check) ?? (await structure);
  if (fault === undefined) return;
  const text = `the archive just written is not sound, and nothing is changed: ${fault}`;
  throw new Failure(EXIT.bug, text);
}

/** Of what is there already of a file that is still being written. */
export function checkBegun(written: Written, addon: CdbAddon): Begun {
  let to = 0;
  const fault = faultOf(written, addon, (file, name) => void (to = verifyBegun(file, name)));
  return { fault, to };
}

/** The half of a thread; undefined: it is sound. */
export function faultOfStructure(written: Written, addon: CdbAddon): string | undefined {
  return faultOf(written, addon, verifyStructure);
}

function faultOf(
  { path, name }: Written,
  addon: CdbAddon,
  look: (file: Source, name: string) => unknown,
): string | undefined {
  try {
    readSource(path, addon, (file) => look(file, name));
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
