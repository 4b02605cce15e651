// redirect_line.test.ts: one line of `_redirects`: a rule, or a reason.
import { expect, test } from 'vitest';
import { readRedirect } from '../../../archiver/rules/redirect_line.ts';
import type { RedirectRule } from '../../../archiver/rules/redirect_line.ts';

function read(text: string): RedirectRule {
  const rule = readRedirect(7, text);
  if (typeof rule === 'string') throw new Error(rule);
  return rule;
}

test.each([
  ['/a /b', 301, false],
  ['/a /b 302', 302, false],
  ['/a /b 303!', 303, true],
  ['/a\t/b   307 # why', 307, false],
  ['/a /b #302', 301, false],
  ['/a https://b.example/ 308', 308, false],
  ['/a /b 200', 200, false],
  ['/* /index.html 200!', 200, true],
  ['/a /404.html 404', 404, false],
])('%s has status %i', (text, status, forced) => {
  expect(read(text)).toMatchObject({ line: 7, status, forced, host: undefined });
});

test('without a destination the rest of the path is where it is', () => {
  const { from, to, status } = read('/app/* 200');
  expect([from.segments, from.splat, to.path, status]).toEqual([['app'], true, ['/app/', 0], 200]);
  expect(read('http://a.example/* 200!')).toMatchObject({ host: 'a.example', forced: true });
});

test('an absolute path names the site', () => {
  expect(read('https://A.Example./x /y')).toMatchObject({
    host: 'a.example',
    from: { segments: ['x'] },
  });
  expect(read('http://a.example /y')).toMatchObject({ host: 'a.example', from: { segments: [] } });
});

test.each([
  ['/a', /no destination/],
  ['/a # /b', /no destination/],
  ['a /b', /begins with a path/],
  ['ftp://a.example/ /b', /begins with a path/],
  ['/a?x=1 /b', /path alone/],
  ['/a#x /b', /path alone/],
  ['/a id=:id /b/:id', /'id=:id' asks for a query, and a packed site answers by path alone/],
  ['/a /b 302 Country=de', /'Country=de' is a condition/],
  ['/a /b Language=de', /'Language=de' is a condition/],
  ['/a /b 301 Sign=KEY', /is a condition/],
  ['/a /b 301 Role=x Cookie=y', /'Role=x' is a condition/],
  ['/a b', /'b' is no destination/],
  ['/a b /c', /stands between/],
  ['/a /b 200 /c', /one word too many/],
  ['/a /b 3o1', /is no status/],
  ['/a /b 301!!', /is no status/],
  ['/a /b 410', /the status is 410; it can be 200, 301/],
  ['/a /b 99999999999', /the status is 99999999999/],
  ['/a 200', /can do without/],
  ['/a/* 301', /can do without/],
  ['/a/* 200 x', /one word too many/],
  ['/a https://b.example/ 200', /would be a proxy/],
  ['/a https://b.example/ 404', /would be a proxy/],
  ['/a /b?x=1 200', /no query and no fragment/],
  ['/a /b#x 404', /no query and no fragment/],
  ['/a /b%2Fc 200', /no path of one is like that/],
  ['/:a /:a 404', /whose path has no captures/],
  ['https://:x.example/ /b', /is no host/],
  ['https://a.example:80/ /b', /without a port/],
  ['/.netlify/x /b', /Netlify's own/],
  ['/a* /b', /whole last segment.*in '\/a\*'/],
  ['/a //b.example', /another host.*in '\/\/b.example'/],
])('%s is refused', (text, reason) => {
  expect(readRedirect(1, text)).toMatch(reason);
});
