// temporary.ts: a file beside its target that takes its place when it is complete, and is gone
// when it fails.
import {
  close,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, Failure } from '../src/errors.ts';
import { onInterrupt } from './interrupt.ts';
import { loadCdb } from '../src/native.ts';
import { addonPath } from '../src/paths.ts';
import { openLocked, removeLeftovers } from './leftovers.ts';
import { identityOf } from './scan.ts';
import { printable } from './text.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'You have no right to write there: name another place for the archive.',
  EPERM: 'You have no right to write there: name another place for the archive.',
  EROFS: 'That file system is read-only: name another place for the archive.',
  ENOENT: 'Its folder does not exist: make it, or name another place for the archive.',
  ENOTDIR: 'A part of its path is not a folder: name another place for the archive.',
  ENOSPC: 'The disk is full: make room, or name another place for the archive.',
  EDQUOT: 'Your quota is used up: make room, or name another place for the archive.',
  EFBIG: 'The file system or ulimit -f does not allow so large a file.',
};

export interface Temporary {
  readonly path: string;
  /** Open for reading and writing, empty. */
  readonly descriptor: number;
  /** Puts the file in the place of the target; `durable`: it outlives a crash of the system. */
  publish(durable: boolean): void;
  /** Removes the file; nothing happens after publish(). */
  discard(): void;
}

/**
 * The target with links resolved; a Failure where no archive can be written. Nothing is changed.
 */
export function checkTarget(target: string): string {
  return attempt(target, () => resolveTarget(target));
}

function resolveTarget(target: string): string {
  const stats = lstatSync(target, { throwIfNoEntry: false });
  if (!stats) {
    if (basename(target) === '' || target.endsWith('/')) throw noFile(target, 'is a folder');
    return join(realFolder(target), basename(target));
  }
  if (stats.isSymbolicLink()) {
    if (!statSync(target, { throwIfNoEntry: false })) throw noFile(target, 'is a link to nothing');
    return resolveTarget(realpathSync(target));
  }
  if (stats.isDirectory()) throw noFile(target, 'is a folder');
  if (!stats.isFile()) throw noFile(target, 'is no regular file');
  return realpathSync(target);
}

/**
 * Whether a name in a folder is the target or a temporary file of it, also one that a crash left
 * behind.
 */
export function isOutputOf(target: string): (folder: Stats, name: string) => boolean {
  const own = identityOf(statSync(dirname(target)));
  const base = basename(target);
  return (folder, name) => {
    const mayBe = name === base || isTemporaryOf(base, name);
    return mayBe && identityOf(folder) === own;
  };
}

function isTemporaryOf(base: string, name: string): boolean {
  return name.startsWith(`.${base}.`) && /^\d+\.tmp$/.test(name.slice(base.length + 2));
}

/**
 * Opens a temporary file; a signal that ends the process removes it first, and what a kill has left
 * the next one removes.
 */
export function openTemporary(target: string): Temporary {
  const path = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  let open = true;
  const discard = () => {
    if (!open) return;
    open = false;
    stopListening();
    closeSync(descriptor);
    rmSync(path, { force: true });
  };
  // Before there is a file: a signal right after it would leave it behind.
  const stopListening = onInterrupt(discard);
  let descriptor: number;
  try {
    descriptor = attempt(target, () => openFresh(path, target));
  } catch (error) {
    stopListening();
    throw error;
  }
  const publish = (durable: boolean) => {
    attempt(target, () => {
      // Where one file takes the place of another, file systems begin to write it to the disk.
      if (!durable) rmSync(target, { force: true });
      const last = openIfThere(target);
      try {
        renameSync(path, target);
      } finally {
        // A large file takes long to free: a thread of Node's does it, while this one goes on.
        if (last !== undefined) close(last);
      }
      if (durable) syncFolder(dirname(target));
    });
    discard();
  };
  return { path, descriptor, publish, discard };
}

/** Runs a step that writes; an error of the system becomes a Failure with a remedy. */
export function attempt<Result>(target: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    throw writeFailure(target, error);
  }
}

/**
 * What to throw for an error caught while writing: a Failure where the system refused, else the
 * error itself.
 */
export function writeFailure(target: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  // Names of errno have no underscore; Node's own errors are our fault and pass.
  if (error instanceof Failure || !/^E[A-Z0-9]+$/.test(code)) return error;
  const remedy = REMEDIES[code] ?? 'Name another place for the archive.';
  const text = `cannot write ${printable(target)}: ${code}. ${remedy}`;
  return new Failure(EXIT.failure, text, { cause: error });
}

/** One of this name is from a process that had our number and crashed. */
function openFresh(path: string, target: string): number {
  const addon = loadCdb(addonPath('cdb'));
  removeLeftovers(dirname(path), (name) => isTemporaryOf(basename(target), name), addon);
  rmSync(path, { force: true });
  return openLocked(path, 0o666, addon);
}

function realFolder(target: string): string {
  const folder = realpathSync(dirname(resolve(target)));
  if (statSync(folder).isDirectory()) return folder;
  throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function noFile(target: string, what: string): Failure {
  const text = `cannot write ${printable(target)}: it ${what}. Name a file for the archive.`;
  return new Failure(EXIT.failure, text);
}
