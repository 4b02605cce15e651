// lookup.test.ts: from a path to its route, or to the nearest fallback.
import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { findFallback, findRootFallback, findRoute } from '../../src/hot/lookup.ts';
import { readPath } from '../../src/hot/path.ts';
import { PATH_AT, request } from '../../src/hot/request.ts';
import { inbox } from '../../src/hot/ring.ts';
import { loadCdb } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { ask, page, repliesOf, serve } from './harness.ts';

const FULL = process.env['CDBSERVE_FULL'] === '1';
const { cdbFind } = loadCdb(addonPath('cdb'));
const LONG = `/${'l'.repeat(8_000)}`;
const FALLBACKS = ['404/', '404/a/b/', '404/é/'];
const ROUTES = ['/', '/a', '/a/', '/a/b/c', '/é', '/a b', '404', LONG];

let archive: Uint8Array;
beforeEach(() => {
  archive = serve(
    Object.fromEntries([...ROUTES, ...FALLBACKS].map((key, index) => [key, page(`${index}`)])),
  );
});

const missing = (body: string): { status: 404; variants: { body: string }[] } => ({
  status: 404,
  variants: [{ body }],
});
const place = (key: string): number => cdbFind(archive, Buffer.from(key))?.at ?? 0;

function read(target: string, at = 123): void {
  inbox.set(Buffer.from(`${target} `), at);
  request[PATH_AT] = 0;
  expect(readPath(at)).toBe(0);
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

test.each([
  ['/', '200/'],
  ['/x', '200/'],
  ['/x.js', '404/'],
  ['/.x', '404/'],
  ['/x.', '404/'],
  ['/x.d/y', '200/'],
  ['/x.d/', '200/'],
  ['/%2Ex', '404/'],
  ['/a/x', '404/a/'],
  ['/a/x.js', '404/a/'],
  ['/a/b/x', '200/a/b/'],
  ['/a/b/c/x', '200/a/b/'],
  ['/a/b/x.js', '404/a/'],
  ['/c/x', '200/c/'],
  ['/c/x.js', '404/c/'],
])('of 404.html and 200.html, %s gets %s', (target, key) => {
  const keys = ['404/', '200/', '404/a/', '200/a/b/', '404/c/', '200/c/'];
  archive = serve(Object.fromEntries(keys.map((one) => [one, page(one)])));
  read(target);
  expect(findFallback()).toBe(place(key));
});

/** Up the tree from the folder of the path; in one folder 200.html first. */
function reference(keys: ReadonlySet<string>, host: string, path: string): string | undefined {
  const plain = !path.slice(path.lastIndexOf('/')).includes('.');
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
    const folder = `${host}${path.slice(0, end + 1)}`;
    if (plain && keys.has(`200${folder}`)) return `200${folder}`;
    if (keys.has(`404${folder}`)) return `404${folder}`;
    if (end === 0) break;
  }
  return undefined;
}

const segment = fc.constantFrom('a', 'b', 'a.b', '%61', '.x');
const folders = fc.array(segment, { maxLength: 3 });
const folderKey = fc
  .tuple(fc.constantFrom('404', '200'), fc.constantFrom('', '', '@h'), folders)
  .map(([family, host, names]) => `${family}${host}/${names.map((name) => `${name}/`).join('')}`);

test('the nearest fallback is that of the plain implementation, in every site', () => {
  const targets = fc.array(fc.tuple(folders, fc.constantFrom('', 'x', 'x.js', '%2E')), {
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.uniqueArray(folderKey, { maxLength: 8 }), targets, (list, paths) => {
      const keys = [...list.map(decodeURIComponent), '@h/', '/'];
      const unique = [...new Set(keys)];
      serve(
        Object.fromEntries(
          unique.map((key) => [key, key.startsWith('404') ? missing(key) : page(key)]),
        ),
      );
      for (const [names, last] of paths) {
        const sent = `/${[...names, last === '%2E' ? 'y%2Ez' : last].join('/')}`;
        const path = decodeURIComponent(sent);
        for (const host of ['h', 'other']) {
          const site = host === 'h' ? '@h' : '';
          const [answer] = repliesOf(ask(`GET ${sent} HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
          const wanted = path === '/' ? `${site}/` : reference(new Set(unique), site, path);
          const found = answer!.body.toString().startsWith('<!') ? undefined : `${answer!.body}`;
          expect([sent, host, found]).toEqual([sent, host, wanted]);
          expect(answer!.status).toBe(wanted === undefined || wanted.startsWith('404') ? 404 : 200);
        }
      }
    }),
    { numRuns: FULL ? 3_000 : 60 },
  );
});
