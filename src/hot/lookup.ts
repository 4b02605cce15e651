// lookup.ts: from a key to its route, or to the route of the nearest fallback page.
import { bytesOf } from '../format/bytes.ts';
import { CDB_HASH_START, KEY_FALLBACK_PREFIX } from '../format/layout.ts';
import { find } from './archive.ts';
import { decoded, path, PATH_AT, PATH_DECODED, PATH_END, PATH_HASH } from './path.ts';
import { inbox } from './ring.ts';
import { SLASH } from './tables.ts';

const NO_PREFIX = new Uint8Array(0);
const FALLBACK = bytesOf(KEY_FALLBACK_PREFIX);
const FALLBACK_HASH = hashOf(FALLBACK);
const ROOT = Uint8Array.of(SLASH);
const ROOT_HASH = (((FALLBACK_HASH << 5) + FALLBACK_HASH) | 0) ^ SLASH;

/** Position of the route record for the path last read; 0: none. */
export function findRoute(): number {
  const keys = path[PATH_DECODED] === 1 ? decoded : inbox;
  return find(path[PATH_HASH]!, NO_PREFIX, keys, path[PATH_AT]!, path[PATH_END]!);
}

/**
 * The fallback of the deepest folder above the path last read that has one; 0: none. One pass over
 * the path.
 */
export function findFallback(): number {
  const keys = path[PATH_DECODED] === 1 ? decoded : inbox;
  const at = path[PATH_AT]!;
  const end = path[PATH_END]!;
  let hash = FALLBACK_HASH;
  let nearest = 0;
  for (let index = at; index < end; index++) {
    const byte = keys[index]!;
    hash = ((hash << 5) + hash) ^ byte;
    if (byte !== SLASH) continue;
    const route = find(hash, FALLBACK, keys, at, index + 1);
    if (route !== 0) nearest = route;
  }
  return nearest;
}

/** For targets that are no path at all. */
export function findRootFallback(): number {
  return find(ROOT_HASH, FALLBACK, ROOT, 0, 1);
}

function hashOf(bytes: Uint8Array): number {
  let hash = CDB_HASH_START;
  for (let at = 0; at < bytes.length; at++) hash = ((hash << 5) + hash) ^ bytes[at]!;
  return hash;
}
