// bounds.test.ts: before the operator's word is known, and for whoever has none, the defaults hold.
import { expect, test } from 'vitest';
import { FIELDS, LINE_BYTES, SECTION_BYTES, bounds } from '../../src/hot/bounds.ts';
import * as limits from '../../src/limits.ts';

test('the defaults are those of limits.ts', () => {
  expect(bounds[LINE_BYTES]).toBe(limits.REQUEST_LINE_BYTES_MAX);
  expect(bounds[SECTION_BYTES]).toBe(limits.HEADER_SECTION_BYTES_MAX);
  expect(bounds[FIELDS]).toBe(limits.HEADER_FIELDS_MAX);
  expect(bounds).toHaveLength(3);
});
