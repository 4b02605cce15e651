// rewrite.test.ts: what rules make of their captures: a Location that leads nowhere else, or a key.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LOCATION_BYTES_MAX, REQUEST_LINE_BYTES_MAX } from '../../src/limits.ts';
import { askEveryWay, get, page, reply, serve } from './harness.ts';
import type { Site, SiteRule } from './harness.ts';
import { FULL } from '../support/ledger.ts';
import { value } from '../support/reply.ts';

const text = (value: string) => ({ kind: 0, capture: 0, text: value });
const capture = (index: number) => ({ kind: 1, capture: index, text: '' });
const parameter = (index: number) => ({ kind: 2, capture: index, text: '' });
const QUERY = { kind: 3, capture: 0, text: '' };
const MOVED = { status: 301, location: '' };

function moves(pieces: SiteRule['pieces'], segments: readonly string[] = ['o']): void {
  serve({}, { '': [{ kind: 1, segments, splat: true, pieces, answer: MOVED }] });
}

function location(target: string): string | undefined {
  return value(reply(get(target)), 'location');
}

test('captures are escaped, the query is added as sent, nothing else is', () => {
  moves([text('/n%20/'), capture(0), QUERY, text('#f')]);
  expect(location('/o/a/b')).toBe('/n%20/a/b#f');
  expect(location("/o/-._~!$&'()*+,;=:@")).toBe("/n%20/-._~!$&'()*+,;=:@#f");
  expect(location('/o/%0d%0aX:%20y/%3f%23%25?a=%0d"<')).toBe(
    '/n%20/%0D%0AX:%20y/%3F%23%25?a=%0d%22%3C#f',
  );
  expect(location('/o/%C3%BC?')).toBe('/n%20/%C3%BC?#f');
  expect(location('/o/"<>[]^`{|}')).toBe('/n%20/%22%3C%3E%5B%5D%5E%60%7B%7C%7D#f');
});

test('a capture adds no parameter', () => {
  moves([text('/n?q='), parameter(0)]);
  expect(location('/o/a&b=c;d+e/f?x=1')).toBe('/n?q=a%26b%3Dc%3Bd%2Be%2Ff');
});

test('no Location begins with two slashes, whatever is empty', () => {
  moves([text('/'), capture(0), text('/'), capture(0), text('/evil.example')], []);
  expect(location('/')).toBe('/evil.example');
  expect(location('/a/')).toBe('/a/a/evil.example');
  moves([text('https://b.example/'), capture(0), text('/c')], []);
  expect(location('/')).toBe('https://b.example/c');
});

