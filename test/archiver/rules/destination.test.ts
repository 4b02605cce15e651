// destination.test.ts: where rules lead, and what no rule may lead to.
import { expect, test } from 'vitest';
import {
  decodedPath,
  expandKey,
  locationOf,
  readDestination,
} from '../../../archiver/rules/destination.ts';
import type { Destination } from '../../../archiver/rules/destination.ts';
import { readPattern } from '../../../archiver/rules/redirect_pattern.ts';
import type { Pattern } from '../../../archiver/rules/redirect_pattern.ts';

const PATTERN = readPattern('/:x/:yy/*') as Pattern;

function read(text: string): Destination {
  const destination = readDestination(text, PATTERN);
  if (typeof destination === 'string') throw new Error(destination);
  return destination;
}

test.each([
  ['/new', '/new', ''],
  ['/n/:x', '/n/1%202', ''],
  ['/:x:yy', '/1%202%C3%BC', ''],
  ['/:splat', '/a/b%22', ''],
  ['/:xy', undefined, ''],
  ['/a%20b', '/a%20b', ''],
  ['/\u00fc', '/%C3%BC', ''],
  ['/a?q=:x&r=:splat', '/a?q=1%202&r=a%2Fb%22', ''],
  ['/a?#f', '/a?', '#f'],
  ['/a#:x', '/a', '#1%202'],
  ['https://b.example', 'https://b.example/', ''],
  ['https://b.example:8080/:splat', 'https://b.example:8080/a/b%22', ''],
  ['http://[::1]/x//y', 'http://[::1]/x//y', ''],
  ['https://b.example?a=1', 'https://b.example/?a=1', ''],
  ['/time/12:30', '/time/12:30', ''],
])('%s is %s', (text, before, after) => {
  const destination = readDestination(text, PATTERN);
  if (before === undefined) return expect(destination).toMatch(/':xy' is no capture/);
  expect(locationOf(read(text), ['1 2', '\u00fc', 'a/b"'])).toEqual({ before, after });
});

test('slashes of two parts never stand side by side', () => {
  const location = (text: string, splat: string) =>
    locationOf(read(text), ['1', '2', splat]).before;
  expect(location('/:splat/evil.example', '')).toBe('/evil.example');
  expect(location('/:splat/:splat', '')).toBe('/');
  expect(location('/a/:splat/b', 'c/')).toBe('/a/c/b');
  expect(location('https://b.example/:splat/c', '')).toBe('https://b.example/c');
  expect(expandKey(decodedPath(read('/a/:splat/b%20c'))!, ['', '', ''])).toBe('/a/b c');
});

test('a capture adds no parameter to a query', () => {
  expect(locationOf(read('/a?q=:x'), ['1&b=2#c?d+e;f', '', '']).before).toBe(
    '/a?q=1%26b%3D2%23c%3Fd%2Be%3Bf',
  );
});

test.each([
  ['//b.example', /another host/],
  ['/a//b', /empty segment/],
  ['/a\\b', /browsers take/],
  ['/\\b.example', /browsers take/],
  ['https://b.example\\@c.example/', /user name/],
  ['/a/../b', /as a segment/],
  ['/%2e/b', /as a segment/],
  ['/.netlify/functions/x', /no part of a packed site/],
  ['/%zz', /no escape/],
  ['/a/*', /written :splat/],
  ['https://:x.example/', /a capture in the host/],
  ['https://*.example/', /a capture in the host/],
  ['https://u:1@b.example/', /user name/],
  ['https://b.example:99999/', /port is 99999/],
  ['https:///a', /its host '' is none/],
  ['https://b_.-example../', /is none/],
  ['https://m\u00fcnchen.example/', /written xn--mnchen-3ya.example/],
])('%s is refused', (text, reason) => {
  expect(readDestination(text, PATTERN)).toMatch(reason);
});

test('a path that no key can be is no path of a file', () => {
  expect(['/a%2Fb', '/a%5cb', '/a%00', '/%ff'].map((text) => decodedPath(read(text)))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
