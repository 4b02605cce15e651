// tree.ts: writes new files below a folder, and nowhere else.
//
// Every name is looked up alone, in a folder that is held open, and no link is followed: neither
// one that is there already nor one that somebody puts there meanwhile. Nothing is overwritten.
import {
  closeSync,
  constants,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { EXIT, Failure } from '../../src/errors.ts';
import { onInterrupt } from '../interrupt.ts';
import { printable } from '../text.ts';
import { splitPath } from './names.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Between two of them a signal is noticed. */
const SLICE_BYTES = 4 * 1024 * 1024;
const NOT_THERE = -1;
const SLASH = Buffer.from('/');

const REMEDIES: Readonly<Record<string, string>> = {
  EEXIST:
    'It is there already, or this file system takes two names of the site for one: extract into ' +
    'an empty folder elsewhere.',
  ENOTDIR: 'A part of its path is there already and is no folder.',
  ELOOP: 'A part of its path is a symbolic link, and none is followed.',
  ENOENT: 'The folder it belongs in does not exist, or has gone meanwhile.',
  ENAMETOOLONG: 'This file system does not allow so long a name: extract elsewhere.',
  EILSEQ: 'This file system does not allow such a name: extract elsewhere.',
  EINVAL: 'This file system does not allow such a name: extract elsewhere.',
  ENOSPC: 'The disk is full: make room, and begin again with an empty folder.',
  EDQUOT: 'Your quota is used up: make room, and begin again with an empty folder.',
  EFBIG: 'The file system or ulimit -f does not allow so large a file.',
  EACCES: 'You have no right to write there: name another folder.',
  EPERM: 'You have no right to write there: name another folder.',
  EROFS: 'That file system is read-only: name another folder.',
};

export interface Tree {
  /** `path` begins with '/'; pathFault() finds no fault with it. `modified`: seconds, 0: now. */
  addFile(path: Uint8Array, body: Uint8Array, modified: number): Promise<void>;
  addFolder(path: Uint8Array): void;
  close(): void;
}

/**
 * The folder, made where it is not there, though not those above it. Throws a Failure where it
 * cannot be written to, or is not empty and need be.
 */
export function openTree(folder: string, mayHold: boolean): Tree {
  const root = guard(folder, () => openRoot(folder));
  try {
    if (!mayHold && readdirSync(`/proc/self/fd/${root}`).length > 0) {
      const remedy = 'Name an empty or a new one, or add to it with --into.';
      throw new Failure(EXIT.failure, `the folder ${printable(folder)} is not empty. ${remedy}`);
    }
  } catch (error) {
    closeSync(root);
    throw error;
  }
  return makeTree(folder, root);
}

function openRoot(folder: string): number {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // A link that the user names is the user's own.
  return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
}

function makeTree(folder: string, root: number): Tree {
  /** The folder of the last file, and its descriptor. */
  let current: Buffer = Buffer.alloc(0);
  let inside = NOT_THERE;
  const unfinished = new Set<Buffer>();
  const stopListening = onInterrupt(() => unfinished.forEach((path) => unlinkSync(path)));
  const leave = () => {
    if (inside !== NOT_THERE) closeSync(inside);
    inside = NOT_THERE;
  };
  const enter = (names: readonly Uint8Array[], path: Buffer) => {
    if (inside !== NOT_THERE && path.equals(current)) return inside;
    leave();
    inside = openBelow(root, names);
    current = path;
    return inside;
  };
  const shown = (path: Uint8Array) => `${folder}${Buffer.from(path).toString()}`;
  return {
    async addFile(path, body, modified) {
      const names = splitPath(path);
      const name = names.pop()!;
      const above = Buffer.from(path.subarray(0, path.length - name.length));
      try {
        await writeFresh(at(enter(names, above), name), body, modified, unfinished);
      } catch (error) {
        throw writeFailure(shown(path), error);
      }
    },
    addFolder(path) {
      guard(shown(path), () => enter(splitPath(path), Buffer.concat([path, SLASH])));
    },
    close() {
      stopListening();
      leave();
      closeSync(root);
    },
  };
}

/** Opens a folder by its names below another one, and makes those that are not there. */
function openBelow(root: number, names: readonly Uint8Array[]): number {
  let folder = openSync(`/proc/self/fd/${root}`, constants.O_RDONLY | constants.O_DIRECTORY);
  for (const name of names) {
    const above = folder;
    try {
      folder = openFolder(above, name);
    } finally {
      closeSync(above);
    }
  }
  return folder;
}

function openFolder(above: number, name: Uint8Array): number {
  const path = at(above, name);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return openSync(path, FOLDER);
}

/** The last of the path is the only name that is looked up: what openat(2) does. */
function at(folder: number, name: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), name]);
}

/** A file that is not written to its end, because of an error or a signal, is removed. */
async function writeFresh(
  path: Buffer,
  body: Uint8Array,
  modified: number,
  unfinished: Set<Buffer>,
): Promise<void> {
  const descriptor = openSync(path, FRESH, 0o666);
  unfinished.add(path);
  try {
    for (let done = 0; done < body.length;) {
      done += writeSync(descriptor, body, done, Math.min(SLICE_BYTES, body.length - done));
      await setImmediate();
    }
    if (modified !== 0) futimesSync(descriptor, modified, modified);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    unfinished.delete(path);
    closeSync(descriptor);
  }
}

function guard<Result>(path: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    throw writeFailure(path, error);
  }
}

function writeFailure(path: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  // Names of errno have no underscore; Node's own errors are our fault and pass.
  if (error instanceof Failure || !/^E[A-Z0-9]+$/.test(code)) return error;
  const remedy = REMEDIES[code] ?? 'Name another folder.';
  const text = `cannot write ${printable(path)}: ${code}. ${remedy}`;
  return new Failure(EXIT.failure, text, { cause: error });
}
