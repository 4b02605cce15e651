// site_redirects.test.ts: `_redirects` of several sites, and the rules that name another one.
import { expect, test } from 'vitest';
import { readSiteRedirects } from '../../../archiver/rules/site_redirects.ts';
import { makeSite, siteOf } from '../fixture.ts';

test('each site has its own rules, then those of others that name its host', () => {
  const sites = [
    siteOf(makeSite({ _redirects: '/1 /x\nhttp://b.example/2 /x\nhttps://c.example/ /x\nno' })),
    siteOf(makeSite({ _redirects: '/3 /x\nhttps://b.example/4 /x' }), 'b.example'),
    siteOf(makeSite({ a: 'a' }), 'd.example'),
  ];
  const { rules, problems } = readSiteRedirects(sites);
  const lines = [...rules].map(([host, list]) => [
    host,
    list.map(({ line, site }) => [site.host, line]),
  ]);
  expect(lines).toEqual([
    ['', [['', 1]]],
    [
      'b.example',
      [
        ['b.example', 1],
        ['b.example', 2],
        ['', 2],
      ],
    ],
    ['d.example', []],
  ]);
  expect(problems.map(({ site, file, line, text }) => [site.host, file, line, text])).toEqual([
    ['', '_redirects', 4, expect.stringMatching(/begins with a path/)],
    ['', '_redirects', 3, 'the archive has no site for c.example. Name it with --host.'],
  ]);
});
