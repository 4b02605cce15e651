// cache.test.ts: what the cache keeps, for how long, and what it survives.
import { readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Cache } from '../../archiver/cache.ts';
import type { CacheOptions } from '../../archiver/cache.ts';
import { Lookups } from '../../archiver/lookups.ts';
import type { Lookup } from '../../archiver/lookups.ts';
import { isPack } from '../../archiver/packs.ts';
import type { Result } from '../../archiver/pool.ts';
import { ownBuffer } from '../../archiver/slab.ts';
import { sha256 } from '../../archiver/store.ts';
import { CODING_BR, CODING_GZIP, CODING_ZSTD } from '../../src/format/layout.ts';
import { noise, temporaryFolder } from '../support/site.ts';
import { WORKSHOP, addon } from './fixture.ts';

const MIB = 1024 * 1024;
const RECIPE = { coding: CODING_GZIP, level: 9 };
const body = (number: number) => sha256(Buffer.from(`body ${number}`));
const resultOf = (bytes: Uint8Array): Result => ({ bytes, digest: sha256(bytes) });
const results = [1, 2, 3, 4].map((seed) => resultOf(noise(1_000, seed)));

function openCache(folder: string, changes: Partial<CacheOptions> = {}): Cache {
  const onFailure = (error: Error) => expect(error).toBeUndefined();
  const { pool } = WORKSHOP;
  return new Cache({ folder, bytesMax: 100 * MIB, addon, pool, onFailure, ...changes });
}

const find = async (cache: Cache, number: number, recipe = RECIPE) =>
  (await cache.find([{ body: body(number), recipe }]))[0];
const add = (cache: Cache, number: number, result: Result | 'unpaid') =>
  cache.add({ body: body(number), recipe: RECIPE }, result);

function fill(folder: string, numbers: readonly number[], bytesMax = 100 * MIB): void {
  const cache = openCache(folder, { bytesMax });
  for (const number of numbers) add(cache, number, results[number]!);
  cache.close();
}

/** Which numbers are known. */
async function known(folder: string): Promise<number[]> {
  const cache = openCache(folder);
  const numbers = [...results.keys()];
  const sought = numbers.map((number) => ({ body: body(number), recipe: RECIPE }));
  const found = await cache.find(sought);
  cache.close();
  return numbers.filter((number) => found[number]);
}

const packs = (folder: string) => readdirSync(folder).filter(isPack);
/** As if the newest pack had been written so many days ago. */
function age(folder: string, days: number): void {
  const times = packs(folder).map((name) => [statSync(join(folder, name)).mtimeMs, name] as const);
  const [, newest] = times.sort(([left], [right]) => right - left)[0]!;
  const then = Date.now() / 1000 - days * 86_400;
  utimesSync(join(folder, newest), then, then);
}

test('results come back in the next run, also that a coding does not pay', async () => {
  const folder = temporaryFolder();
  const first = openCache(folder);
  expect(await find(first, 0)).toBeUndefined();
  add(first, 0, results[0]!);
  add(first, 1, 'unpaid');
  first.close();
  const second = openCache(folder);
  expect(await find(second, 0)).toEqual(results[0]);
  expect(await find(second, 1)).toBe('unpaid');
  expect(await find(second, 2)).toBeUndefined();
  second.close();
  expect(packs(folder)).toHaveLength(1);
});

test('another coding, level or version of a library is another result', async () => {
  const folder = temporaryFolder();
  fill(folder, [0]);
  const cache = openCache(folder);
  expect(await find(cache, 0, { coding: CODING_GZIP, level: 12 })).toBeUndefined();
  expect(await find(cache, 0, { coding: CODING_ZSTD, level: 9 })).toBeUndefined();
  expect(await find(cache, 0, { coding: CODING_BR, level: 9 })).toBeUndefined();
  cache.close();
  const later = { ...addon, libraries: { ...addon.libraries, gzip: 'libdeflate 99' } };
  const lookups = new Lookups(later);
  const pool = { lookUp: async (lookup: Lookup) => lookups.run(lookup, ownBuffer) };
  const newer = openCache(folder, { addon: later, pool });
  expect(await find(newer, 0)).toBeUndefined();
  newer.close();
});

