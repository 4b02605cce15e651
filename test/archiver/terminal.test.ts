// terminal.test.ts: how wide text is, and where it is cut.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, fit, padEnd, padStart } from '../../archiver/terminal.ts';

test.each([
  ['', 0],
  ['plain', 5],
  ['naïve', 5],
  ['nai\u0308ve', 5],
  ['名前', 4],
  ['한글', 4],
  ['😀', 2],
  ['a\u200db', 2],
  ['🇨🇭', 4],
])('%j takes %d columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test('what fits stays, what does not is cut between characters, with a mark', () => {
  expect(fit('abcdef', 6)).toBe('abcdef');
  expect(fit('abcdefg', 6)).toBe('abc...');
  expect(fit('名前名前', 7)).toBe('名前...');
  expect(fit('名前名前', 6)).toBe('名...');
  expect(fit('abc', 2)).toBe('..');
  expect(fit('abc', 0)).toBe('');
  expect(fit('abc', -1)).toBe('');
});

test('nothing is wider than it may be', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, columns) => {
      expect(columnsOf(fit(text, columns))).toBeLessThanOrEqual(columns);
    }),
  );
});

test('padding goes by columns', () => {
  expect(padEnd('名', 4)).toBe('名  ');
  expect(padStart('名', 4)).toBe('  名');
  expect(padStart('long', 2)).toBe('long');
});
