// allocations.test.ts: requests leave nothing in the worker's heap. The full tier sends a million.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  allocationsText,
  DIFFERENCE_BYTES_MAX,
  isWithinLimit,
  measureAllocations,
  parseHeap,
} from '../../bench/allocations.ts';
import { onEnd } from '../support/cleanup.ts';
import { FULL, record } from '../support/ledger.ts';

const REQUESTS = FULL ? 1_000_000 : 50_000;

test('the last heap report counts', () => {
  expect(parseHeap('serving\nheap 12 3000\nnoise\nheap 12 4000\n')).toEqual({
    reports: 2,
    used: 4_000,
  });
  expect(parseHeap('no heap 1 2').reports).toBe(0);
});

test('a heap may differ by 64 KiB either way', () => {
  const result = { requests: 1, seconds: 1, counts: new Map([['200', 1]]), before: 100_000 };
  const within = (difference: number) => isWithinLimit({ ...result, after: 100_000 + difference });
  expect(within(DIFFERENCE_BYTES_MAX)).toBe(true);
  expect(within(DIFFERENCE_BYTES_MAX + 1)).toBe(false);
  expect(within(-DIFFERENCE_BYTES_MAX - 1)).toBe(false);
  expect(allocationsText({ ...result, after: 100_001 })).toContain('+1: within 65536');
});

test(`${REQUESTS} requests of every kind leave nothing in the worker`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cdbserve-test-'));
  onEnd(() => rmSync(directory, { recursive: true }));
  const result = await measureAllocations(directory, REQUESTS);
  const difference = result.after - result.before;
  record(
    'allocations',
    { requests: REQUESTS, difference_bytes: difference },
    isWithinLimit(result),
  );
  expect(Math.abs(difference)).toBeLessThanOrEqual(DIFFERENCE_BYTES_MAX);
  expect([...result.counts.keys()].length).toBe(9);
}, 600_000);
