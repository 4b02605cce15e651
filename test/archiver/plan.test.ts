// plan.test.ts: from file names to paths.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planSite } from '../../archiver/plan.ts';
import type { Plan } from '../../archiver/plan.ts';

function plan(...paths: string[]): Plan {
  const files = paths.map((path) => ({ path, bytes: 1, modifiedMs: 0 }));
  return planSite(files, 'both');
}

/** `/key` to `file`, or to `-> /key`. */
function routes(...paths: string[]): Record<string, string> {
  return Object.fromEntries(
    plan(...paths).routes.map((route) => [
      route.key,
      route.kind === 'file' ? route.file.path : `-> ${route.to}`,
    ]),
  );
}

test('a file is at its path', () => {
  expect(routes('a.txt', 'd/b.css')).toEqual({ '/a.txt': 'a.txt', '/d/b.css': 'd/b.css' });
});

test('an index is at its folder, and the folder without a slash goes there', () => {
  expect(routes('index.html', 'd/index.html')).toEqual({
    '/': 'index.html',
    '/index.html': 'index.html',
    '/d': '-> /d/',
    '/d/': 'd/index.html',
    '/d/index.html': 'd/index.html',
  });
});

test('a page is at its name without .html, and that name with a slash goes there', () => {
  expect(routes('page.html')).toEqual({
    '/page': 'page.html',
    '/page.html': 'page.html',
    '/page/': '-> /page',
  });
});

test('a page beside a folder of its name: each has its own path', () => {
  expect(routes('page.html', 'page/index.html')).toEqual({
    '/page': 'page.html',
    '/page.html': 'page.html',
    '/page/': 'page/index.html',
    '/page/index.html': 'page/index.html',
  });
});

test('a page beside a folder without index', () => {
  expect(routes('page.html', 'page/a.txt')['/page/']).toBe('-> /page');
});

test('a real file wins over every alias', () => {
  expect(routes('page', 'page.html')['/page']).toBe('page');
  expect(routes('a.html', 'a.html.html')).toEqual({
    '/a': 'a.html',
    '/a.html': 'a.html',
    '/a.html.html': 'a.html.html',
    '/a.html/': '-> /a.html',
    '/a/': '-> /a',
  });
});

test('a folder named as a page is', () => {
  expect(routes('page.html/index.html')).toEqual({
    '/page.html': '-> /page.html/',
    '/page.html/': 'page.html/index.html',
    '/page.html/index.html': 'page.html/index.html',
  });
});

test('names that only look like pages', () => {
  expect(routes('.html')).toEqual({ '/.html': '.html' });
  expect(routes('d/.html')).toEqual({ '/d/.html': 'd/.html' });
  expect(routes('a.htm', 'b.HTML', 'html')).toEqual({
    '/a.htm': 'a.htm',
    '/b.HTML': 'b.HTML',
    '/html': 'html',
  });
});

test('a 404.html is a page and the fallback of its folder', () => {
  const { routes: found, fallbacks } = plan('404.html', 'docs/404.html', 'docs/x404.html');
  expect(found.map((route) => route.key)).toContain('/404');
  expect(fallbacks.map(({ folder, file }) => [folder, file.path])).toEqual([
    ['/', '404.html'],
    ['/docs/', 'docs/404.html'],
  ]);
});

const name = fc.constantFrom('a', 'b', 'index.html', 'a.html', 'b.html', '404.html', '.html', 'é');
const site = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 3 }).map((p) => p.join('/')));

test('for any site: keys in order and once, real paths kept, redirects lead to a file at once', () => {
  fc.assert(
    fc.property(site, (all) => {
      // No path may be a file and a folder.
      const paths = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)));
      const planned = plan(...paths).routes;
      const keys = planned.map((route) => Buffer.from(route.key));
      for (let i = 1; i < keys.length; i++) expect(Buffer.compare(keys[i - 1]!, keys[i]!)).toBe(-1);
      const byKey = new Map(planned.map((route) => [route.key, route]));
      for (const path of paths) expect(byKey.get(`/${path}`)).toMatchObject({ file: { path } });
      for (const route of planned) {
        if (route.kind === 'redirect') expect(byKey.get(route.to)?.kind).toBe('file');
        expect(route.key).toMatch(/^\/(?!\/)/);
        expect(route.key).not.toMatch(/\/\//);
      }
    }),
  );
});
