// target.test.ts: the four forms of a request target.
import { expect, test } from 'vitest';
import { CONNECT, GET, OPTIONS } from '../../src/hot/methods.ts';
import * as R from '../../src/hot/request.ts';
import { inbox } from '../../src/hot/ring.ts';
import { checkAsterisk, readForm } from '../../src/hot/target.ts';

const BASE = 300;
const TARGET_AT = 4;

function read(target: string, method = GET): number {
  R.request.fill(0);
  inbox.set(Buffer.from(`GET ${target} HTTP/1.1`), BASE);
  R.request[R.METHOD] = method;
  R.request[R.TARGET_AT] = TARGET_AT;
  R.request[R.TARGET_END] = TARGET_AT + target.length;
  return readForm(BASE);
}

const text = (at: number, end: number): string =>
  Buffer.from(inbox.subarray(BASE + R.request[at]!, BASE + end)).toString();

test.each(['/', '/a', '//', '/?', '/http://a'])('%s is origin-form', (target) => {
  expect(read(target)).toBe(0);
  expect(R.request[R.PATH_AT]).toBe(TARGET_AT);
  expect(R.request[R.AUTHORITY_END]).toBe(0);
});

test.each([
  ['http://a', 'a', '', 0],
  ['http://a/b', 'a', '/b', 0],
  ['HtTp://a:80/b?c', 'a:80', '/b?c', 0],
  ['http://[::1]?c', '[::1]', '?c', 0],
  ['http://a#b', 'a', '#b', 0],
  ['https://a/', 'a', '/', 1],
  ['HTTPS://a', 'a', '', 1],
])('%s is absolute-form', (target, authority, path, https) => {
  expect(read(target)).toBe(0);
  expect(text(R.AUTHORITY_AT, R.request[R.AUTHORITY_END]!)).toBe(authority);
  expect(text(R.PATH_AT, TARGET_AT + target.length)).toBe(path);
  expect(R.request[R.HTTPS]).toBe(https);
});

test.each(
  [
    ['a', '**', 'a/b', '?', '#', 'http:', 'http:/', 'http://', 'http:///', 'http://:80/'],
    ['http://?a', 'http://#', 'http://a b', 'http://u@a/', 'http://a:65536/', 'http://[::1'],
    ['httpx://a', 'httpsx://a', 'ftp://a', 'http//a', 'http:a', 'a:80', 'https', 'https:/a'],
  ].flat(),
)('%s is none', (target) => {
  expect(read(target)).toBe(-400);
});

test('an authority stands with CONNECT alone', () => {
  expect([read('a:80', CONNECT), read('a:80', OPTIONS)]).toEqual([0, -400]);
});

test.each(['a:80', 'a1:0', '[::1]:443', '*:80', 'http:80', '/', 'http://a'])(
  'CONNECT %s is well-formed',
  (target) => {
    expect([read(target, CONNECT), checkAsterisk(BASE)]).toEqual([0, 0]);
  },
);

test.each([
  'a',
  'a1',
  'a:',
  ':80',
  'a:65536',
  'a:b',
  'u@a:80',
  '[::1]',
  '::1',
  'a:80/',
  '%:80',
  '80',
])('CONNECT %s is not', (target) => {
  expect(read(target, CONNECT)).toBe(-400);
});

test('an asterisk is a form of its own, and refused later with other methods than OPTIONS', () => {
  const outcomes = [OPTIONS, GET, CONNECT].map((method) => [
    read('*', method),
    checkAsterisk(BASE),
  ]);
  expect(outcomes).toEqual([
    [0, 0],
    [0, -400],
    [0, -400],
  ]);
  expect(read('/*')).toBe(0);
  expect(checkAsterisk(BASE)).toBe(0);
});
