// loops.test.ts: rules that never end are told, and those that do are not.
import { expect, test } from 'vitest';
import { planRules, told } from './plan_rules.ts';

const lines = (text: string, host = '') =>
  told(planRules(['index.html', 'there.html'], text, { host })).map((line) => line.split(' ')[0]);

test.each([
  ['itself', '/a /a', ['1!']],
  ['itself, with a slash', '/a /a/', ['1!']],
  ['itself, escaped', '/a%20b /%61%20b?x', ['1!']],
  ['two', '/a /b\n/b /a', ['1!', '2!']],
  ['one that leads into two', '/a /b\n/b /c\n/c /b', ['1!', '2!', '3!']],
  ['a rest that grows', '/n/* /n/new/:splat', ['1!']],
  ['a rest that grows from the root', '/* /new/:splat', ['1!']],
  ['a segment', '/:x /:x', ['1!']],
  ['two with captures', '/a/* /b/:splat\n/b/* /a/:splat', ['1!', '2!']],
  ['one page for all that is itself one of all', '/* /shut.html 302', ['1!']],
  ['a forced one', '/* /there.html 302!', ['1!']],
  ['a rule and the path of a file', '/there/ /there 301!', ['1!']],
])('%s', (_, text, expected) => {
  expect(lines(text)).toEqual(expected);
});

test.each([
  ['a chain', '/a /b\n/b /c\n/c /there'],
  ['a file', '/* /there.html 302'],
  ['another host', '/* https://b.example/:splat'],
  ['a rewrite', '/* /index.html 200'],
  ['a path above', '/shut.html /index.html 200\n/* /shut.html 302'],
  ['deeper', '/o/:x /n/o/:x'],
])('%s ends', (_, text) => {
  expect(lines(text)).toEqual([]);
});

test('the own host is the own site', () => {
  expect(lines('/a https://A.example:443/a', 'a.example')).toEqual(['1!']);
  expect(lines('/a https://b.example/a', 'a.example')).toEqual([]);
});
