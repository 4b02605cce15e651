// encode.test.ts: which bodies of a file are stored, and what is asked of whom.
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { recipesFor } from '../../archiver/effort.ts';
import type { Recipe } from '../../archiver/effort.ts';
import { encodeBodies } from '../../archiver/encode.ts';
import type { Encoded, Encoder, Memory } from '../../archiver/encode.ts';
import type { Sought } from '../../archiver/lookups.ts';
import { Pool } from '../../archiver/pool.ts';
import type { Job, Result } from '../../archiver/pool.ts';
import { sharedBuffers } from '../../archiver/slab.ts';
import { sha256 } from '../../archiver/store.ts';
import { CODING_BR, CODING_GZIP, CODING_IDENTITY, CODING_ZSTD } from '../../src/format/layout.ts';
import { onEnd } from '../support/cleanup.ts';
import { noise } from '../support/site.ts';
import { WORKSHOP } from './fixture.ts';

const RECIPES = recipesFor('fast', ['br', 'zstd', 'gzip'], 1_000);
const bodyOf = (bytes: Uint8Array): Result => ({ bytes, digest: sha256(bytes) });
const page = bodyOf(Buffer.from('the same words '.repeat(100)));
const codings = ({ bodies }: Encoded) => bodies.map(({ coding }) => coding);

/** One alone. */
async function encodeBody(
  body: Result,
  recipes: readonly Recipe[],
  workshop: Encoder,
): Promise<Encoded> {
  const [encoded] = await encodeBodies([{ body, recipes }], workshop);
  return encoded!;
}

/** A memory that can be looked into. */
function makeMemory() {
  const known = new Map<string, Result | 'unpaid'>();
  const nameOf = ({ body, recipe: { coding, level } }: Sought) =>
    `${Buffer.from(body).toString('hex')} ${coding} ${level}`;
  const memory: Memory = {
    find: async (sought) => sought.map((each) => known.get(nameOf(each))),
    add: (sought, result) => void known.set(nameOf(sought), result),
  };
  return { known, memory };
}

/** Counts what is asked of it. */
function countingPool() {
  const jobs: Job[] = [];
  const pool = {
    compress: (asked: readonly Job[]) => {
      jobs.push(...asked);
      return WORKSHOP.pool.compress(asked);
    },
  };
  return { jobs, pool };
}

test('every coding comes with its digest, the smallest first, identity last', async () => {
  const encoded = await encodeBody(page, RECIPES, WORKSHOP);
  const { bodies } = encoded;
  const sizes = bodies.map(({ bytes }) => bytes.length);
  expect(sizes).toEqual([...sizes].sort((left, right) => left - right));
  expect(new Set(codings(encoded))).toEqual(
    new Set([CODING_BR, CODING_ZSTD, CODING_GZIP, CODING_IDENTITY]),
  );
  for (const { bytes, digest } of bodies) expect(sha256(bytes).equals(digest)).toBe(true);
  const gzip = bodies.find(({ coding }) => coding === CODING_GZIP)!;
  expect(gunzipSync(gzip.bytes)).toEqual(page.bytes);
  expect(bodies.at(-1)!.bytes).toEqual(page.bytes);
});

test('what does not shrink is stored as it is', async () => {
  const body = bodyOf(noise(5_000, 1));
  expect(codings(await encodeBody(body, RECIPES, WORKSHOP))).toEqual([CODING_IDENTITY]);
});

test('without recipes nobody is asked', async () => {
  const { jobs, pool } = countingPool();
  const encoded = await encodeBody(page, [], { pool, memory: undefined });
  expect(encoded.memory).toEqual({ asked: 0, found: 0 });
  expect([codings(encoded), encoded.seconds, jobs]).toEqual([[CODING_IDENTITY], 0, []]);
});

