// decide.test.ts: which refusal wins, and which answer a route gets.
import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { CODING_GZIP, CODING_IDENTITY } from '../../src/format/layout.ts';
import type { Reply } from '../support/reply.ts';
import { value, values } from '../support/reply.ts';
import { ask, askEveryWay, get, head, page, reply, repliesOf, serve } from './harness.ts';
import type { Site } from './harness.ts';

const FULL = process.env['CDBSERVE_FULL'] === '1';
const missing = (body: string): { status: 404; variants: { body: string; coding: number }[] } => ({
  status: 404,
  variants: [
    { body: `packed ${body}`, coding: CODING_GZIP },
    { body, coding: CODING_IDENTITY },
  ],
});

const SITE: Site = {
  '/': page('root'),
  '/empty': page(''),
  '/moved': { location: '/to/' },
  '/both': {
    modified: 1_700_000_000,
    variants: [
      { body: 'packed', coding: CODING_GZIP, etag: '"p"' },
      { body: 'plain', coding: CODING_IDENTITY, etag: '"i"' },
    ],
  },
  '404/': missing('not in the root'),
  '404/sub/': missing('not in sub'),
  '200/app/': {
    modified: 700_000_000,
    variants: [
      { body: 'packed app', coding: CODING_GZIP, etag: '"pa"' },
      { body: 'the app', coding: CODING_IDENTITY, etag: '"app"' },
    ],
  },
  '404/app/': missing('not in app'),
};
beforeEach(() => void serve(SITE));

const BAD_HOST = 'Host: a b';
const EXPECT = 'Expect: x';
const NOTHING = 'Accept-Encoding: *;q=0';
const MATCH = 'If-None-Match: *';
const PAST = 'Range: bytes=99-';

/** Each row is refused for its first fault, whatever follows. */
test.each([
  [400, 'POST /% HTTP/1.1', BAD_HOST, EXPECT, NOTHING],
  [400, 'POST /% HTTP/1.1', 'Host: a', 'Content-Length: x', EXPECT],
  [501, 'POST /% HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip, chunked', EXPECT],
  [400, 'BREW /% HTTP/1.1', BAD_HOST],
  [400, 'GET https://a/% HTTP/1.1', 'Host: a', 'Content-Length: x'],
  [421, 'POST https://a/% HTTP/1.1', 'Host: a', EXPECT],
  [405, 'POST /% HTTP/1.1', 'Host: a', EXPECT, NOTHING],
  [501, 'BREW /% HTTP/1.1', 'Host: a', EXPECT, NOTHING],
  [417, 'GET /% HTTP/1.1', 'Host: a', EXPECT, NOTHING],
  [417, 'OPTIONS / HTTP/1.1', 'Host: a', EXPECT],
  [400, 'GET /%zz HTTP/1.1', 'Host: a', NOTHING, MATCH],
  [404, 'GET /%2F HTTP/1.1', 'Host: a', NOTHING, MATCH],
  [404, 'GET /missing HTTP/1.1', 'Host: a', NOTHING, MATCH],
  [406, 'GET /both HTTP/1.1', 'Host: a', NOTHING, MATCH],
  [406, 'GET /both HTTP/1.1', 'Host: a', NOTHING, 'If-Match: "x"', PAST],
  [412, 'GET /both HTTP/1.1', 'Host: a', 'If-Match: "x"', MATCH, PAST],
  [304, 'GET /both HTTP/1.1', 'Host: a', MATCH, PAST],
  [416, 'GET /both HTTP/1.1', 'Host: a', PAST],
  [206, 'GET /both HTTP/1.1', 'Host: a', 'Range: bytes=0-0'],
  [206, 'GET /both HTTP/1.1', 'Host: a', 'Range: bytes=0-0,2-2'],
  [308, 'GET /moved HTTP/1.1', 'Host: a', NOTHING, MATCH],
])('%d for %s with %s %s', (status, ...lines) => {
  const answer = askEveryWay(`${lines.join('\r\n')}\r\n\r\n`);
  expect(repliesOf(answer).map((one) => one.status)).toEqual([status]);
});

test('an unknown expectation is nothing to HTTP/1.0', () => {
  expect(reply('GET / HTTP/1.0\r\nExpect: x\r\n\r\n').status).toBe(200);
});

