// lookup.ts: from a key to its route, or to the route of the nearest fallback page.
import { bytesOf, wordOf } from '../format/bytes.ts';
import { CDB_HASH_START, KEY_FALLBACK_PREFIX, KEY_REWRITE_PREFIX } from '../format/layout.ts';
import { find } from './archive.ts';
import { decodedView, path, PATH_AT, PATH_DECODED, PATH_END, PATH_HASH } from './path.ts';
import { inboxView } from './ring.ts';
import { FAMILY_BYTES, prefix, prefixView, PREFIX_END, site } from './site.ts';
import { DOT, SLASH } from './tables.ts';

const MISSING = bytesOf(KEY_FALLBACK_PREFIX);
const REWRITE = bytesOf(KEY_REWRITE_PREFIX);
const ROOT = wordOf('/');

/** Set at boot: the archive has a 200.html somewhere; it has rules. */
export const lookup = new Int32Array(2);
export const HAS_REWRITES = 0;
export const HAS_RULES = 1;

/** Position of the route record for the path last read; 0: none. */
export function findRoute(): number {
  const keys = path[PATH_DECODED] === 1 ? decodedView : inboxView;
  const end = path[PATH_END]!;
  return find(
    path[PATH_HASH]!,
    prefixView,
    FAMILY_BYTES,
    site[PREFIX_END]!,
    keys,
    path[PATH_AT]!,
    end,
  );
}

/**
 * The route of the nearest 404.html or 200.html above the path last read; 0: none. In one folder
 * 200.html comes first; it is not for names with a dot, so that a missing script stays a 404.
 */
export function findFallback(): number {
  const keys = path[PATH_DECODED] === 1 ? decodedView : inboxView;
  const at = path[PATH_AT]!;
  const end = path[PATH_END]!;
  const missing = findNearest(MISSING, keys, at, end);
  if (lookup[HAS_REWRITES] === 0 || hasDot(keys, end)) return missing;
  const depth = nearest[DEPTH]!;
  const rewrite = findNearest(REWRITE, keys, at, end);
  return rewrite !== 0 && nearest[DEPTH]! >= depth ? rewrite : missing;
}

/** For targets that are no path at all. */
export function findRootFallback(): number {
  return findNearest(MISSING, ROOT, 0, 1);
}

/** Where the path of the folder last found ends; 0: nothing was found. */
const nearest = new Int32Array(1);
const DEPTH = 0;

/** One pass over the path, hashing as it goes; a look-up at each folder. */
function findNearest(family: Uint8Array, keys: DataView, at: number, end: number): number {
  let hash = hashPrefix(family);
  let route = 0;
  nearest[DEPTH] = 0;
  for (let index = at; index < end; index++) {
    const byte = keys.getUint8(index);
    hash = ((hash << 5) + hash) ^ byte;
    if (byte !== SLASH) continue;
    const found = find(hash, prefixView, 0, site[PREFIX_END]!, keys, at, index + 1);
    if (found === 0) continue;
    route = found;
    nearest[DEPTH] = index + 1 - at;
  }
  return route;
}

/** Writes the family in front of the site's own prefix, and gives the hash of both. */
function hashPrefix(family: Uint8Array): number {
  let hash = CDB_HASH_START;
  for (let index = 0; index < FAMILY_BYTES; index++) prefix[index] = family[index]!;
  for (let index = 0; index < site[PREFIX_END]!; index++)
    hash = ((hash << 5) + hash) ^ prefix[index]!;
  return hash;
}

/** In the last segment. */
function hasDot(keys: DataView, end: number): boolean {
  for (let index = end - 1; ; index--) {
    const byte = keys.getUint8(index);
    if (byte === SLASH) return false;
    if (byte === DOT) return true;
  }
}
