// batches.test.ts: which files go together.
import { expect, test } from 'vitest';
import { batches } from '../../archiver/batches.ts';

const itemsOf = (...lengths: number[]) => lengths.map((bytes, index) => ({ index, bytes }));
const shape = (items: ReturnType<typeof itemsOf>, bytesMax: number) =>
  [...batches(items, bytesMax)].map(({ items: some, bytes }) => [
    some.map(({ index }) => index),
    bytes,
  ]);

test('a large file goes alone, small ones together, in their order', () => {
  expect(shape(itemsOf(5_000_000, 400_000, 200_000, 40_000, 40_000, 0), 250_000)).toEqual([
    [[0], 5_000_000],
    [[1], 400_000],
    [[2, 3], 240_000],
    [[4, 5], 40_000],
  ]);
});

test('no more than 64 of them, and none where there are none', () => {
  const items = itemsOf(...Array<number>(130).fill(10));
  expect([...batches(items, 250_000)].map(({ items: some }) => some.length)).toEqual([64, 64, 2]);
  expect(shape([], 250_000)).toEqual([]);
});
