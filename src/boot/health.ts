// health.ts: tells the hot zone the path of health, and finds pages that it would hide.
import { EXIT, Failure } from '../errors.ts';
import { bytesOf, wordOf } from '../format/bytes.ts';
import { cdbHash } from '../format/hash.ts';
import { find } from '../hot/archive.ts';
import { HEALTH_BYTES, health, healthPath } from '../hot/health.ts';
import type { Archive } from './load.ts';
import { openWindows } from './windows.ts';

/** '': there is none. */
export function openHealth(path: string): void {
  healthPath.set(bytesOf(path));
  health[HEALTH_BYTES] = path.length;
}

/**
 * Throws a Failure (usage) where a verified archive has a page at this path, in the default site or
 * in that of a host: one of the two could not be seen.
 */
export function expectNoPage({ map, manifest }: Archive, name: string, path: string): void {
  if (path === '') return;
  openWindows(map.buffer);
  const key = [path, ...manifest.hosts.map((host) => `@${host}${path}`)].find(hasKey);
  if (key === undefined) return;
  const text = `--health-path ${path}: ${name} has a page there (${key}). Take another path.`;
  throw new Failure(EXIT.usage, text);
}

function hasKey(key: string): boolean {
  const hash = cdbHash(bytesOf(key), 0, key.length) | 0;
  return find(hash, wordOf(''), 0, 0, wordOf(key), 0, key.length) !== 0;
}
