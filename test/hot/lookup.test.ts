// lookup.test.ts: from a path to its route, or to the nearest fallback.
import { beforeAll, expect, test } from 'vitest';
import { findFallback, findRootFallback, findRoute } from '../../src/hot/lookup.ts';
import { readPath } from '../../src/hot/path.ts';
import { inbox } from '../../src/hot/ring.ts';
import { loadCdb } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { page, serve } from './harness.ts';

const { cdbFind } = loadCdb(addonPath('cdb'));
const LONG = `/${'l'.repeat(8_000)}`;
const FALLBACKS = ['404/', '404/a/b/', '404/é/'];
const ROUTES = ['/', '/a', '/a/', '/a/b/c', '/é', '/a b', '404', LONG];

let archive: Uint8Array;
beforeAll(() => {
  archive = serve(
    Object.fromEntries([...ROUTES, ...FALLBACKS].map((key, index) => [key, page(`${index}`)])),
  );
});

const place = (key: string): number => cdbFind(archive, Buffer.from(key))?.at ?? 0;

function read(target: string, at = 123): void {
  inbox.set(Buffer.from(target), at);
  expect(readPath(at, at + target.length)).toBe(0);
}

test.each([
  ['/', '/'],
  ['/a', '/a'],
  ['/a/', '/a/'],
  ['/a/b/c', '/a/b/c'],
  ['/%61/b/./c', '/a/b/c'],
  ['/%C3%A9', '/é'],
  ['/a%20b', '/a b'],
  [LONG, LONG],
])('%s is found', (target, key) => {
  read(target);
  expect(findRoute()).toBe(place(key));
  expect(place(key)).toBeGreaterThan(0);
});

test.each(['/b', '/a/b', '/A', '/a/b/c/', '/404', '/404/', `${LONG}l`, LONG.slice(0, -1)])(
  '%s is not',
  (target) => {
    read(target);
    expect(findRoute()).toBe(0);
  },
);

test.each([
  ['/', '404/'],
  ['/x', '404/'],
  ['/a', '404/'],
  ['/a/x', '404/'],
  ['/a/b', '404/'],
  ['/a/b/', '404/a/b/'],
  ['/a/b/x', '404/a/b/'],
  ['/a/b/x/y/z', '404/a/b/'],
  ['/%61/b/x', '404/a/b/'],
  ['/x/../a/b/x', '404/a/b/'],
  ['/%C3%A9/x', '404/é/'],
])('the fallback of %s is %s', (target, key) => {
  read(target);
  expect(findFallback()).toBe(place(key));
});

test('the fallback of the root, and none in an archive without any', () => {
  expect(findRootFallback()).toBe(place('404/'));
  serve({ '/': page('root') });
  read('/x/y');
  expect([findRootFallback(), findFallback(), findRoute()]).toEqual([0, 0, 0]);
});
