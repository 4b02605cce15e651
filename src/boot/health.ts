// health.ts: tells the hot zone the path of health, and finds pages that it would hide.
import { bytesOf, wordOf } from '../format/bytes.ts';
import { cdbHash } from '../format/hash.ts';
import { find } from '../hot/archive.ts';
import { HEALTH_BYTES, health, healthPath } from '../hot/health.ts';
import type { Manifest } from '../format/manifest.ts';
import { describeKey, refusal } from './refusal.ts';
import { openWindows } from './windows.ts';

/** '': there is none. */
export function openHealth(path: string): void {
  healthPath.set(bytesOf(path));
  health[HEALTH_BYTES] = path.length;
}

/**
 * Throws a Failure (archiveRefused) where a verified archive has a page at this path, in the
 * default site or in that of a host: one of the two could not be seen.
 */
export function expectNoPage(
  archive: ArrayBuffer,
  { hosts }: Pick<Manifest, 'hosts'>,
  name: string,
  path: string,
): void {
  if (path === '') return;
  openWindows(archive);
  const key = [path, ...hosts.map((host) => `@${host}${path}`)].find(hasKey);
  if (key === undefined) return;
  const remedy = 'Take another path for one of the two.';
  throw refusal(name, describeKey(bytesOf(key)), 'a page where --health-path is', remedy);
}

function hasKey(key: string): boolean {
  const hash = cdbHash(bytesOf(key), 0, key.length) | 0;
  return find(hash, wordOf(''), 0, 0, wordOf(key), 0, key.length) !== 0;
}
