// plan.test.ts: from file names to paths.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileList } from '../../archiver/file_list.ts';
import { HTML_URLS, planSites } from '../../archiver/plan.ts';
import type { HtmlUrls, Plan } from '../../archiver/plan.ts';
import { FULL } from '../support/ledger.ts';
import { naivePlan } from './naive_plan.ts';

/** Sites by host; '' is the default one. */
function planHosts(hosts: Readonly<Record<string, string[]>>, htmlUrls: HtmlUrls = 'both'): Plan {
  const files = new FileList();
  const sites = Object.entries(hosts).map(([host, paths]) => {
    const site = { host, root: `folder of ${host}` };
    for (const path of paths) files.add({ site, path, bytes: 1, modifiedMs: 0 });
    return site;
  });
  return planSites(sites, files, htmlUrls);
}

const plan = (...paths: string[]) => planHosts({ '': paths });
const routes = (...paths: string[]) => routesOf(plan(...paths));
const clean = (...paths: string[]) => routesOf(planHosts({ '': paths }, 'clean'));
const exact = (...paths: string[]) => routesOf(planHosts({ '': paths }, 'exact'));

/** `/key` to `file`, or to `-> /key`. */
function routesOf(planned: Plan): Record<string, string> {
  return Object.fromEntries(
    [...planned.routes].map((route) => [
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
  expect(routes('..html', 'd/...html')).toEqual({ '/..html': '..html', '/d/...html': 'd/...html' });
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
  expect([...found].map((route) => route.key)).toContain('/404');
  expect(fallbacks.map(({ folder, file }) => [folder, file.path])).toEqual([
    ['/', '404.html'],
    ['/docs/', 'docs/404.html'],
  ]);
});

test('a 200.html is a page and answers for its folder', () => {
  for (const style of HTML_URLS) {
    const paths = ['200.html', 'docs/200.html', 'docs/x200.html', '404.html'];
    const { rewrites, fallbacks } = planHosts({ '': paths }, style);
    expect(rewrites.map(({ folder, file }) => [folder, file.path])).toEqual([
      ['/', '200.html'],
      ['/docs/', 'docs/200.html'],
    ]);
    expect(fallbacks).toHaveLength(1);
  }
  expect(routes('200.html')).toEqual({
    '/200': '200.html',
    '/200.html': '200.html',
    '/200/': '-> /200',
  });
});

test('clean: a page has one path, and its name leads there', () => {
  expect(clean('index.html', 'page.html', 'd/index.html', 'a.txt', '200.html')).toEqual({
    '/': 'index.html',
    '/200': '200.html',
    '/200.html': '-> /200',
    '/200/': '-> /200',
    '/a.txt': 'a.txt',
    '/d': '-> /d/',
    '/d/': 'd/index.html',
    '/d/index.html': '-> /d/',
    '/index.html': '-> /',
    '/page': 'page.html',
    '/page.html': '-> /page',
    '/page/': '-> /page',
  });
});

test('clean: a page beside a folder of its name', () => {
  expect(clean('page.html', 'page/index.html')).toEqual({
    '/page': 'page.html',
    '/page.html': '-> /page',
    '/page/': 'page/index.html',
    '/page/index.html': '-> /page/',
  });
});

test('clean: 404.html is at its name and nowhere else', () => {
  expect(clean('404.html', 'd/404.html')).toEqual({
    '/404.html': '404.html',
    '/d/404.html': 'd/404.html',
  });
});

test('clean: a page whose clean path a real file has stays at its name', () => {
  expect(clean('page', 'page.html')).toEqual({ '/page': 'page', '/page.html': 'page.html' });
  expect(clean('a.html', 'a.html.html')).toEqual({
    '/a': 'a.html',
    '/a.html': '-> /a',
    '/a.html.html': 'a.html.html',
    '/a/': '-> /a',
  });
  expect(clean('.html', '..html')).toEqual({ '/.html': '.html', '/..html': '..html' });
});

test('clean: a folder named as a page is', () => {
  expect(clean('page.html/index.html')).toEqual({
    '/page.html': '-> /page.html/',
    '/page.html/': 'page.html/index.html',
    '/page.html/index.html': '-> /page.html/',
  });
});

test('exact: real names, and a folder is its index', () => {
  expect(exact('index.html', 'page.html', 'd/index.html', 'd.html', '404.html')).toEqual({
    '/': 'index.html',
    '/404.html': '404.html',
    '/d': '-> /d/',
    '/d.html': 'd.html',
    '/d/': 'd/index.html',
    '/d/index.html': 'd/index.html',
    '/index.html': 'index.html',
    '/page.html': 'page.html',
  });
});

test('sites by host: keys have the host before them, places of redirects do not', () => {
  const planned = planHosts({
    'b.example': ['d/index.html'],
    '': ['index.html', '404.html'],
    'a.example': ['page.html', 'd/404.html', '200.html'],
  });
  expect(planned.defaultSite).toBe(true);
  expect(planned.hosts).toEqual(['a.example', 'b.example']);
  expect(routesOf(planned)).toMatchObject({
    '/': 'index.html',
    '@a.example/page.html': 'page.html',
    '@a.example/page/': '-> /page',
    '@b.example/d': '-> /d/',
    '@b.example/d/': 'd/index.html',
  });
  expect(planned.fallbacks.map(({ folder }) => folder)).toEqual(['/', '@a.example/d/']);
  expect(planned.rewrites.map(({ folder }) => folder)).toEqual(['@a.example/']);
  expect(planned.files).toHaveLength(6);
});

test('hosts alone: no default site, and an empty site is one still', () => {
  const { files, routes: found, ...rest } = planHosts({ 'a.example': [] });
  expect([files.length, found.length]).toEqual([0, 0]);
  expect(rest).toEqual({
    defaultSite: false,
    hosts: ['a.example'],
    fallbacks: [],
    rewrites: [],
    redirects: { routes: [], tables: [] },
  });
});

const name = fc.constantFrom(
  'a',
  'b',
  'a.html.html',
  'index.html',
  'a.html',
  'b.html',
  '404.html',
  '200.html',
  '.html',
  'é',
);
const site = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 3 }).map((p) => p.join('/')));