/** Method, target, further lines; the status; does the connection go on? */
test.each([
  ['GET', '/', [], 200, true],
  ['GET', '/missing', [], 404, true],
  ['GET', '/%2F', [], 404, true],
  ['POST', '/', [], 405, true],
  ['CONNECT', 'a:1', [], 405, true],
  ['get', '/', [], 501, true],
  ['GET', '/both', [NOTHING], 406, true],
  ['GET', '/both', [MATCH], 304, true],
  ['GET', '/moved', [], 308, true],
  ['OPTIONS', '*', [], 204, true],
  ['GET', 'https://a/', [], 421, true],
  ['GET', '/%', [], 400, false],
  ['GET', '/', [EXPECT], 417, false],
  ['GET', '/', ['Transfer-Encoding: gzip, chunked'], 501, false],
  ['GET', '/', ['Content-Length: 1'], 200, false],
  ['POST', '/', ['Content-Length: 1'], 405, false],
  ['GET', '/missing', ['Connection: close'], 404, false],
])('%s %s %j: %d, goes on: %s', (method, target, lines, status, goesOn) => {
  const answer = ask(head(method, target, ...lines) + get('/'));
  const [first, ...more] = repliesOf(answer);
  expect(first!.status).toBe(status);
  expect(more.map((one) => one.body.toString())).toEqual(goesOn ? ['root'] : []);
  expect(answer.finished).toBe(!goesOn);
  expect(value(first!, 'connection')).toBe(goesOn ? undefined : 'close');
});

test('HEAD gets the head of GET, whatever the answer', () => {
  const lines = [[], [NOTHING], [MATCH], [EXPECT], ['Content-Length: 5'], ['Content-Length: x']];
  for (const target of ['/', '/empty', '/both', '/moved', '/moved?q', '/missing', '/%2F', '/%']) {
    for (const more of lines) {
      const whole = reply(get(target, ...more));
      const bare = reply(head('HEAD', target, ...more));
      expect(bare).toEqual({ ...whole, body: Buffer.alloc(0) });
    }
  }
});

test('its own route wins over every fallback, the nearest fallback over the others', () => {
  const body = (target: string, ...lines: readonly string[]): string =>
    reply(get(target, ...lines)).body.toString();
  expect(body('/x')).toBe('not in the root');
  expect(body('/x/y/z')).toBe('not in the root');
  expect(body('/sub')).toBe('not in the root');
  expect(body('/sub/')).toBe('not in sub');
  expect(body('/sub/x/y')).toBe('not in sub');
  expect(body('/%73ub/x')).toBe('not in sub');
  expect(body('/sub/x', 'Accept-Encoding: gzip')).toBe('packed not in sub');
  expect(body('/sub/%2F')).toBe('not in the root');
  expect(body('/sub/x', NOTHING)).toContain('There is nothing at this address');
});

