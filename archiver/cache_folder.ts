// cache_folder.ts: the folder of the compression cache: which it is, and whether it is ours alone.
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

const WRITABLE_BY_OTHERS = 0o022;

/**
 * Below the user's cache directory; undefined: there is none. A relative XDG_CACHE_HOME is ignored:
 * https://specifications.freedesktop.org/basedir-spec
 */
export function userCacheFolder(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = env;
  if (isAbsolute(cache)) return join(cache, 'cdbpack');
  return isAbsolute(home) ? join(home, '.cache', 'cdbpack') : undefined;
}

/** What stands against making the folder there: a home may be that of whoever called sudo. */
export function foreignParent(folder: string): string | undefined {
  let parent = dirname(folder);
  while (!statSync(parent, { throwIfNoEntry: false })) parent = dirname(parent);
  return isOurs(statSync(parent)) ? undefined : `${parent} belongs to somebody else`;
}

/** Makes the folder where it is missing; gives what is wrong with it, undefined: nothing. */
export function cacheFolderFault(folder: string): string | undefined {
  try {
    makeFolder(folder);
    const stats = statSync(folder);
    if (!stats.isDirectory()) return 'it is no folder';
    if (!isOurs(stats)) return 'it belongs to somebody else';
    if ((stats.mode & WRITABLE_BY_OTHERS) !== 0) return 'others may write to it (chmod go-w)';
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Node's own way never ends where mkdir(2) says ENOENT in a folder that is there, as in /proc. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another run may have made it just now.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** A file or folder that nobody but us could have written to. */
export function isOursAlone(stats: Stats): boolean {
  return isOurs(stats) && (stats.mode & WRITABLE_BY_OTHERS) === 0;
}

function isOurs(stats: Stats): boolean {
  return stats.uid === process.getuid!();
}
