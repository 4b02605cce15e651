// modified.test.ts: the time of Last-Modified.
import { expect, test } from 'vitest';
import { isInFuture, modifiedSeconds } from '../../archiver/modified.ts';
import type { ModifiedPolicy } from '../../archiver/modified.ts';

const policy: ModifiedPolicy = { source: 'mtime', clamp: undefined, now: 1_000 };

test.each<[string, Partial<ModifiedPolicy>, number, number, boolean]>([
  ['in whole seconds, never later', {}, 999_999, 999, false],
  ['now', {}, 1_000_500, 1_000, false],
  ['later than the clock', {}, 1_001_000, 0, true],
  ['before 1970', {}, -1, 0, false],
  ['later than the clamp', { clamp: 500 }, 999_000, 500, false],
  ['earlier than the clamp', { clamp: 500 }, 400_000, 400, false],
  ['in the future, clamped into the past', { clamp: 500 }, 5_000_000, 500, false],
  ['a clamp in the future', { clamp: 2_000 }, 5_000_000, 0, true],
  ['not wanted', { source: 'none' }, 999_000, 0, false],
  ['not wanted, in the future', { source: 'none' }, 5_000_000, 0, false],
])('%s', (_, change, modifiedMs, seconds, future) => {
  expect(modifiedSeconds({ ...policy, ...change }, modifiedMs)).toBe(seconds);
  expect(isInFuture({ ...policy, ...change }, modifiedMs)).toBe(future);
});
