// names.test.ts: which paths may become files below a folder.
import { join, normalize } from 'node:path/posix';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathFault, splitPath } from '../../../archiver/inspect/names.ts';

const fault = (path: string) => pathFault(Buffer.from(path));

test('names are what stands between slashes', () => {
  const names = (path: string) => splitPath(Buffer.from(path)).map((name) => String(name));
  expect(splitPath(Buffer.from('/a/b c')).map((name) => Buffer.from(name).toString())).toEqual([
    'a',
    'b c',
  ]);
  expect(names('/')).toHaveLength(1);
  expect(names('/a//b/')).toHaveLength(4);
});

test.each([
  '/a',
  '/...',
  '/a/..b',
  '/.a',
  '/ ',
  '/\n',
  '/\\',
  '/a%2f..',
  '/-rf',
  `/${'n'.repeat(255)}`,
])('%j is a file', (path) => {
  expect(fault(path)).toBeUndefined();
});

test.each([
  ['/', /an empty name/],
  ['//a', /an empty name/],
  ['/a/', /an empty name/],
  ['/..', /'\.' or '\.\.'/],
  ['/../a', /'\.' or '\.\.'/],
  ['/a/./b', /'\.' or '\.\.'/],
  ['/a/../../b', /'\.' or '\.\.'/],
  ['/a\0b', /a NUL/],
  [`/${'n'.repeat(256)}/a`, /a name of 256 bytes/],
])('%j is none', (path, text) => {
  expect(fault(path)).toMatch(text);
});

test('what has no fault stays below its folder', () => {
  const name = fc.constantFrom('..', '.', '', 'a', '...', '..a', '\\..');
  fc.assert(
    fc.property(fc.array(name, { maxLength: 6 }), (names) => {
      const path = `/${names.join('/')}`;
      if (fault(path) !== undefined) return;
      expect(normalize(join('/below', path))).toBe(`/below${path}`);
    }),
  );
});
