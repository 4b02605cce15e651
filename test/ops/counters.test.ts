// counters.test.ts: totals of workers that live, die, and write what they like.
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadWall } from '../../src/native.ts';
import { Counters, RING_STATS, type Totals } from '../../src/ops/counters.ts';
import { addonPath, packageRoot } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { xorshift } from '../support/site.ts';

const wall = loadWall(addonPath('wall'));
const HIGHEST = 2n ** 64n - 1n;

/** Offsets of the layout that src/ops/journals.ts hands out. */
const AT = { dropped: 8, bodyBytes: 16, microseconds: 24, durations: 32, stats: 256, slots: 512 };
const BYTES = 24_576;

function journal(counters: Counters): number {
  const descriptor = wall.createJournal(0);
  onEnd(() => wall.closeDescriptor(descriptor));
  counters.born(descriptor);
  return descriptor;
}

function put(descriptor: number, at: number, value: bigint): void {
  writeSync(descriptor, new BigUint64Array([value]), 0, 8, at);
}

const slotOf = (status: number, method: number): number => (status - 100) * 5 + method;

test('what all that live and all that are gone have counted is added up', async () => {
  const counters = new Counters();
  const [one, two] = [journal(counters), journal(counters)];
  for (const [descriptor, factor] of [
    [one, 1n],
    [two, 10n],
  ] as const) {
    put(descriptor, AT.dropped, 2n * factor);
    put(descriptor, AT.bodyBytes, 3n * factor);
    put(descriptor, AT.microseconds, 4n * factor);
    put(descriptor, AT.durations + 8 * 15, 5n * factor);
    put(descriptor, AT.slots + 8 * slotOf(200, 1), 6n * factor);
    for (let index = 0; index < 10; index++) {
      put(descriptor, AT.stats + 8 * index, BigInt(20 - 2 * index) * factor);
    }
  }
  const before = counters.totals();
  expect(before).toMatchObject({ dropped: 22n, bodyBytes: 33n, microseconds: 44n });
  const ring = { accepted: 220n, closed: 198n, refused: 176n, evicted: 154n, refusedAddress: 22n };
  expect(before.ring).toEqual(ring);
  expect([before.durations.length, before.durations[15]]).toEqual([16, 55n]);
  expect([before.answers.length, before.answers[slotOf(200, 1)]]).toEqual([2_500, 66n]);
  expect(before.connections).toBe(22n);
  await counters.gone(one);
  const after = counters.totals();
  expect(after).toEqual({ ...before, connections: 20n });
  await counters.gone(two);
  expect(counters.totals()).toEqual({ ...before, connections: 0n });
});

test('what was counted between the last look and the end is not lost', async () => {
  const counters = new Counters();
  const one = journal(counters);
  counters.totals();
  put(one, AT.bodyBytes, 7n);
  await counters.gone(one);
  expect(counters.totals().bodyBytes).toBe(7n);
});

test('the number of a journal that is gone may come back', async () => {
  const counters = new Counters();
  const one = journal(counters);
  put(one, AT.bodyBytes, 7n);
  await counters.gone(one);
  put(one, AT.bodyBytes, 1n);
  counters.born(one);
  expect(counters.totals().bodyBytes).toBe(8n);
});

test('more that were closed than were accepted are none', () => {
  const counters = new Counters();
  const [one, two] = [journal(counters), journal(counters)];
  put(one, AT.stats, 5n);
  put(one, AT.stats + 8, 6n);
  put(two, AT.stats, 3n);
  expect(counters.totals().connections).toBe(3n);
});

test('a worker that says more than one can have done hides nothing of the others', () => {
  const counters = new Counters();
  const [one, two] = [journal(counters), journal(counters)];
  put(one, AT.bodyBytes, HIGHEST);
  put(one, AT.slots, 1n << 50n);
  put(two, AT.bodyBytes, 5n);
  put(two, AT.slots, 7n);
  const { bodyBytes, answers } = counters.totals();
  expect([bodyBytes, answers[0]]).toEqual([5n, 7n]);
  put(one, AT.bodyBytes, 1n << 60n);
  expect(counters.totals().bodyBytes).toBe((1n << 60n) + 5n);
});

function numbersOf({ answers, durations, ring, ...totals }: Totals): bigint[] {
  const { dropped, bodyBytes, microseconds } = totals;
  return [...answers, ...durations, ...Object.values(ring), dropped, bodyBytes, microseconds];
}

test('whatever stands in a journal, no total falls or is less than none', async () => {
  const counters = new Counters();
  const random = xorshift(7);
  let journals = [journal(counters), journal(counters)];
  let before = numbersOf(counters.totals());
  for (let round = 0; round < 30; round++) {
    const noise = new Uint32Array(BYTES / 4).map(() => (random() % 3 === 0 ? random() : 0));
    writeSync(journals[round % 2]!, noise, 0, BYTES, 0);
    if (round % 10 === 9) {
      await counters.gone(journals[0]!);
      journals = [journals[1]!, journal(counters)];
    }
    const totals = counters.totals();
    const now = numbersOf(totals);
    expect(totals.connections).toBeGreaterThanOrEqual(0n);
    expect(now.filter((number, index) => number < before[index]!)).toEqual([]);
    before = now;
  }
});

test('the numbers are those of the ring', () => {
  const header = readFileSync(join(packageRoot, 'native', 'ring.h'), 'utf8');
  const [, fields] = /struct ring_stats \{\s*uint64_t ([^;]+);/.exec(header)!;
  const names = fields!.split(',').map((name) => name.trim());
  const snake = (name: string): string => name.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`);
  const known = Object.entries(RING_STATS);
  expect(known.map(([, index]) => names[index])).toEqual(known.map(([name]) => snake(name)));
});
