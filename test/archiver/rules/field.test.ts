// field.test.ts: header fields that a site may set.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OWNED, faultOfName, faultOfRemoval, faultOfValue } from '../../../archiver/rules/field.ts';
import { packageRoot } from '../../../src/paths.ts';

test('the page on rules has the names that a site cannot set', () => {
  const page = readFileSync(join(packageRoot, 'docs', 'site-rules.md'), 'utf8');
  const row = /^\| (.+?) \| the server alone knows them \|$/m.exec(page)?.[1];
  expect(row!.toLowerCase().split(', ')).toEqual([...OWNED]);
});

test.each([
  'X',
  'x-y',
  'Content-Security-Policy',
  'Set-Cookie',
  'constructor',
  '__proto__',
  "!#$%&'*+.^_`|~9",
])('%s may be set and removed', (name) => {
  expect([faultOfName(name), faultOfRemoval(name)]).toEqual([undefined, undefined]);
});

test.each(['', 'a b', 'a\tb', 'a:b', 'é', 'a"b', '(x)', 'a\0'])('%j is no name', (name) => {
  expect(faultOfName(name)).toMatch(/no name of a header/);
});

test.each([
  ['X', 'a'],
  ['X', 'a\tb "c, d"; e=f'],
  ['Content-Type', 'text/html'],
  ['content-type', 'text/html; charset="utf-8";x=y'],
  ['Content-Type', 'application/vnd.a+json'],
  ['Vary', '*'],
  ['Vary', 'Origin, Accept-Language'],
])('%s: %s is sound', (name, value) => {
  expect(faultOfValue(name, value)).toBeUndefined();
});

test.each([
  ['X', ''],
  ['X', 'a\nb'],
  ['X', 'a\x7f'],
  ['X', 'é'],
  ['Content-Type', 'text'],
  ['Content-Type', 'text/html, text/plain'],
  ['Content-Type', 'text/html; charset'],
  ['Vary', ','],
  ['Vary', 'a b'],
])('%s: %j is not', (name, value) => {
  expect(faultOfValue(name, value)).toMatch(/\.$/);
});
