// effort.test.ts: what is tried at which level, and what is kept.
import { expect, test } from 'vitest';
import { CODING_CHOICES, pays, recipesFor } from '../../archiver/effort.ts';
import type { Effort } from '../../archiver/effort.ts';
import { CODING_BR, CODING_GZIP, CODING_ZSTD } from '../../src/format/layout.ts';

const levels = (effort: Effort, bodyBytes = 10_000) =>
  recipesFor(effort, CODING_CHOICES, bodyBytes).map(({ level }) => level);

test('every coding has its level at every effort; none has no coding', () => {
  expect(CODING_CHOICES).toEqual(['br', 'zstd', 'gzip']);
  expect(levels('fast')).toEqual([5, 3, 6]);
  expect(levels('max')).toEqual([11, 19, 12]);
  expect(levels('none')).toEqual([]);
  const [fast, balanced, max] = [levels('fast'), levels('balanced'), levels('max')];
  for (const [at, level] of balanced.entries()) {
    expect(level).toBeGreaterThan(fast[at]!);
    expect(level).toBeLessThanOrEqual(max[at]!);
  }
});

test('only what is asked for is tried', () => {
  expect(recipesFor('fast', ['gzip'], 10_000)).toEqual([{ coding: CODING_GZIP, level: 6 }]);
  expect(recipesFor('fast', CODING_CHOICES, 10_000).map(({ coding }) => coding)).toEqual([
    CODING_BR,
    CODING_ZSTD,
    CODING_GZIP,
  ]);
});

test('balanced spends less on bodies so short that nothing can be gained', () => {
  expect(levels('balanced', 1_024)[0]!).toBeLessThan(levels('balanced', 1_025)[0]!);
  expect(levels('max', 100)).toEqual(levels('max'));
});

test('balanced spends less on long bodies', () => {
  const [short, long] = [levels('balanced', 10_000), levels('balanced', 10_000_000)];
  expect(long[0]!).toBeLessThan(short[0]!);
  expect(levels('max', 10_000_000)).toEqual(levels('max'));
});

test('too short a body or one over 1 GiB is not tried', () => {
  expect(levels('fast', 64)).toEqual([]);
  expect(levels('fast', 65)).toHaveLength(3);
  expect(levels('fast', 2 ** 30)).toHaveLength(3);
  expect(levels('fast', 2 ** 30 + 1)).toEqual([]);
});

test('a coding must save 64 bytes and 5 %', () => {
  expect(pays(500, 436)).toBe(true);
  expect(pays(500, 437)).toBe(false);
  expect(pays(10_000, 9_500)).toBe(true);
  expect(pays(10_000, 9_501)).toBe(false);
  expect(pays(100, 200)).toBe(false);
});
