// pattern.test.ts: which paths a pattern matches, and what that costs.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coversFolder, foldPath, matches, onlyPath } from '../../../archiver/rules/pattern.ts';
import { readPattern } from '../../../archiver/rules/pattern.ts';
import type { Pattern, Work } from '../../../archiver/rules/pattern.ts';
import { FULL } from '../../support/ledger.ts';

function pattern(text: string): Pattern {
  const read = readPattern(text);
  if (typeof read === 'string') throw new Error(`${text}: ${read}`);
  return read;
}
const fits = (text: string, path: string) => matches(pattern(text), foldPath(path));
const covers = (text: string, folder: string) => coversFolder(pattern(text), foldPath(folder));

test.each([
  ['/', '/'],
  ['/a', '/a'],
  ['/a', '/a/'],
  ['/a/', '/a'],
  ['//a//b', '/a/b'],
  ['/A/É', '/a/é'],
  ['/a/é', '/A/É'],
  ['/a%20b', '/a b'],
  ['/a b', '/a b'],
  ['/%C3%A9', '/é'],
  ['/%2A', '/*'],
  ['/%3Aname', '/:name'],
  ['/a:b', '/a:b'],
  ['/100%25', '/100%'],
  ['/*', '/'],
  ['/*', '/a'],
  ['/*', '/a/b/c.html'],
  ['/docs/*', '/docs'],
  ['/docs/*', '/docs/'],
  ['/docs/*', '/docs/a/b'],
  ['/*/end', '/end'],
  ['/*/end', '/a/b/end/'],
  ['/a/*/z', '/a/z'],
  ['/a/*/b/*/c', '/a/x/b/b/y/c'],
  ['/*.js', '/app.js'],
  ['/*.js', '/deep/er/app.js'],
  ['/a*', '/a'],
  ['/a*', '/ab/c'],
  ['/a*b*c', '/a1b2b3c'],
  ['/a**c', '/abc'],
  ['/a/**', '/a'],
  ['/:page', '/x'],
  ['/:page', '/x/'],
  ['/:a/b/:c', '/1/b/2'],
  ['/:a/*', '/1'],
  ['/:a/*', '/1/2/3'],
  ['/*/:a/x', '/1/2/3/x'],
  ['/a*/:x', '/ab/c/d'],
])('%s matches %s', (text, path) => {
  expect(fits(text, path)).toBe(true);
});

test.each([
  ['/', '/a'],
  ['/a', '/'],
  ['/a', '/ab'],
  ['/a', '/a/b'],
  ['/docs/*', '/docsx'],
  ['/docs/*', '/doc'],
  ['/*/end', '/bend'],
  ['/*/end', '/end/x'],
  ['/:page', '/'],
  ['/:page', '/x/y'],
  ['/:a/*', '/'],
  ['/*.js', '/app-js'],
  ['/*.js', '/app.json'],
  ['/a.b', '/axb'],
  ['/*x', '/y'],
  ['/a%2A', '/ab'],
  ['/ß', '/ss'],
])('%s does not match %s', (text, path) => {
  expect(fits(text, path)).toBe(false);
});

test.each([
  ['/a?b=1', /no query/],
  ['/a # all', /no comment.*%23/],
  ['/:', /:name/],
  ['/:a*', /:name.*%3A/],
  ['/:a-b', /:name/],
  ['/100%', /%25/],
  ['/%ff', /escape of UTF-8/],
  ['/%C3*%A9', /escape of UTF-8/],
  ['/a%2Fb', /slash/],
  ['/a\\b', /backslash/],
  ['/%00', /NUL/],
  ['/a/../b', /one dot or two/],
  ['/%2e/b', /one dot or two/],
])('%s is no pattern', (text, reason) => {
  expect(readPattern(text)).toMatch(reason);
});

test.each([
  ['/*', '/', true],
  ['/*', '/docs/', true],
  ['/docs/*', '/docs/', true],
  ['/DOCS/*', '/docs/', true],
  ['/docs/*', '/docs/deep/', true],
  ['/do*', '/docs/', true],
  ['/:x/*', '/docs/', true],
  ['/docs/*', '/', false],
  ['/docs/:x/*', '/docs/', false],
  ['/docs/:x', '/docs/', false],
  ['/docs/*.html', '/docs/', false],
  ['/docs', '/docs/', false],
  ['/*/x', '/x/', false],
  ['/*/:x', '/docs/', true],
  ['/*/:x', '/', false],
])('that %s covers all of %s is %s', (text, folder, whole) => {
  expect(covers(text, folder)).toBe(whole);
});

