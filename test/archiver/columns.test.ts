// columns.test.ts: rows of numbers that grow.
import { expect, test } from 'vitest';
import { withRoom } from '../../archiver/columns.ts';

test('a column with room is given back, one without is copied, of the same kind', () => {
  const column = Float64Array.of(1.5, 2 ** 40);
  expect(withRoom(column, 2)).toBe(column);
  const longer = withRoom(column, 3);
  expect(longer).toBeInstanceOf(Float64Array);
  expect(longer.length).toBeGreaterThanOrEqual(3);
  expect([...longer.subarray(0, 3)]).toEqual([1.5, 2 ** 40, 0]);
});

test('growing one by one copies seldom', () => {
  let column = new Uint32Array(0);
  let copies = 0;
  for (let length = 1; length <= 100_000; length++) {
    const longer = withRoom(column, length);
    if (longer !== column) copies++;
    column = longer;
    column[length - 1] = length;
  }
  expect(copies).toBeLessThan(10);
  expect(column.subarray(0, 100_000).every((value, at) => value === at + 1)).toBe(true);
});
