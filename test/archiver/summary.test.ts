// summary.test.ts: what cdbpack tells at its end.
import { expect, test } from 'vitest';
import { FileList } from '../../archiver/file_list.ts';
import { planSites } from '../../archiver/plan.ts';
import { planJson, planText, summaryJson, summaryText } from '../../archiver/summary.ts';
import type { Packed } from '../../archiver/summary.ts';

const packed: Packed = {
  out: 'site.cdb',
  report: {
    archiveBytes: 12_345,
    siteBytes: 20_000,
    duplicates: { files: 1, bytes: 400 },
    cache: { asked: 0, found: 0 },
    codings: [
      { name: 'identity', files: 9, bodies: 8, bytes: 10_000, identityBytes: 10_000 },
      { name: 'gzip', files: 5, bodies: 5, bytes: 2_500, identityBytes: 8_000 },
      { name: 'br', files: 0, bodies: 0, bytes: 0, identityBytes: 0 },
    ],
    manifest: {
      digest: 'ab',
      format: 1,
      tool: { name: 'cdbpack', version: '1' },
      files: 9,
      routes: 1_200,
      fallbacks: 1,
      rewrites: 2,
      rules: 0,
      bodies: 13,
      heads: 14,
      codings: ['gzip'],
      defaultSite: true,
      hosts: [],
    },
  },
  warnings: [{ path: 'a\n', text: 'odd' }],
  slowest: [{ path: 'big\n.js', bytes: 9_000, seconds: 1.25 }],
  seconds: 2,
};

test('the summary has files, routes, bytes per coding, what is shared and warnings', () => {
  expect(summaryText(packed)).toBe(
    [
      'site.cdb: 12.3 kB, packed in 2.0 s (10.0 kB/s)',
      '  files           9  20.0 kB',
      '  routes      1,200',
      '  identity        9  10.0 kB',
      '  gzip            5  2.50 kB, 31.3 % of 8.00 kB',
      '  duplicates      1  400 B stored once',
      '  warnings        1',
      'slowest files',
      '  1.3 s  9.00 kB  big\\u{a}.js',
      '',
    ].join('\n'),
  );
});

test('where there is a cache, it has what came from there', () => {
  const report = { ...packed.report, cache: { asked: 1_204, found: 1_201 } };
  expect(summaryText({ ...packed, report })).toMatch(
    /\n {2}duplicates +1 {2}400 B stored once\n {2}from the cache {2}1,201 {2}of 1,204 codings\n/,
  );
});

test('the same for programs', () => {
  expect(JSON.parse(summaryJson(packed))).toEqual({
    out: 'site.cdb',
    archiveBytes: 12_345,
    digest: 'ab',
    format: 1,
    files: 9,
    siteBytes: 20_000,
    routes: 1_200,
    fallbacks: 1,
    rewrites: 2,
    defaultSite: true,
    hosts: [],
    bodies: 13,
    heads: 14,
    codings: packed.report.codings.slice(0, 2),
    duplicates: { files: 1, bytes: 400 },
    cache: { asked: 0, found: 0 },
    warnings: packed.warnings,
    slowest: packed.slowest,
    seconds: 2,
  });
});

const site = { host: '', root: 'a' };
const files = new FileList();
for (const path of ['404.html', 'd/index.html']) {
  files.add({ site, path, bytes: 10, modifiedMs: 0 });
}
const plan = planSites([site], files, 'both');

test('a plan lists every path', () => {
  expect(planText(plan, []).split('\n')).toEqual([
    '200  /404           404.html      text/html; charset=utf-8  no-cache',
    '200  /404.html      404.html      text/html; charset=utf-8  no-cache',
    '308  /404/          to /404',
    '308  /d             to /d/',
    '200  /d/            d/index.html  text/html; charset=utf-8  no-cache',
    '200  /d/index.html  d/index.html  text/html; charset=utf-8  no-cache',
    '404  /*             404.html      text/html; charset=utf-8',
    '2 files, 20 B, 6 routes, 0 warnings',
    '',
  ]);
});

test('the same plan for programs', () => {
  const {
    files: count,
    routes,
    fallbacks,
  } = JSON.parse(planJson(plan, [])) as {
    files: number;
    routes: { key: string; status: number }[];
    fallbacks: unknown;
  };
  expect(count).toBe(2);
  expect(routes.map(({ key, status }) => `${status} ${key}`)).toEqual(
    planText(plan, [])
      .split('\n')
      .slice(0, 6)
      .map((line) => line.split(/ {2,}/).slice(0, 2).join(' ')),
  );
  expect(routes[2]).toEqual({ key: '/404/', status: 308, location: '/404' });
  expect(fallbacks).toEqual([{ folder: '/', file: '404.html' }]);
});

const shop = { host: 'shop.example', root: 'b' };
const ofShop = new FileList();
ofShop.add({ site: shop, path: '200.html', bytes: 5, modifiedMs: 0 });
const two = planSites([site, shop], ofShop, 'clean');

test('sites by host and their 200.html stand in the plan under their keys', () => {
  expect(planText(two, []).split('\n')).toEqual([
    '200  @shop.example/200       @shop.example/200.html  text/html; charset=utf-8  no-cache',
    '308  @shop.example/200.html  to /200',
    '308  @shop.example/200/      to /200',
    '200  @shop.example/*         @shop.example/200.html  text/html; charset=utf-8  no-cache',
    '1 file, 5 B, 3 routes, 1 host, 0 warnings',
    '',
  ]);
  expect(JSON.parse(planJson(two, []))).toMatchObject({
    files: 1,
    defaultSite: true,
    hosts: ['shop.example'],
    routes: { 0: { key: '@shop.example/200', status: 200, file: '@shop.example/200.html' } },
    fallbacks: [],
    rewrites: [{ folder: '@shop.example/', file: '@shop.example/200.html' }],
  });
});

test('the summary counts hosts where there are any', () => {
  const { report } = packed;
  const manifest = { ...report.manifest, hosts: ['a.example', 'b.example'] };
  const text = summaryText({ ...packed, report: { ...report, manifest } });
  expect(text).toMatch(/\n {2}hosts +2\n/);
});

test('where nothing was slow it says nothing of it', () => {
  expect(summaryText({ ...packed, slowest: [] })).not.toMatch(/slowest/);
});