test('what is known is not made again, also that it does not pay', async () => {
  const { known, memory } = makeMemory();
  const { jobs, pool } = countingPool();
  for (const body of [page, bodyOf(noise(5_000, 1))]) {
    const first = await encodeBody(body, RECIPES, { pool, memory });
    const asked = jobs.length;
    const again = await encodeBody(body, RECIPES, { pool, memory });
    expect(first.memory).toEqual({ asked: 3, found: 0 });
    expect(again).toEqual({ ...first, seconds: 0, memory: { asked: 3, found: 3 } });
    expect(jobs.length).toBe(asked);
  }
  expect(known.size).toBe(6);
  expect([...known.values()].filter((result) => result === 'unpaid')).toHaveLength(3);
});

test('only what is missing is made', async () => {
  const { memory } = makeMemory();
  const { jobs, pool } = countingPool();
  const [br, zstd, gzip] = RECIPES;
  await encodeBody(page, [zstd!], { pool, memory });
  const all = await encodeBody(page, RECIPES, { pool, memory });
  expect(jobs.map(({ recipes }) => recipes)).toEqual([[zstd], [br, gzip]]);
  expect(all.bodies).toEqual((await encodeBody(page, RECIPES, WORKSHOP)).bodies);
});

test('what is missing goes in orders that others can take a part of, each body for itself', async () => {
  const pool = new Pool(2);
  onEnd(() => pool.close());
  const orders: number[][] = [];
  const counting = {
    compress: (jobs: readonly Job[]) => {
      orders.push(jobs.map(({ bytes }) => bytes.length));
      return pool.compress(jobs);
    },
  };
  const take = sharedBuffers();
  const lengths = [300_000, 200_000, 9_000, 8_000, 60_000, 100];
  const bodies = lengths.map((length, at) => {
    const bytes = take(length);
    bytes.set(Buffer.alloc(length, `words of body ${at}, `));
    return bodyOf(bytes);
  });
  const copies = bodies.map(({ bytes }) => Buffer.from(bytes));
  const { memory } = makeMemory();
  await encodeBody(bodyOf(Buffer.from(copies[3]!)), RECIPES, { ...WORKSHOP, memory });
  const wishes = bodies.map((body) => ({ body, recipes: RECIPES }));
  const all = await encodeBodies(wishes, { pool: counting, memory });
  expect(orders).toEqual([[300_000], [200_000, 9_000], [60_000, 100]]);
  for (const [at, { bodies: coded }] of all.entries()) {
    expect(Buffer.compare(coded.at(-1)!.bytes, copies[at]!)).toBe(0);
    const gzip = coded.find(({ coding }) => coding === CODING_GZIP);
    if (gzip) expect(gunzipSync(gzip.bytes).equals(copies[at]!)).toBe(true);
  }
  expect(all.map(({ memory: { found } }) => found)).toEqual([0, 0, 0, 3, 0, 0]);
});

test('a failure of the pool is passed on, and nothing is remembered', async () => {
  const { known, memory } = makeMemory();
  const pool = { compress: () => Promise.reject(new Error('no thread')) };
  await expect(encodeBody(page, RECIPES, { pool, memory })).rejects.toThrow('no thread');
  expect(known.size).toBe(0);
});

test('of many together each has its own, also where memory has a part of them', async () => {
  const { memory } = makeMemory();
  const bodies = [page, bodyOf(Buffer.from('other words '.repeat(90))), bodyOf(noise(500, 2))];
  await encodeBody(bodies[1]!, RECIPES, { ...WORKSHOP, memory });
  const wishes = [
    { body: bodies[0]!, recipes: RECIPES.slice(1) },
    { body: bodies[1]!, recipes: RECIPES },
    { body: bodies[2]!, recipes: [] },
  ];
  const together = await encodeBodies(wishes, { ...WORKSHOP, memory });
  for (const [at, { body, recipes }] of wishes.entries()) {
    expect(together[at]!.bodies).toEqual((await encodeBody(body, recipes, WORKSHOP)).bodies);
  }
});
