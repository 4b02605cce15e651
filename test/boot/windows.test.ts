// windows.test.ts: where each window begins and ends, for archives of every size up to 4 GiB.
import { expect, test } from 'vitest';
import { openWindows } from '../../src/boot/windows.ts';
import { WINDOWS_MAX, WINDOW_BITS, WINDOW_OVERLAP, windows } from '../../src/hot/archive.ts';

const GIB = 2 ** WINDOW_BITS;
const spans = (): (readonly [number, number])[] =>
  windows.map((window) => [window.byteOffset, window.byteLength] as const);

test('a small archive has one window of its size', () => {
  openWindows(new ArrayBuffer(5_000));
  expect(spans().map(([, length]) => length)).toEqual([5_000, 0, 0, 0]);
});

test('a smaller one after it leaves nothing of the larger', () => {
  openWindows(new ArrayBuffer(10));
  expect(spans().map(([, length]) => length)).toEqual([10, 0, 0, 0]);
});

test.each([
  [GIB, [GIB, 0, 0, 0]],
  [GIB + 1, [GIB + 1, 1, 0, 0]],
  [GIB + WINDOW_OVERLAP + 1, [GIB + WINDOW_OVERLAP, WINDOW_OVERLAP + 1, 0, 0]],
  [2 * GIB + 9, [GIB + WINDOW_OVERLAP, GIB + 9, 9, 0]],
  [4 * GIB - 1, [...Array<number>(3).fill(GIB + WINDOW_OVERLAP), GIB - 1]],
])('%d bytes', (bytes, lengths) => {
  // Untouched memory: it takes address space and no more.
  openWindows(new ArrayBuffer(bytes));
  expect(windows).toHaveLength(WINDOWS_MAX);
  expect(spans().map(([, length]) => length)).toEqual(lengths);
  for (const [index, [at, length]] of spans().entries()) {
    if (length > 0) expect(at).toBe(index * GIB);
  }
});