test('a pattern that can match one path alone says which', () => {
  expect(onlyPath(pattern('/A/b%20c/'))).toBe('/a/b c');
  expect(onlyPath(pattern('/'))).toBe('');
  for (const text of ['/*', '/a*', '/:a', '/a/*']) {
    expect(onlyPath(pattern(text))).toBeUndefined();
  }
});

/** The same by a regular expression: written from the definition, in another way. */
function reference(text: string): RegExp {
  const parts = text
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      if (part === '*' || part === '**' || part === '***') return '(?:/.*)?';
      if (part.startsWith(':')) return '/[^/]+';
      return `/${part.split('*').map(escaped).join('.*')}`;
    });
  return new RegExp(`^${parts.join('')}/?$`, 'isu');
}
const escaped = (chunk: string) => chunk.replace(/[.]/g, '\\.');

const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constant('*') },
  { weight: 2, arbitrary: fc.constant(':x') },
  { weight: 5, arbitrary: fc.string({ unit: fc.constantFrom('a', 'B', '*', '.'), maxLength: 3 }) },
);
const patterns = fc
  .array(
    segment.filter((text) => text !== '.' && text !== '..'),
    { maxLength: 5 },
  )
  .map((parts) => `/${parts.join('/')}`);
const paths = fc
  .array(fc.string({ unit: fc.constantFrom('a', 'b', 'A', '.'), minLength: 1, maxLength: 4 }), {
    maxLength: 6,
  })
  .chain((parts) => fc.constantFrom(`/${parts.join('/')}`, `/${[...parts, ''].join('/')}`));
const RUNS = { numRuns: FULL ? 200_000 : 5_000 };

test('it agrees with a regular expression, and folders that are covered are', () => {
  fc.assert(
    fc.property(patterns, paths, paths, (text, path, below) => {
      const read = pattern(text);
      const expression = reference(text);
      expect(matches(read, foldPath(path))).toBe(expression.test(path));
      const folder = path.endsWith('/') ? path : `${path}/`;
      const whole = coversFolder(read, foldPath(folder));
      if (whole) expect(matches(read, foldPath(folder + below.slice(1)))).toBe(true);
      // A segment that no pattern of this test has: what matches it and longer ones is all of them.
      const odd = ['', 'é', 'é/é', 'é/é/é/é/é/é/é'].every((rest) => expression.test(folder + rest));
      expect(whole).toBe(odd);
    }),
    RUNS,
  );
});

test('no path is tried at more places than it has, however many wildcards there are', () => {
  const hostile = fc.record({
    text: fc.array(fc.constantFrom('*a', 'a*', '*a*a*a', '*', ':x', 'a'), { maxLength: 40 }),
    path: fc.array(fc.constantFrom('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'b'), {
      maxLength: 60,
    }),
  });
  fc.assert(
    fc.property(hostile, ({ text, path }) => {
      const read = pattern(`/${text.join('/')}`);
      const work: Work = { tries: 0 };
      const folded = foldPath(`/${path.join('/')}`);
      matches(read, folded, work);
      expect(work.tries).toBeLessThanOrEqual(folded.length + 2 * read.pieces.length);
    }),
    { numRuns: FULL ? 100_000 : 2_000 },
  );
  const work: Work = { tries: 0 };
  expect(matches(pattern(`/${'*a'.repeat(4000)}b`), `/${'a'.repeat(8000)}`, work)).toBe(false);
  expect(work.tries).toBeLessThan(16_000);
});

test('letters are folded one by one, as a regular expression without regard to case does', () => {
  const odd: string[] = [];
  for (let code = 0x30; code <= 0x1ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const letter = String.fromCodePoint(code);
    const folded = foldPath(letter);
    if (folded !== letter && !new RegExp(`^${folded}$`, 'iu').test(letter)) odd.push(letter);
  }
  // The dotless i has no partner among the letters; it counts as an i here.
  expect(odd).toEqual(['ı']);
});
