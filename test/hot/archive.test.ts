// archive.test.ts: numbers and records read through the windows.
import { expect, test } from 'vitest';
import { openWindows } from '../../src/boot/windows.ts';
import { cdbHash } from '../../src/format/hash.ts';
import { WINDOW_BITS, WINDOW_OVERLAP, find, u16, u32, u8 } from '../../src/hot/archive.ts';
import { HEAD_BLOCK_BYTES_MAX, KEY_BYTES_MAX } from '../../src/format/layout.ts';
import { page, serve } from './harness.ts';
import { viewOf } from './oracle.ts';

const NO_PREFIX = viewOf(new Uint8Array(0));
const WINDOW = 2 ** WINDOW_BITS;

function findKey(key: string, prefix = ''): number {
  const bytes = Buffer.from(`..${key}..`, 'latin1');
  const whole = Buffer.from(prefix + key, 'latin1');
  const hash = cdbHash(whole, 0, whole.length) | 0;
  const before = Buffer.from(prefix, 'latin1');
  return find(hash, viewOf(before), 0, before.length, viewOf(bytes), 2, bytes.length - 2);
}

test('numbers are little-endian, and unsigned as bits', () => {
  openWindows(Uint8Array.of(0x01, 0x02, 0x83, 0xf4, 0x05, 0xff).buffer);
  expect([u8(0), u8(5)]).toEqual([0x01, 0xff]);
  expect([u16(0), u16(4)]).toEqual([0x0201, 0xff05]);
  expect(u32(0) >>> 0).toBe(0xf4830201);
  expect(u32(0)).toBe(0xf4830201 | 0);
});

test('a record is found by its key, and by prefix and key', () => {
  const archive = serve({ '/a': page('a'), '404/': page('x'), '/ab': page('b') });
  const statusAt = (position: number): number => archive[position]! + archive[position + 1]! * 256;
  expect(statusAt(findKey('/a'))).toBe(200);
  expect(findKey('/a')).not.toBe(findKey('/ab'));
  expect(findKey('/', '404')).toBe(findKey('404/'));
  expect(findKey('04/', '4')).toBe(findKey('404/'));
});

test.each(['', '/', '/b', '/abc', '/A', 'a', '404', `/${'a'.repeat(9_000)}`])(
  '%j is not',
  (key) => {
    serve({ '/a': page('a'), '404/': page('x'), '/ab': page('b') });
    expect(findKey(key)).toBe(0);
  },
);

test('an empty archive holds nothing', () => {
  openWindows(new ArrayBuffer(2_048));
  for (let byte = 0; byte < 256; byte++) {
    expect(find(byte, NO_PREFIX, 0, 0, viewOf(Uint8Array.of(byte)), 0, 1)).toBe(0);
  }
});

test('a table without an empty slot ends the search', () => {
  // Table 0 at 2,048: two slots, both with other hashes.
  const bytes = new Uint8Array(2_048 + 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 2_048, true);
  view.setUint32(4, 2, true);
  for (const [slot, hash] of [
    [0, 256],
    [1, 512],
  ] as const) {
    view.setUint32(2_048 + slot * 8, hash, true);
    view.setUint32(2_048 + slot * 8 + 4, 2_048, true);
  }
  openWindows(bytes.buffer);
  expect(find(0x100_00, NO_PREFIX, 0, 0, viewOf(Uint8Array.of(1)), 0, 1)).toBe(0);
});

test('a window reaches past its end as far as anything that is read in one piece', () => {
  expect(WINDOW_OVERLAP).toBeGreaterThan(KEY_BYTES_MAX + HEAD_BLOCK_BYTES_MAX);
});

test('numbers across the seam of two windows', () => {
  // Untouched pages of it cost nothing.
  const archive = new ArrayBuffer(3 * WINDOW + 4_096);
  openWindows(archive);
  for (const seam of [WINDOW, 2 * WINDOW, 3 * WINDOW]) {
    new Uint8Array(archive, seam - 4, 8).set([1, 2, 3, 4, 5, 6, 7, 0x88]);
    const read = [-4, -3, -2, -1, 0].map((step) => (u32((seam + step) | 0) >>> 0).toString(16));
    expect(read).toEqual(['4030201', '5040302', '6050403', '7060504', '88070605']);
    expect(u16((seam - 1) | 0)).toBe(0x0504);
    expect([u8((seam - 1) | 0), u8(seam | 0)]).toEqual([4, 5]);
  }
});
