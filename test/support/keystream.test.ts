// keystream.test.ts: a part made by itself is the part of the whole, and a difference is seen.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Keystream } from './keystream.ts';
import { temporaryFolder } from './site.ts';

const stream = new Keystream(3_000_001, 1);

test('parts are parts of what is written', () => {
  const file = join(temporaryFolder(), 'stream');
  stream.write(file);
  const whole = readFileSync(file);
  expect(whole.length).toBe(stream.length);
  for (const [from, to] of [
    [0, 1],
    [15, 17],
    [16, 16],
    [1_048_575, 1_048_577],
    [2_999_999, 4_000_000],
  ] as const) {
    expect(stream.subarray(from, to).equals(whole.subarray(from, to))).toBe(true);
  }
});

test('a comparison finds the first byte that is another, and bytes past the end', () => {
  const same = stream.comparison(7);
  expect(same(stream.subarray(7, 1_000))).toBeUndefined();
  expect(same(stream.subarray(1_000, 70_000))).toBeUndefined();
  const other = stream.subarray(70_000, 80_000);
  other[123]! ^= 1;
  expect(same(other)).toBe(70_123);
  const end = stream.comparison(stream.length - 1);
  expect(end(Buffer.alloc(2))).toBeDefined();
});

test('another seed is another stream', () => {
  expect(new Keystream(100, 2).subarray(0, 100).equals(stream.subarray(0, 100))).toBe(false);
});