test('a run that adds nothing writes nothing', async () => {
  const folder = temporaryFolder();
  fill(folder, []);
  expect(readdirSync(folder)).toEqual([]);
  fill(folder, [0]);
  const before = packs(folder);
  expect(await known(folder)).toEqual([0]);
  expect(packs(folder)).toEqual(before);
});

test('a damaged entry is made anew, and then found', async () => {
  const folder = temporaryFolder();
  fill(folder, [0, 1]);
  const path = join(folder, packs(folder)[0]!);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(2048 + 500) ^ 1, 2048 + 500);
  writeFileSync(path, bytes);
  expect(await known(folder)).toEqual([1]);
  fill(folder, [0]);
  expect(await known(folder)).toEqual([0, 1]);
});

test('a pack that is none, or was cut, does no harm', async () => {
  const folder = temporaryFolder();
  fill(folder, [0]);
  writeFileSync(join(folder, '0123456789abcdef.pack'), 'none');
  writeFileSync(join(folder, '0123456789abcde0.pack'), '');
  writeFileSync(
    join(folder, 'fedcba9876543210.pack'),
    readFileSync(join(folder, packs(folder)[0]!)).subarray(0, 2_500),
  );
  writeFileSync(join(folder, '.0123456789abcdef.tmp'), 'left by a crash');
  writeFileSync(join(folder, 'notes.txt'), 'not ours');
  expect(await known(folder)).toEqual([0]);
  expect(readdirSync(folder)).not.toContain('.0123456789abcdef.tmp');
  expect(readdirSync(folder)).toContain('notes.txt');
});

test('two runs at the same time keep both their results', async () => {
  const folder = temporaryFolder();
  const [one, other] = [openCache(folder), openCache(folder)];
  add(one, 0, results[0]!);
  add(other, 1, results[1]!);
  add(one, 2, results[2]!);
  one.close();
  other.close();
  expect(await known(folder)).toEqual([0, 1, 2]);
});

test('what another run removes meanwhile is still read', async () => {
  const folder = temporaryFolder();
  fill(folder, [0]);
  const cache = openCache(folder);
  for (const name of packs(folder)) rmSync(join(folder, name));
  expect(await find(cache, 0)).toEqual(results[0]);
  cache.close();
});

/** One for each of the first three bodies, the first the oldest. */
function fillThreePacks(folder: string): void {
  for (const [number, days] of [
    [0, 3],
    [1, 2],
    [2, 1],
  ] as const) {
    fill(folder, [number]);
    age(folder, days);
  }
}

test('the oldest pack goes when all are too large together', async () => {
  const folder = temporaryFolder();
  fillThreePacks(folder);
  // Three packs of three kilobytes each; the room of a run is half of this.
  fill(folder, [3], 10_000);
  expect(await known(folder)).toEqual([1, 2, 3]);
  const sizes = packs(folder).map((name) => statSync(join(folder, name)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(10_000);
});

test('what is asked for is written anew before it is old, and stays', async () => {
  const folder = temporaryFolder();
  fillThreePacks(folder);
  const cache = openCache(folder, { bytesMax: 13_000 });
  expect(await find(cache, 0)).toEqual(results[0]);
  cache.close();
  fill(folder, [3], 10_000);
  expect(await known(folder)).toEqual([0, 2, 3]);
});

test('a run writes no more than half of the bound', async () => {
  const folder = temporaryFolder();
  fill(folder, [0, 1, 2, 3], 5_000);
  expect(await known(folder)).toEqual([0, 1]);
});

test('many small packs become one', async () => {
  const folder = temporaryFolder();
  for (let round = 0; round < 130; round++) {
    const cache = openCache(folder);
    add(cache, 100 + round, results[round % 4]!);
    cache.close();
  }
  const cache = openCache(folder);
  expect(packs(folder).length).toBeLessThan(10);
  for (let round = 0; round < 130; round++) {
    expect(await find(cache, 100 + round)).toEqual(results[round % 4]);
  }
  cache.close();
});

test('a cache that cannot be written to is told once, and packing goes on', async () => {
  const folder = temporaryFolder();
  const failures: Error[] = [];
  const cache = openCache(folder, { onFailure: (error) => failures.push(error) });
  rmSync(folder, { recursive: true });
  add(cache, 0, results[0]!);
  add(cache, 1, results[1]!);
  expect(failures).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
  expect(await find(cache, 0)).toBeUndefined();
});