test('OPTIONS is answered for any path, and with a body to come it is the last', () => {
  const answer = reply(head('OPTIONS', '/missing'));
  expect([answer.status, value(answer, 'allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
  expect(value(reply(head('OPTIONS', '*', 'Content-Length: 1')), 'connection')).toBe('close');
});

test('405 and 501 say what is allowed where they must', () => {
  expect(value(reply(head('PUT', '/')), 'allow')).toBe('GET, HEAD, OPTIONS');
  expect(values(reply(head('BREW', '/')), 'allow')).toEqual([]);
});

test('the query does not select', () => {
  for (const target of ['/?', '/?a', '/?%zz', '/#', '/#%zz', '/?/..#?', 'http://a?%']) {
    expect(reply(get(target)).body.toString()).toBe('root');
  }
});

test('200.html is a resource like any other, but not for a name with a dot', () => {
  const app = (...lines: readonly string[]): [number, string] => {
    const answer = reply(get('/app/some/where', ...lines));
    return [answer.status, answer.body.toString()];
  };
  expect(app()).toEqual([200, 'the app']);
  expect(app('Accept-Encoding: gzip')).toEqual([200, 'packed app']);
  expect(app('Range: bytes=4-')).toEqual([206, 'app']);
  expect(app(MATCH)).toEqual([304, '']);
  expect(app('If-None-Match: "app"')).toEqual([304, '']);
  expect(app('If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT')).toEqual([304, '']);
  expect(app('If-Match: "x"')[0]).toBe(412);
  expect(app(PAST)[0]).toBe(416);
  expect(app(NOTHING)[0]).toBe(406);
  expect(reply(get('/app/a.js', MATCH, PAST)).status).toBe(404);
  expect(reply(get('/app/a.js')).body.toString()).toBe('not in app');
  expect(reply(get('/app/%2F')).body.toString()).toBe('not in the root');
});

const NOT_IN_304 = [
  ['Content-Type', 'Content-Length', 'Content-Encoding', 'Content-Language', 'Last-Modified'],
  ['Accept-Ranges'],
].flat();
const NOT_IN_ERRORS = ['etag', 'last-modified', 'accept-ranges', 'content-encoding'];
const SEVERAL_CODINGS = new Set(['/both', '/app/x']);
const TARGETS = ['/', '/empty', '/both', '/app/x', '/moved', '/moved?q', '/missing', '/%2F', '/%'];

/** Section 5 of the HTTP rules; `whole` is the answer without conditions and ranges. */
function expectRules(target: string, answer: Reply, whole: Reply): void {
  const names = answer.fields.map(([name]) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('date');
  const known = answer.status !== 404 && SEVERAL_CODINGS.has(target);
  if (known) expect(value(answer, 'vary')).toBe('Accept-Encoding');
  if (answer.status === 200 || answer.status === 206) {
    for (const name of ['content-type', 'content-length', 'etag', 'cache-control']) {
      expect(names).toContain(name);
    }
    expect(value(answer, 'accept-ranges')).toBe('bytes');
    expect(value(answer, 'last-modified')).toBe(value(whole, 'last-modified'));
  }
  if (answer.status === 304) {
    expect(answer.fields).toEqual(whole.fields.filter(([name]) => !NOT_IN_304.includes(name)));
  }
  if (answer.status >= 400 && answer.body.toString().startsWith('<!')) {
    for (const name of NOT_IN_ERRORS) expect(names).not.toContain(name);
    expect(value(answer, 'cache-control')).toBe('no-store');
    expect(value(answer, 'content-type')).toBe('text/html; charset=utf-8');
    expect(values(answer, 'content-range')).toHaveLength(answer.status === 416 ? 1 : 0);
  }
}

test('the headers of every answer, and HEAD like GET without Range', () => {
  const codings: fc.Arbitrary<string[]> = fc.constantFrom(
    [],
    [],
    ['Accept-Encoding: gzip'],
    [NOTHING],
  );
  const conditions = fc.subarray([
    'If-Match: "x"',
    'If-Match: "i", "p", "pa"',
    'If-None-Match: "i", "root"',
    MATCH,
    'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT',
    'If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT',
    'If-Unmodified-Since: Mon, 01 Jan 1990 00:00:00 GMT',
  ]);
  const ranges: fc.Arbitrary<string[]> = fc.constantFrom(
    [],
    ['Range: bytes=0-0'],
    ['Range: bytes=0-0,2-2'],
    [PAST],
    ['Range: bytes=-1', 'If-Range: "p"'],
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...TARGETS),
      codings,
      conditions,
      ranges,
      (target, coding, condition, range) => {
        const whole = reply(get(target, ...coding));
        expectRules(target, reply(get(target, ...coding, ...condition, ...range)), whole);
        const got = ask(get(target, ...coding, ...condition)).bytes;
        const headed = ask(head('HEAD', target, ...coding, ...condition, ...range)).bytes;
        expect(headed.toString('latin1')).toBe(
          got.subarray(0, got.indexOf('\r\n\r\n') + 4).toString('latin1'),
        );
      },
    ),
    { numRuns: FULL ? 100_000 : 3_000 },
  );
});

test('an archive without a fallback has the built-in page', () => {
  serve({ '/': page('root') });
  const answer = reply(get('/missing'));
  expect(answer.status).toBe(404);
  expect(answer.body.toString()).toContain('<h1>404 Not Found</h1>');
  expect(value(answer, 'cache-control')).toBe('no-store');
});

test('an empty archive answers too', () => {
  serve({});
  expect(reply(get('/')).status).toBe(404);
  expect(reply(get('/%2F')).status).toBe(404);
});
