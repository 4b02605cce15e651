// backoff.test.ts: a worker that dies once is replaced at once, one that keeps dying ends the service.
import { expect, test } from 'vitest';
import { DEATHS_MAX, WINDOW_MS, waitBeforeRestart } from '../../src/ops/backoff.ts';

const deaths = (count: number, gapMs: number): number[] =>
  Array.from({ length: count }, (_, index) => index * gapMs);

test('the first death costs no wait, further ones ever more, up to five seconds', () => {
  const waits = Array.from({ length: DEATHS_MAX - 1 }, (_, index) =>
    waitBeforeRestart(deaths(index + 1, 1)),
  );
  expect(waits).toEqual([0, 50, 100, 200, 400, 800, 1_600, 3_200, 5_000]);
});

test('ten deaths in a minute are given up', () => {
  expect(waitBeforeRestart(deaths(DEATHS_MAX, 1))).toBeUndefined();
  expect(waitBeforeRestart(deaths(DEATHS_MAX, WINDOW_MS / DEATHS_MAX))).toBeUndefined();
});

test('deaths a minute apart are forgotten', () => {
  expect(waitBeforeRestart(deaths(100, WINDOW_MS))).toBe(0);
  expect(waitBeforeRestart(deaths(100, WINDOW_MS / 9))).toBe(5_000);
});
