// source.test.ts: words of bytes that are part of a larger buffer.
import { expect, test } from 'vitest';
import { glance, viewOf, wordsOf } from '../../src/format/source.ts';

test('words begin where the bytes begin', () => {
  const bytes = Uint8Array.of(9, 1, 2, 3, 4, 9).subarray(1, 5);
  expect(viewOf(bytes).getUint32(0, true)).toBe(0x04030201);
  expect(wordsOf(bytes).getUint32(0, true)).toBe(0x04030201);
  expect(() => wordsOf(bytes).getUint32(1, true)).toThrow(RangeError);
});

test('a source that has words of its own gives them', () => {
  const part = () => new Uint8Array(4);
  const own = { length: 4, subarray: part, glance: () => Uint8Array.of(5), getUint32: () => 7 };
  expect(wordsOf(own)).toBe(own);
  expect(glance(own, 0, 4)).toEqual(Uint8Array.of(5));
  expect(glance(Uint8Array.of(1, 2, 3), 1, 2)).toEqual(Uint8Array.of(2));
});
