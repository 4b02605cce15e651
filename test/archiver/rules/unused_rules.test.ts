// unused_rules.test.ts: rules of `_headers` that no answer has.
import { expect, test } from 'vitest';
import { readSiteHeaders } from '../../../archiver/rules/site_headers.ts';
import { planRedirects } from '../../../archiver/rules/redirects_plan.ts';
import { readSiteRedirects } from '../../../archiver/rules/site_redirects.ts';
import { unusedRules } from '../../../archiver/rules/unused_rules.ts';
import type { Files } from '../../support/site.ts';
import { makeSite, planOf, runPack, siteOf } from '../fixture.ts';

/** Host and line of each. */
function unused(hosts: Readonly<Record<string, Files>>): string[] {
  const sites = Object.entries(hosts).map(([host, files]) => siteOf(makeSite(files), host));
  const { plan } = planRedirects(planOf(...sites), readSiteRedirects(sites));
  const found = unusedRules(plan, sites.map(readSiteHeaders));
  expect(found.every(({ file, mild }) => file === '_headers' && mild)).toBe(true);
  return found.map(({ site, line }) => `${site.host}:${line}`);
}

const rules = (...paths: string[]): string => paths.map((path) => `${path}\n  X: 1\n`).join('');
const files = { 'index.html': 'home', 'a/page.html': 'page', 'app/200.html': 'app' };

test('a rule is used where it matches a path, an alias or a redirect', () => {
  const _headers = rules('/*', '/a/page', '/A/page.HTML', '/a/page/', '/a/:name', '/index.html');
  expect(unused({ '': { ...files, _headers } })).toEqual([]);
});

test('one that matches none is told with its line', () => {
  const _headers = rules('/*', '/a/pagge', '/b/*', '/*.css', '/:one/:two/:three');
  expect(unused({ '': { ...files, _headers } })).toEqual([':3', ':5', ':7', ':9']);
});

test('one that covers a folder with a page for all below it is used', () => {
  const _headers = rules('/app/*', '/app/sub/*');
  expect(unused({ '': { ...files, _headers } })).toEqual([':3']);
});

test('one for what rules answer is used', () => {
  const _redirects = '/old /a/page\n/shop/* https://b.example/:splat 302\n/in/* /a/:splat 200\n';
  const _headers = rules('/old', '/shop/*', '/in/*');
  expect(unused({ '': { ...files, _headers, _redirects } })).toEqual([':5']);
});

test('each site has its own', () => {
  const hosts = {
    '': { ...files, _headers: rules('/a/page', '/only') },
    'a.example': { 'only.txt': '', _headers: rules('/a/page', '/only.txt') },
    'b.example': { 'x.txt': '' },
  };
  expect(unused(hosts)).toEqual([':3', 'a.example:1']);
});

test('it is a warning, which --strict does not let pass', async () => {
  const site = makeSite({ ...files, _headers: rules('/index.html', '/nope') });
  const ran = await runPack([site, `${site}.cdb`]);
  expect([ran.code, ran.err]).toEqual([
    0,
    'cdbpack: warning: _headers:3: no path of the site matches: the rule does nothing.\n',
  ]);
  expect((await runPack([site, `${site}.cdb`, '--strict'])).code).toBe(6);
});
