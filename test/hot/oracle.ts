// oracle.ts: where the hot lookup and tinycdb disagree, and what the lookup leaves on the heap.
import { runInNewContext } from 'node:vm';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { openWindows } from '../../src/boot/windows.ts';
import { cdbHash } from '../../src/format/hash.ts';
import { find } from '../../src/hot/archive.ts';
import { loadCdb } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { xorshift } from '../support/site.ts';

const { cdbFind } = loadCdb(addonPath('cdb'));
const NO_PREFIX = new DataView(new ArrayBuffer(0));
const KEPT_FAULTS = 5;

export function hotFind(key: Uint8Array): number {
  return find(cdbHash(key, 0, key.length) | 0, NO_PREFIX, 0, 0, viewOf(key), 0, key.length) >>> 0;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Up to five keys of which the two say different things. 0 is: not there. */
export function disagreements(archive: Uint8Array, keys: Iterable<Uint8Array>): string[] {
  openWindows(archive.buffer as ArrayBuffer);
  const faults: string[] = [];
  for (const key of keys) {
    const hot = hotFind(key);
    const cold = cdbFind(archive, key)?.at ?? 0;
    if (hot !== cold) faults.push(`${Buffer.from(key).toString('latin1')}: ${hot} and ${cold}`);
    if (faults.length === KEPT_FAULTS) break;
  }
  return faults;
}

/**
 * Keys of random bytes, short enough that some share a table and a slot with those that are there.
 */
export function* randomKeys(count: number, seed: number): Generator<Uint8Array> {
  const next = xorshift(seed);
  for (let made = 0; made < count; made++) {
    yield Uint8Array.from({ length: next() % 24 }, () => next() >>> 24);
  }
}

/** Bytes the heap grew by while `work` ran, in the quietest of some rounds. */
export function heapGrowth(work: () => void): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let warm = 0; warm < 3; warm++) work();
  const rounds = Array.from({ length: 7 }, () => {
    collect();
    const before = getHeapStatistics().used_heap_size;
    work();
    return Math.abs(getHeapStatistics().used_heap_size - before);
  });
  return Math.min(...rounds);
}
