// redirect_pattern.test.ts: patterns of `_redirects`, and what they match.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isStatic,
  matchPattern,
  readPattern,
  segmented,
} from '../../../archiver/rules/redirect_pattern.ts';
import type { Pattern } from '../../../archiver/rules/redirect_pattern.ts';
import { naiveMatch, patternWords } from './naive.ts';

function match(pattern: string, path: string): readonly string[] | undefined {
  const read = readPattern(pattern);
  if (typeof read === 'string') throw new Error(read);
  return matchPattern(read, segmented(path));
}

test.each([
  ['/', '/', []],
  ['/', '/a', undefined],
  ['/a', '/a', []],
  ['/a', '/a/', []],
  ['/a/', '/a', []],
  ['/a', '/A', undefined],
  ['/a', '/ab', undefined],
  ['/a/b', '/a', undefined],
  ['/a%20b', '/a b', []],
  ['/\u00fc', '/\u00fc', []],
  ['/*', '/', ['']],
  ['/*', '/a/b', ['a/b']],
  ['/*', '/a/b/', ['a/b/']],
  ['/a/*', '/a', ['']],
  ['/a/*/', '/a/b', ['b']],
  ['/a/*', '/ab', undefined],
  ['/:x', '/a/', ['a']],
  ['/:x', '/', undefined],
  ['/:x', '/a/b', undefined],
  ['/:x/b/:y/*', '/1/b/2/3/4', ['1', '2', '3/4']],
  ['/a:b', '/a:b', []],
  ['/%3Aa', '/:a', []],
  ['/%2A', '/*', []],
])('%s of %s is %j', (pattern, path, captures) => {
  expect(match(pattern, path)).toEqual(captures);
});

test.each([
  ['//', /empty segment/],
  ['/a//b', /empty segment/],
  ['/a*', /whole last segment/],
  ['/*/a', /whole last segment/],
  ['/:', /no placeholder/],
  ['/:1', /no placeholder/],
  ['/:a/:a', /stands there twice/],
  ['/:splat/*', /another name/],
  ['/%', /no escape/],
  ['/%zz', /no escape/],
  ['/%ff', /not UTF-8/],
  ['/%2f', /no path has NUL/],
  ['/%5C', /no path has NUL/],
  ['/a\\b', /no path has NUL/],
  ['/%00', /no path has NUL/],
  ['/./a', /taken out/],
  ['/%2e%2E', /taken out/],
  [`/${'a/'.repeat(65)}`, /65 segments; 64 is the most/],
  [`/${Array.from({ length: 16 }, (_, at) => `:a${at}/`).join('')}*`, /17 captures/],
  [`/${'a'.repeat(8192)}`, /8193; 8192 is the most/],
])('%s is refused', (pattern, reason) => {
  expect(readPattern(pattern)).toMatch(reason);
});

test('only what names one path is static', () => {
  const is = (path: string) => isStatic(readPattern(path) as Pattern);
  expect(['/', '/a/b', '/a/*', '/:x', '/*'].map(is)).toEqual([true, true, false, false, false]);
});

test('a pattern matches as the naive reference does', () => {
  fc.assert(
    fc.property(
      patternWords(),
      fc.array(fc.constantFrom('a', 'b', 'c d', '\u00fc')),
      (words, path) => {
        const pattern = `/${words.join('/')}`;
        for (const key of [`/${path.join('/')}`, `/${[...path, ''].join('/')}`]) {
          expect(match(pattern, key)).toEqual(naiveMatch(pattern, key));
        }
      },
    ),
  );
});
