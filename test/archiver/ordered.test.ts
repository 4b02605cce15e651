// ordered.test.ts: work at once, results in order.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapOrdered } from '../../archiver/ordered.ts';

const wide = { itemsMax: 4, costMax: 1_000 };
const pause = () => new Promise<void>((resolve) => void setImmediate(resolve));

async function collect<Result>(results: AsyncIterable<Result>): Promise<Result[]> {
  const all: Result[] = [];
  for await (const result of results) all.push(result);
  return all;
}

test('results come in the order of the items, within both bounds, however long each takes', async () => {
  const bounds = fc.record({
    itemsMax: fc.integer({ min: 1, max: 5 }),
    costMax: fc.integer({ min: 1, max: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 })), bounds, async (costs, limits) => {
      let running: number[] = [];
      const results = mapOrdered(
        costs.entries(),
        limits,
        ([, cost]) => cost,
        async ([index, cost]) => {
          running.push(cost);
          const sum = running.reduce((total, one) => total + one, 0);
          expect(running.length).toBeLessThanOrEqual(limits.itemsMax);
          if (running.length > 1) expect(sum).toBeLessThanOrEqual(limits.costMax);
          for (let i = 0; i < cost % 4; i++) await pause();
          running = running.toSpliced(running.indexOf(cost), 1);
          return index;
        },
      );
      expect(await collect(results)).toEqual([...costs.keys()]);
    }),
  );
});

test('several run at once', async () => {
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < 20; turn++) await pause();
    running--;
  };
  await collect(mapOrdered([1, 2, 3, 4, 5, 6, 7, 8], wide, () => 1, work));
  expect(most).toBe(4);
});

test('a failure is thrown in its place, after the results before it', async () => {
  const seen: number[] = [];
  const work = async (item: number) => {
    if (item === 2) throw new Error('second');
    if (item === 1) await pause();
    return item;
  };
  const run = async () => {
    for await (const item of mapOrdered([1, 2, 3], wide, () => 1, work)) seen.push(item);
  };
  await expect(run()).rejects.toThrow('second');
  expect(seen).toEqual([1]);
});

test('a result that is ready is given before further work is begun', async () => {
  const begun: number[] = [];
  const work = (item: number) => {
    begun.push(item);
    return Promise.resolve(item);
  };
  for await (const item of mapOrdered([1, 2, 3, 4, 5, 6], wide, () => 1, work)) {
    expect(begun.length).toBeLessThanOrEqual(item + 1);
  }
});
