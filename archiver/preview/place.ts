// place.ts: the private folder of a preview, and those that killed ones left behind.
//
// Who has one holds a lock on the folder itself, which ends with the process: what nobody holds is
// nobody's.
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { EXIT, Failure } from '../../src/errors.ts';
import type { CdbAddon } from '../../src/native.ts';
import { printable } from '../text.ts';

export interface Place {
  readonly path: string;
  /** With all that is in it. */
  remove(): void;
}

type Locks = Pick<CdbAddon, 'tryLock'>;

const PREFIX = 'cdbserve-preview-';
const NAME = new RegExp(`^${PREFIX}[A-Za-z0-9]{6}$`);
/** Files made in it have its group. */
const READ_BY_GROUP = 0o2750;
const ATTEMPTS = 10;

/**
 * Below `base`, open to nobody but us and, if one is given, to a group that may read. Throws a
 * Failure. What killed previews of ours left there is removed first.
 */
export function openPlace(base: string, group: number | undefined, locks: Locks): Place {
  try {
    removeLeftovers(base, locks);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const place = makePlace(base, group, locks);
      if (place) return place;
    }
    throw Object.assign(new Error('it is taken away'), { code: 'EBUSY' });
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const text = `cannot make a folder in ${printable(base)}: ${code}.`;
    const remedy = 'A preview keeps its archive there: set TMPDIR to another folder.';
    throw new Failure(EXIT.failure, `${text} ${remedy}`, { cause: error });
  }
}

/** Undefined: another start took it for a leftover before it was locked. */
function makePlace(base: string, group: number | undefined, { tryLock }: Locks): Place | undefined {
  const path = mkdtempSync(join(base, PREFIX));
  const descriptor = openFolder(path);
  if (!tryLock(descriptor) || fstatSync(descriptor).nlink === 0) {
    closeSync(descriptor);
    return undefined;
  }
  if (group !== undefined) {
    chownSync(path, process.getuid!(), group);
    chmodSync(path, READ_BY_GROUP);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function removeLeftovers(base: string, locks: Locks): void {
  for (const name of readdirSync(base).filter((each) => NAME.test(each))) {
    try {
      removeUnlocked(join(base, name), locks);
    } catch {
      // It does no harm, and is somebody else's or just gone.
    }
  }
}

function removeUnlocked(path: string, { tryLock }: Locks): void {
  if (lstatSync(path).uid !== process.getuid!()) return;
  const descriptor = openFolder(path);
  try {
    if (tryLock(descriptor)) rmSync(path, { recursive: true, force: true });
  } finally {
    closeSync(descriptor);
  }
}

function openFolder(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}
