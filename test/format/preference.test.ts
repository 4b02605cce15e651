// preference.test.ts: the order of the variants of a route.
import { expect, test } from 'vitest';
import { CODING_BR, CODING_GZIP, CODING_IDENTITY, CODING_ZSTD } from '../../src/format/layout.ts';
import { isPreferred } from '../../src/format/preference.ts';

test('the smaller body comes first whatever its coding', () => {
  expect(isPreferred(CODING_IDENTITY, 1, CODING_BR, 2)).toBe(true);
  expect(isPreferred(CODING_BR, 2, CODING_IDENTITY, 1)).toBe(false);
});

test('bodies of one length stand as br, zstd, gzip, identity', () => {
  const order = [CODING_IDENTITY, CODING_GZIP, CODING_BR, CODING_ZSTD].sort((left, right) =>
    isPreferred(left, 9, right, 9) ? -1 : 1,
  );
  expect(order).toEqual([CODING_BR, CODING_ZSTD, CODING_GZIP, CODING_IDENTITY]);
  expect(isPreferred(CODING_BR, 9, CODING_BR, 9)).toBe(false);
});
