// pool.test.ts: threads that compress.
import { expect, test } from 'vitest';
import { recipesFor } from '../../archiver/effort.ts';
import { Pool } from '../../archiver/pool.ts';
import { onEnd } from '../support/cleanup.ts';
import { noise } from '../support/site.ts';
import { WORKSHOP } from './fixture.ts';

const recipes = recipesFor('fast', ['br', 'zstd', 'gzip'], 1_000);
/** In a buffer of its own, as a job's must be. */
const page = (number: number) => new Uint8Array(Buffer.from(`page ${number}, `.repeat(500)));

function openPool(threads: number): Pool {
  const pool = new Pool(threads);
  onEnd(() => pool.close());
  return pool;
}

test('threads start with the work, and no more of them than allowed', async () => {
  const pool = openPool(2);
  expect(pool.threads).toBe(0);
  await pool.run({ bytes: page(0), recipes });
  await pool.run({ bytes: page(1), recipes });
  expect(pool.threads).toBe(1);
  await Promise.all([2, 3, 4, 5, 6].map((number) => pool.run({ bytes: page(number), recipes })));
  expect(pool.threads).toBe(2);
});

test('each job gets its own results, the same as without a thread', async () => {
  const pool = openPool(3);
  const numbers = Array.from({ length: 40 }, (_, number) => number);
  const done = await Promise.all(numbers.map((n) => pool.run({ bytes: page(n), recipes })));
  const wanted = await Promise.all(
    numbers.map((n) => WORKSHOP.pool.run({ bytes: page(n), recipes })),
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
  const run = pool.run({ bytes, recipes });
  expect(bytes.length).toBe(0);
  const done = await run;
  expect(Buffer.compare(done.bytes, noise(50_000, 1))).toBe(0);
  expect(done.results).toEqual([undefined, undefined, undefined]);
});

test('a thread that fails fails all jobs, those to come as well', async () => {
  const pool = openPool(1);
  const wrong = { bytes: page(0), recipes: [{ coding: 99, level: 1 }] };
  const runs = [pool.run(wrong), pool.run({ bytes: page(1), recipes })];
  for (const run of runs) await expect(run).rejects.toThrow('a packing thread failed');
  await expect(pool.run({ bytes: page(2), recipes })).rejects.toThrow('a packing thread failed');
});

test('a closed pool works no more', async () => {
  const pool = openPool(1);
  const run = pool.run({ bytes: new Uint8Array(noise(5_000_000, 1)), recipes });
  const told = run.catch((error: Error) => error.message);
  await pool.close();
  expect(await told).toBe('the pool is closed');
  await expect(pool.run({ bytes: page(0), recipes })).rejects.toThrow('the pool is closed');
});