test('a Location of this site is one path, and one of another host stays there', () => {
  const segment = fc.constantFrom('a', '%2e', '%0a', '%5b', ':', '@', '%20', '%09', 'http:', '%3f');
  const path = fc.array(segment, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
  moves([text('/'), capture(0), text('/'), capture(0), QUERY], []);
  fc.assert(
    fc.property(path, (target) => {
      const answer = reply(get(target));
      if (answer.status === 400 || answer.status === 404) return;
      const moved = value(answer, 'location')!;
      expect(moved).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
      expect(new URL(moved, 'http://host.test/').host).toBe('host.test');
    }),
    { numRuns: FULL ? 20_000 : 300 },
  );
});

test('a Location that could be too long is refused, in whatever pieces the request comes', () => {
  moves([text('/'), capture(0), text('/'), capture(0), QUERY]);
  const fits = Math.floor((LOCATION_BYTES_MAX - 2) / 6);
  expect(reply(get(`/o/${'a'.repeat(fits)}`)).status).toBe(301);
  const over = `/o/${'a'.repeat(fits + 1)}`;
  expect(reply(get(over)).status).toBe(414);
  expect(reply(get(`/o/${'a'.repeat(fits - 10)}?${'b'.repeat(30)}`)).status).toBe(414);
  expect(askEveryWay(get(over), [5, 4_000]).finished).toBe(true);
});

test('the longest path and query of a rule with one capture fit', () => {
  moves([text('/'), capture(0), QUERY], []);
  const rest = REQUEST_LINE_BYTES_MAX - 'GET / HTTP/1.1'.length;
  for (const target of [`/${'"'.repeat(rest)}`, `/a?${'"'.repeat(rest - 2)}`]) {
    const moved = location(target)!;
    expect(moved.length).toBeGreaterThan(3 * (rest - 2));
    expect(moved.length).toBeLessThanOrEqual(LOCATION_BYTES_MAX);
  }
});

const PAGES: Site = {
  '/p/x': page('x'),
  '/p/x/y/': page('xy'),
  '/p/\u00fc': page('u'),
  '/q': { location: '/moved' },
  '404/': { status: 404, variants: [{ body: 'none' }] },
};

function rewrites(pieces: SiteRule['pieces'], pages: Site = PAGES): void {
  serve(pages, { '': [{ kind: 2, segments: ['o'], splat: true, pieces }] });
}

const body = (target: string) => {
  const { status, body: bytes } = reply(get(target));
  return `${status} ${bytes.toString()}`;
};

test('a rewrite is the answer of another path, once', () => {
  rewrites([text('/p/'), capture(0)]);
  expect(body('/o/x')).toBe('200 x');
  expect(body('/o/%78')).toBe('200 x');
  expect(body('/o/x/y/')).toBe('200 xy');
  expect(body('/o/%C3%BC')).toBe('200 u');
  expect(body('/o/z')).toBe('404 none');
  expect(body('/o')).toBe('404 none');
  rewrites([text('/o/'), capture(0)]);
  expect(body('/o/x')).toBe('404 none');
});

test('it has conditions and ranges, and a redirect is one', () => {
  rewrites([text('/p/'), capture(0)]);
  expect(reply(get('/o/x', 'If-None-Match: "x"')).status).toBe(304);
  expect(reply(get('/o/x/y/', 'Range: bytes=1-')).body.toString()).toBe('y');
  expect(value(reply('HEAD /o/x HTTP/1.1\r\nHost: a\r\n\r\n'), 'content-length')).toBe('1');
  rewrites([text('/'), capture(0)]);
  expect(location('/o/q?a')).toBe('/moved?a');
});

test('slashes meet as one, and a path longer than any key is none', () => {
  rewrites([text('/p/'), capture(0), text('/y/')]);
  expect(body('/o/x/')).toBe('200 xy');
  rewrites([text('/p/'), capture(0), text('/'), capture(0)]);
  expect(body(`/o/${'a'.repeat(5_000)}`)).toBe('404 none');
});

test('a page or a redirect that the rule has itself', () => {
  const rule = (segment: string, answer: SiteRule['answer']): SiteRule => {
    return { kind: 0, segments: [segment], splat: true, pieces: [], ...(answer && { answer }) };
  };
  const missing = { status: 404, variants: [{ body: 'gone' }] } as const;
  serve({}, { '': [rule('a', page('app')), rule('m', missing), rule('r', { location: '/new' })] });
  expect(body('/a/b/c')).toBe('200 app');
  expect(reply(get('/a/b', 'If-None-Match: "app"')).status).toBe(304);
  expect(body('/m/b')).toBe('404 gone');
  expect(reply(get('/m', 'If-None-Match: *', 'Range: bytes=0-1')).status).toBe(404);
  expect(location('/r/b?c')).toBe('/new?c');
});

test('a redirect with a query of its own takes none', () => {
  serve({ '/a': { location: '/b?x=1', ownQuery: true }, '/c': { location: '/d' } });
  expect(location('/a?y=2')).toBe('/b?x=1');
  expect(location('/c?y=2')).toBe('/d?y=2');
});

test('a route with status 404 is the page for what is missing, in an acceptable coding', () => {
  const variants = [{ body: 'g', coding: 1 }, { body: 'gone' }];
  serve({ '/old': { status: 404, variants } });
  const answer = reply(get('/old', 'Accept-Encoding: gzip'));
  expect([answer.status, value(answer, 'content-encoding'), answer.body.toString()]).toEqual([
    404,
    'gzip',
    'g',
  ]);
  expect(reply(get('/old', 'If-Match: "x"', 'Range: bytes=0-0')).status).toBe(404);
  expect(reply(get('/old', 'Accept-Encoding: *;q=0')).status).toBe(404);
});