test.each(HTML_URLS)(
  '%s: keys in order and once, every file at a path, no redirect to one',
  (style) => {
    fc.assert(
      fc.property(site, (all) => {
        // No path may be a file and a folder.
        const paths = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)));
        const planned = [...planHosts({ 'a.example': paths, '': paths }, style).routes];
        const keys = planned.map((route) => Buffer.from(route.key));
        for (let i = 1; i < keys.length; i++)
          expect(Buffer.compare(keys[i - 1]!, keys[i]!)).toBe(-1);
        for (const host of ['', '@a.example']) {
          const own = planned.filter(({ key }) => key.startsWith(`${host}/`));
          const byKey = new Map(own.map((route) => [route.key.slice(host.length), route]));
          for (const path of paths) {
            const route = byKey.get(`/${path}`)!;
            const at = style === 'clean' && route.kind === 'redirect' ? route.to : `/${path}`;
            expect(byKey.get(at)).toMatchObject({ file: { path } });
          }
          for (const [key, route] of byKey) {
            if (route.kind === 'redirect') expect(byKey.get(route.to)?.kind).toBe('file');
            expect(key).toMatch(/^\/(?!\/)/);
            expect(key).not.toMatch(/\/\//);
          }
        }
      }),
    );
  },
);

test.each(HTML_URLS)('%s: the same routes as step by step in a Map', (style) => {
  fc.assert(
    fc.property(site, (all) => {
      const paths = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)));
      const found = routesOf(planHosts({ '': paths }, style));
      expect(found).toEqual(Object.fromEntries(naivePlan(paths, style)));
    }),
    { numRuns: FULL ? 50_000 : 500 },
  );
});

test.each(HTML_URLS)('in style %s each file has one path that is its own', (style) => {
  const paths = ['404.html', 'a', 'a.html', 'd.html', 'd/index.html', 'd/p.html', 'index.html'];
  const routes = [...planHosts({ '': paths, 'a.example': paths }, style).routes];
  const own = routes.filter((route) => route.own).map(({ key }) => key);
  expect(own).toEqual(['', '@a.example'].flatMap((host) => paths.map((path) => `${host}/${path}`)));
  const redirects = routes.filter((route) => route.own && route.kind === 'redirect');
  expect(redirects.length > 0).toBe(style === 'clean');
});
