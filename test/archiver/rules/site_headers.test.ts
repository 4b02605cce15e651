// site_headers.test.ts: the `_headers` of each site.
import { expect, test } from 'vitest';
import { readSiteHeaders } from '../../../archiver/rules/site_headers.ts';
import { makeSite, siteOf } from '../fixture.ts';

test('rules and problems are those of the site', () => {
  const site = siteOf(makeSite({ _headers: '/a\n X: y\n Date: x\n' }), 'a.example');
  const { rules, problems } = readSiteHeaders(site);
  expect(rules).toHaveLength(1);
  expect(problems).toMatchObject([{ site, file: '_headers', line: 3 }]);
  const none = siteOf(makeSite({ 'a.txt': '' }));
  expect(readSiteHeaders(none)).toEqual({ site: none, rules: [], problems: [] });
});
