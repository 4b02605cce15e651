// lines.test.ts: what whoever watches a preview reads.
import { expect, test } from 'vitest';
import { changeLine, noRootLine, startLine } from '../../src/preview/lines.ts';

const shown = (site: string, packing: readonly string[] = []): string =>
  startLine(
    { version: '1', site, urls: ['http://a/', 'http://b/'], packing },
    { files: 1_065, archiveBytes: 2e6 },
  );

test('the start line', () => {
  expect(shown('site/')).toBe(
    '1: preview of site/: 1,065 files, 2.00 MB, http://a/ http://b/, packed again at each change; ' +
      'publish it by cdbpack site/ && cdbserve site.cdb',
  );
});

test.each([
  [['/srv/www/site'], 'cdbpack /srv/www/site && cdbserve site.cdb'],
  [['/'], 'cdbpack / site.cdb && cdbserve site.cdb'],
  [['my site', ['--hsts=1']], "cdbpack 'my site' --hsts=1 && cdbserve 'my site.cdb'"],
  [
    ["it's/", ['--exclude=*.psd']],
    "cdbpack 'it'\\''s/' '--exclude=*.psd' && cdbserve 'it'\\''s.cdb'",
  ],
] as const)('%j is published by words of a shell', ([site, packing], text) => {
  expect(shown(site, packing)).toContain(`; publish it by ${text}`);
});

test('a change', () => {
  const first = [
    { name: 'a', how: 'changed' },
    { name: 'b', how: 'new' },
    { name: 'c', how: 'gone' },
  ] as const;
  const all = 'a changed, b is new, c is gone';
  expect(changeLine({ count: 3, first }, 12.4)).toBe(`${all}: served after 12 ms`);
  expect(changeLine({ count: 1_003, first }, 1)).toBe(`${all}, 1,000 more: served after 1 ms`);
});

test('a site without a page at its root', () => {
  expect(noRootLine('x', 'http://a/')).toMatch(/^there is no index\.html at the top of x: http/);
});
