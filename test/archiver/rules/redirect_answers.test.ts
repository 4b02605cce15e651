// redirect_answers.test.ts: what a rule answers, and how a key is found among millions.
import { expect, test } from 'vitest';
import { answerOf, findRoute, isFixed } from '../../../archiver/rules/redirect_answers.ts';
import { planPaths, rulesOf } from './plan_rules.ts';

const { routes } = planPaths([
  'index.html',
  'a/index.html',
  'b.html',
  '\u{1f600}',
  '\uffff',
  'z/y',
]);
const answer = (line: string, ...captures: string[]) =>
  answerOf(rulesOf(line)[0]!, captures, routes, '');

test('every key is found, and none between them', () => {
  const keys = [...routes].map(({ key }) => key);
  for (const key of keys) {
    expect(findRoute(routes, key)?.key).toBe(key);
    expect(findRoute(routes, `${key}\0`)).toBeUndefined();
  }
  expect(findRoute(routes, '')).toBeUndefined();
  expect(keys.length).toBeGreaterThan(8);
});

test('redirects have what a Location is made of', () => {
  expect(answer('/x/* /y/:splat?a=1#f 308', 'c d')).toEqual({
    kind: 'redirect',
    status: 308,
    before: '/y/c%20d?a=1',
    after: '#f',
    ownQuery: true,
  });
});

test('pages are files, behind a path that leads to another as well', () => {
  const file = (line: string, ...captures: string[]) => {
    const found = answer(line, ...captures);
    return found?.kind === 'file' ? found.file.path : found;
  };
  expect(file('/x /a 200')).toBe('a/index.html');
  expect(file('/x /b/ 200')).toBe('b.html');
  expect(file('/x/* /:splat 200', 'z/y')).toBe('z/y');
  expect(file('/x /%F0%9F%98%80 200')).toBe('\u{1f600}');
  expect(file('/x /c 200')).toBeUndefined();
});

test('without captures the answer is fixed', () => {
  expect(rulesOf('/x/* /y\n/x/* /:splat\n/x/* /y#:splat').map(isFixed)).toEqual([
    true,
    false,
    false,
  ]);
});
