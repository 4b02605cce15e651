// backoff.test.ts: how long dead workers are waited for.
import { expect, test } from 'vitest';
import { DEATHS_MAX, WINDOW_MS, waitBeforeRestart } from '../../src/ops/backoff.ts';

/** One death a second, the newest at `now`. */
const deaths = (count: number, now = 1_000_000): number[] =>
  Array.from({ length: count }, (_, index) => now - (count - 1 - index) * 1_000);

test('the first is replaced at once, later ones after longer and longer', () => {
  const waits = Array.from({ length: DEATHS_MAX }, (_, index) =>
    waitBeforeRestart(deaths(index + 1)),
  );
  expect(waits).toEqual([0, 50, 100, 200, 400, 800, 1_600, 3_200, 5_000, undefined]);
});

test('deaths longer ago than the window do not count', () => {
  const old = deaths(20, 0);
  expect(waitBeforeRestart([...old, WINDOW_MS])).toBe(0);
  expect(waitBeforeRestart([...old, WINDOW_MS - 1])).toBe(50);
  expect(waitBeforeRestart([0, WINDOW_MS])).toBe(0);
});

test('ten within the window are the end, ten in more than it are not', () => {
  const spread = Array.from({ length: 10 }, (_, index) => (index * WINDOW_MS) / 9);
  expect(waitBeforeRestart(spread)).not.toBeUndefined();
  const within = spread.map((time) => time * 0.999);
  expect(waitBeforeRestart(within)).toBeUndefined();
});

test('nobody died', () => {
  expect(waitBeforeRestart([])).toBe(0);
});
