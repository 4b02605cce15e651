// limits.test.ts: bounds that something outside limits.ts is built on.
import { expect, test } from 'vitest';
import * as limits from '../src/limits.ts';

test('every limit is a positive whole number that V8 keeps without a box', () => {
  for (const [name, value] of Object.entries(limits)) {
    expect([name, Number.isInteger(value) && value > 0 && value < 2 ** 30]).toEqual([name, true]);
  }
});

test('a limit of bytes, of milliseconds or of a count says so in its name', () => {
  const units = /(BYTES|MS|ROWS|FIELDS|PARTS|BLOCKS|CONNECTIONS|WORKERS|DESCRIPTORS|ACCEPTS)/;
  expect(Object.keys(limits).filter((name) => !units.test(name))).toEqual([]);
});
