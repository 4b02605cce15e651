// size.test.ts: three digits and a unit.
import { expect, test } from 'vitest';
import { size } from '../../src/format/size.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.00 kB'],
  [12_345, '12.3 kB'],
  [999_499, '999 kB'],
  [999_500, '1.00 MB'],
  [98_100_000, '98.1 MB'],
  [4_294_967_295, '4.29 GB'],
  [5_000_000_000_000, '5000 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
