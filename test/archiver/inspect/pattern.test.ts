// pattern.test.ts: which entries are meant.
import { expect, test } from 'vitest';
import { makeFilter } from '../../../archiver/inspect/pattern.ts';

const matches = (pattern: string, key: string) => makeFilter(pattern)({ key });

test.each([
  ['', '/a'],
  ['/', '/a'],
  ['/d', '/docs/x'],
  ['/docs/', '404@a.example/docs/'],
  ['/docs/', '@a.example/docs/x'],
  ['404', '404/'],
  ['@a.', '@a.example/x'],
  ['*', '/'],
  ['/*', '/a/b'],
  ['*.html', '/a/b.html'],
  ['/a*b*c', '/aXbXc'],
  ['/a*b*c', '/abcbc'],
  ['/a**b', '/ab'],
  ['/a*', '@h/a'],
  ['*/a', '@h/a'],
  ['/a*b', '/a*b'],
])('%j means %j', (pattern, key) => {
  expect(matches(pattern, key)).toBe(true);
});

test.each([
  ['/docs/', '/doc'],
  ['/docs', '/x/docs'],
  ['docs', '/docs'],
  ['404', '/404'],
  ['*.html', '/a.htm'],
  ['/a*b', '/a'],
  ['/aa*aa', '/aaa'],
  ['/a*b*b', '/ab'],
  ['@h/*', '/h/a'],
  ['/A', '/a'],
  ['/a.c', '/abc'],
])('%j does not mean %j', (pattern, key) => {
  expect(matches(pattern, key)).toBe(false);
});

test('many stars take no longer', () => {
  const started = performance.now();
  expect(matches(`/${'*a'.repeat(2_000)}*b`, `/${'a'.repeat(8_000)}`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(1_000);
});
