// summary.test.ts: what cdbpack tells at its end.
import { expect, test } from 'vitest';
import { planSite } from '../../archiver/plan.ts';
import {
  planJson,
  planText,
  summaryJson,
  summaryText,
  warningLine,
} from '../../archiver/summary.ts';
import type { Packed } from '../../archiver/summary.ts';

const packed: Packed = {
  out: 'site.cdb',
  report: {
    archiveBytes: 12_345,
    siteBytes: 20_000,
    duplicates: { files: 1, bytes: 400 },
    codings: [
      { name: 'identity', files: 9, bodies: 8, bytes: 10_000 },
      { name: 'gzip', files: 5, bodies: 5, bytes: 2_500 },
      { name: 'br', files: 0, bodies: 0, bytes: 0 },
    ],
    manifest: {
      digest: 'ab',
      format: 1,
      tool: { name: 'cdbpack', version: '1' },
      files: 9,
      routes: 1_200,
      fallbacks: 1,
      bodies: 13,
      heads: 14,
      codings: ['gzip'],
      hosts: [],
    },
  },
  warnings: [{ path: 'a\n', text: 'odd' }],
  seconds: 2,
};

test('the summary has files, routes, bytes per coding, what is shared and warnings', () => {
  expect(summaryText(packed)).toBe(
    [
      'site.cdb: 12.3 kB, packed in 2.0 s (10.0 kB/s)',
      '  files           9  20.0 kB',
      '  routes      1,200',
      '  identity        9  10.0 kB',
      '  gzip            5  2.50 kB, 25.0 % of identity',
      '  duplicates      1  400 B stored once',
      '  warnings        1',
      '',
    ].join('\n'),
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
    bodies: 13,
    heads: 14,
    codings: packed.report.codings.slice(0, 2),
    duplicates: { files: 1, bytes: 400 },
    warnings: packed.warnings,
    seconds: 2,
  });
});

test('a warning names its file on one line', () => {
  expect(warningLine({ path: 'a\nb', text: 'skipped' })).toBe(
    'cdbpack: warning: a\\u{a}b: skipped\n',
  );
});

const files = ['404.html', 'd/index.html'].map((path) => ({ path, bytes: 10, modifiedMs: 0 }));
const plan = planSite(files, 'both');

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
