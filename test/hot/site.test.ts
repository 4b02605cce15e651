// site.test.ts: which site of an archive a request is for.
import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { value } from '../support/reply.ts';
import { ask, askEveryWay, page, repliesOf, serve } from './harness.ts';

const FULL = process.env['CDBSERVE_FULL'] === '1';
const LONGEST = `${'l'.repeat(62)}.`.repeat(4).slice(0, 251) + 'l';
const HOSTS = ['a', 'b.example', 'a.b', '[::1]', '1.2.3.4', 'x%41', LONGEST];
const NAMED = Object.fromEntries(
  HOSTS.flatMap((host) => [
    [`@${host}/`, page(`root of ${host}`)],
    [`@${host}/x`, page(`x of ${host}`)],
  ]),
);
const missing = (body: string): { status: 404; variants: { body: string }[] } => ({
  status: 404,
  variants: [{ body }],
});

const withDefault = (): unknown =>
  serve({
    ...NAMED,
    '/': page('root of the default'),
    '/only': page('only in the default'),
    '404@a/': missing('missing in a'),
    '404@a/x/': missing('missing in x of a'),
    '404/': missing('missing in the default'),
    '200@a.b/': page('rewritten in a.b'),
  });

beforeEach(withDefault);

/** Status and body for a Host value, or for none at all in HTTP/1.0. */
function visit(host: string | undefined, target = '/', method = 'GET'): string {
  const version = host === undefined ? 'HTTP/1.0' : 'HTTP/1.1';
  const line = host === undefined ? '' : `Host: ${host}\r\n`;
  const answer = ask(`${method} ${target} ${version}\r\n${line}\r\n`);
  const [reply] = repliesOf(answer, method === 'HEAD' ? [0] : []);
  return `${reply!.status} ${reply!.status === 200 || reply!.status === 404 ? reply!.body : ''}`;
}

test.each([
  ['a', 'root of a'],
  ['A', 'root of a'],
  ['a.', 'root of a'],
  ['a:80', 'root of a'],
  ['a:', 'root of a'],
  ['A.:8080', 'root of a'],
  ['B.Example', 'root of b.example'],
  ['b.example.', 'root of b.example'],
  ['a.b', 'root of a.b'],
  ['[::1]', 'root of [::1]'],
  ['[::1]:80', 'root of [::1]'],
  ['[::1]:', 'root of [::1]'],
  ['1.2.3.4:1', 'root of 1.2.3.4'],
  [LONGEST, `root of ${LONGEST}`],
  [`${LONGEST}.:65535`, `root of ${LONGEST}`],
  [`${LONGEST}l`, 'root of the default'],
  [`${LONGEST}lll`, 'root of the default'],
  ['l'.repeat(4_000), 'root of the default'],
  ['c', 'root of the default'],
  ['a..', 'root of the default'],
  ['aa', 'root of the default'],
  ['.a', 'root of the default'],
  ['b', 'root of the default'],
  ['[::2]', 'root of the default'],
  ['[0::1]', 'root of the default'],
  ['', 'root of the default'],
  [':80', 'root of the default'],
  ['.', 'root of the default'],
  [undefined, 'root of the default'],
])('Host %s: %s', (host, body) => {
  expect(visit(host)).toBe(`200 ${body}`);
});

test('each site has its own paths and its own page for what is missing', () => {
  expect(visit('a', '/x')).toBe('200 x of a');
  expect(visit('a', '/%78')).toBe('200 x of a');
  expect(visit('a', '/only')).toBe('404 missing in a');
  expect(visit('a', '/x/only')).toBe('404 missing in x of a');
  expect(visit('a', '/x/%2F')).toBe('404 missing in a');
  expect(visit('c', '/x')).toBe('404 missing in the default');
  expect(visit('c', '/%2F')).toBe('404 missing in the default');
  expect(visit('c', '/only')).toBe('200 only in the default');
  expect(visit('b.example', '/only')).toContain('404 <!doctype html>');
  expect(visit('b.example', '/%2F')).toContain('404 <!doctype html>');
  expect(visit('a.b', '/only')).toBe('200 rewritten in a.b');
  expect(visit('a.b', '/only.js')).toContain('404 <!doctype html>');
});

test('no path of one site leads into another', () => {
  for (const path of ['/@a/x', '/..@a/x', '/@a', '/a/x', '/%40a/x']) {
    expect(visit('c', path)).toBe('404 missing in the default');
    expect(visit('a', path)).toBe('404 missing in a');
  }
  expect(visit('a', '/../a.b/x')).toBe('400 ');
  expect(visit('a/', '/x')).toBe('400 ');
  expect(visit('@a', '/x')).toBe('400 ');
});

test.each([
  ['http://a/x', 'c', '200 x of a'],
  ['http://a', 'c', '200 root of a'],
  ['http://A.:80/x', 'c', '200 x of a'],
  ['HTTP://[::1]:1/x', 'a', '200 x of [::1]'],
  ['http://c/x', 'a', '404 missing in the default'],
  ['http://a/x', '', '200 x of a'],
  ['http://a?/x', 'c', '200 root of a'],
])('the authority of %s replaces Host %s', (target, host, wanted) => {
  expect(visit(host, target)).toBe(wanted);
});

test('pipelined requests do not share a site', () => {
  const hosts = ['a', 'c', '[::1]', '', 'b.example', 'A', 'zz'];
  const text = hosts.map((host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).join('');
  expect(repliesOf(askEveryWay(text)).map(({ body }) => body.toString())).toEqual([
    'root of a',
    'root of the default',
    'root of [::1]',
    'root of the default',
    'root of b.example',
    'root of a',
    'root of the default',
  ]);
});

test('without a default site an unknown host is 421, before method and path, and goes on', () => {
  serve({ ...NAMED, '404@a/': missing('missing in a') });
  expect(visit('a')).toBe('200 root of a');
  for (const host of ['c', '', '.', undefined, 'l'.repeat(300)]) {
    expect(visit(host)).toBe('421 ');
    for (const method of ['HEAD', 'PUT', 'BREW', 'OPTIONS']) {
      expect(visit(host, '/%', method)).toBe('421 ');
    }
  }
  const known = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const answer = ask(known.replace('Host: a', 'Host: c\r\nExpect: x') + known);
  const [first, second] = repliesOf(answer);
  expect([first!.status, value(first!, 'connection')]).toEqual([421, undefined]);
  expect(second!.body.toString()).toBe('root of a');
  expect(value(first!, 'cache-control')).toBe('no-store');
});

test('an archive without named sites does not look at the host', () => {
  serve({ '/': page('one for all') });
  for (const host of ['a', 'c', '', '[::1]:80', undefined]) {
    expect(visit(host)).toBe('200 one for all');
  }
});

test('any host is read as the plain implementation reads it', () => {
  const piece = fc.constantFrom(
    ...[HOSTS, ['.', ':', ':80', 'A', 'b', 'B.example', '%41', '-', '']].flat(),
  );
  const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
  const valid = /^(?:\[::1\]|(?:[a-z\d.-]|%41)*)(?::\d*)?$/i;
  fc.assert(
    fc.property(text, (host) => {
      const name = host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
      const port = Number(/^(?:\[.*\]|[^:]*):(\d*)$/.exec(host)?.[1] ?? 0);
      const body = HOSTS.includes(name) ? `root of ${name}` : 'root of the default';
      const isValid = valid.test(host) && port <= 65_535;
      expect([host, visit(host)]).toEqual([host, isValid ? `200 ${body}` : '400 ']);
    }),
    { numRuns: FULL ? 200_000 : 5_000 },
  );
});
