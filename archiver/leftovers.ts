// leftovers.ts: temporary files that a killed process left behind.
//
// Who writes one holds a lock on it, which ends with the process, however that ends: what nobody
// holds is nobody's.
import { closeSync, constants, fstatSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CdbAddon } from '../src/native.ts';

type Locks = Pick<CdbAddon, 'tryLock'>;

const ATTEMPTS = 10;

/** A new file, open for reading and writing, and ours until it is closed. Throws as open(2). */
export function openLocked(path: string, mode: number, { tryLock }: Locks): number {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const descriptor = openSync(path, 'wx+', mode);
    // Another process may have taken it for a leftover just before it was locked.
    if (tryLock(descriptor) && fstatSync(descriptor).nlink > 0) return descriptor;
    closeSync(descriptor);
    rmSync(path, { force: true });
  }
  throw Object.assign(new Error(`${path} is taken away`), { code: 'EBUSY' });
}

/** Removes what nobody holds of the files with such a name. What cannot be removed stays. */
export function removeLeftovers(
  folder: string,
  isTemporary: (name: string) => boolean,
  locks: Locks,
): void {
  for (const name of readdirSync(folder).filter(isTemporary)) {
    try {
      removeUnlocked(join(folder, name), locks);
    } catch {
      // Somebody else's file: it does no harm, and packing goes on.
    }
  }
}

function removeUnlocked(path: string, { tryLock }: Locks): void {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = openSync(path, flags);
  try {
    if (fstatSync(descriptor).isFile() && tryLock(descriptor)) rmSync(path, { force: true });
  } finally {
    closeSync(descriptor);
  }
}
