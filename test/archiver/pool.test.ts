// pool.test.ts: threads that compress.
import { closeSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recipesFor } from '../../archiver/effort.ts';
import { resultKey } from '../../archiver/lookups.ts';
import { PackWriter, openPack } from '../../archiver/packs.ts';
import { Pool } from '../../archiver/pool.ts';
import type { Done, Job } from '../../archiver/pool.ts';
import { sha256 } from '../../archiver/store.ts';
import { onEnd } from '../support/cleanup.ts';
import { noise, temporaryFolder } from '../support/site.ts';
import { WORKSHOP, addon } from './fixture.ts';

const recipes = recipesFor('fast', ['br', 'zstd', 'gzip'], 1_000);
/** In a buffer of its own, as a job's must be. */
const page = (number: number) => new Uint8Array(Buffer.from(`page ${number}, `.repeat(500)));

const run = async (pool: Pick<Pool, 'compress'>, job: Job): Promise<Done> =>
  (await pool.compress([job]))[0]!;

function openPool(threads: number): Pool {
  const pool = new Pool(threads);
  onEnd(() => pool.close());
  return pool;
}

test('threads start with the work, and no more of them than allowed', async () => {
  const pool = openPool(2);
  expect(pool.threads).toBe(0);
  await run(pool, { bytes: page(0), recipes });
  await run(pool, { bytes: page(1), recipes });
  expect(pool.threads).toBe(1);
  await Promise.all([2, 3, 4, 5, 6].map((number) => run(pool, { bytes: page(number), recipes })));
  expect(pool.threads).toBe(2);
});

test('each job gets its own results, the same as without a thread', async () => {
  const pool = openPool(3);
  const numbers = Array.from({ length: 40 }, (_, number) => number);
  const done = await Promise.all(numbers.map((n) => run(pool, { bytes: page(n), recipes })));
  const wanted = await Promise.all(
    numbers.map((n) => run(WORKSHOP.pool, { bytes: page(n), recipes })),
  );
  const plain = (results: typeof done) =>
    results.map(({ bytes, results: all }) => [
      Buffer.from(bytes).toString('latin1'),
      all.map((one) => one && Buffer.from(one.digest).toString('hex')),
    ]);
  expect(plain(done)).toEqual(plain(wanted));
});

test('a body goes to the thread and comes back', async () => {
  const pool = openPool(1);
  const bytes = new Uint8Array(noise(50_000, 1));
  const running = run(pool, { bytes, recipes });
  expect(bytes.length).toBe(0);
  const done = await running;
  expect(Buffer.compare(done.bytes, noise(50_000, 1))).toBe(0);
  expect(done.results).toEqual([undefined, undefined, undefined]);
});

test('a thread that fails fails all jobs, those to come as well', async () => {
  const pool = openPool(1);
  const wrong = { bytes: page(0), recipes: [{ coding: 99, level: 1 }] };
  const runs = [run(pool, wrong), run(pool, { bytes: page(1), recipes })];
  for (const one of runs) await expect(one).rejects.toThrow('a packing thread failed');
  await expect(run(pool, { bytes: page(2), recipes })).rejects.toThrow('a packing thread failed');
});

test('a closed pool works no more', async () => {
  const pool = openPool(1);
  const running = run(pool, { bytes: new Uint8Array(noise(5_000_000, 1)), recipes });
  const told = running.catch((error: Error) => error.message);
  await pool.close();
  expect(await told).toBe('the pool is closed');
  await expect(run(pool, { bytes: page(0), recipes })).rejects.toThrow('the pool is closed');
});

test('an answer that comes after the end is nothing to anybody', async () => {
  const pool = openPool(1);
  const lookUp = () => pool.lookUp({ packs: [], sought: [] });
  await lookUp();
  const uncaught: unknown[] = [];
  const note = (error: unknown) => void uncaught.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', note);
  try {
    const told = lookUp().catch((error: Error) => error.message);
    // Its answer comes while nobody here can take it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    await pool.close();
    expect(await told).toBe('the pool is closed');
  } finally {
    process.off('uncaughtException', note);
    for (const other of others) process.on('uncaughtException', other);
  }
  expect(uncaught).toEqual([]);
});

test('bodies that share a buffer go and come back together', async () => {
  const pool = openPool(1);
  const buffer = new Uint8Array(
    Buffer.from('one page, '.repeat(100) + 'another one, '.repeat(100)),
  );
  const [one, other] = [buffer.subarray(0, 1_000), buffer.subarray(1_000)];
  const wanted = [one, other].map((bytes) => Buffer.from(bytes));
  const running = pool.compress([
    { bytes: one, recipes },
    { bytes: other, recipes: [] },
  ]);
  expect([one.length, other.length]).toEqual([0, 0]);
  const done = await running;
  expect(done.map(({ bytes }) => Buffer.from(bytes))).toEqual(wanted);
  expect(done.map(({ results }) => results.length)).toEqual([3, 0]);
});

test('files are read in the order they are asked for, and what cannot be read is not there', async () => {
  const pool = openPool(1);
  const folder = temporaryFolder();
  const paths = Array.from({ length: 30 }, (_, at) => join(folder, String(at)));
  for (const [at, path] of paths.entries()) if (at !== 7) writeFileSync(path, noise(at * 999, 1));
  const order: number[] = [];
  const read = await Promise.all(
    [0, 10, 20].map(async (from) => {
      const contents = await pool.read(paths.slice(from, from + 10));
      order.push(from);
      return contents;
    }),
  );
  expect(order).toEqual([0, 10, 20]);
  for (const [at, content] of read.flat().entries()) {
    if (at === 7) expect(content).toBeUndefined();
    else expect(Buffer.compare(content!.bytes, noise(at * 999, 1))).toBe(0);
  }
});

test('what is in packs is found by a thread, and starts no second one', async () => {
  const pool = openPool(2);
  const folder = temporaryFolder();
  const sought = (number: number) => ({
    body: sha256(Buffer.from(String(number))),
    recipe: recipes[0]!,
  });
  const writer = new PackWriter(folder, addon);
  const numbers = Array.from({ length: 50 }, (_, number) => number);
  const bytesOf = (number: number) => noise(number * 999, number);
  for (const number of numbers) {
    const bytes = bytesOf(number);
    writer.add(resultKey(sought(number), addon), { bytes, digest: sha256(bytes) });
  }
  writer.finish();
  const pack = openPack(join(folder, readdirSync(folder)[0]!))!;
  onEnd(() => closeSync(pack.descriptor));
  const look = (number: number) => pool.lookUp({ packs: [pack], sought: [sought(number)] });
  const found = (await Promise.all(numbers.map(look))).flat();
  expect(
    found.map((result) => Buffer.compare(result!.bytes, bytesOf(result!.bytes.length / 999))),
  ).toEqual(numbers.map(() => 0));
  expect(await look(50)).toEqual([undefined]);
  expect(pool.threads).toBe(1);
});

test('who looks something up does not wait for who compresses', async () => {
  const pool = openPool(2);
  const compressing = run(pool, { bytes: page(0), recipes });
  const lookUp = () => pool.lookUp({ packs: [], sought: [] });
  const found = [lookUp(), lookUp(), lookUp()];
  expect(pool.threads).toBe(2);
  expect(await Promise.all(found)).toEqual([[], [], []]);
  await compressing;
});

test('a thread can be had before there is work', async () => {
  const pool = openPool(3);
  pool.warm();
  pool.warm();
  expect(pool.threads).toBe(1);
  expect((await run(pool, { bytes: page(0), recipes })).results).toHaveLength(3);
  expect(pool.threads).toBe(1);
});
