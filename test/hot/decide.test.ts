// decide.test.ts: which refusal wins, and which answer a route gets.
import { expect, test } from 'vitest';
import { CODING_GZIP, CODING_IDENTITY } from '../../src/format/layout.ts';
import { value, values } from '../support/reply.ts';
import { ask, askEveryWay, get, head, page, reply, repliesOf, serve } from './harness.ts';

const missing = (body: string): { status: 404; variants: { body: string; coding: number }[] } => ({
  status: 404,
  variants: [
    { body: `packed ${body}`, coding: CODING_GZIP },
    { body, coding: CODING_IDENTITY },
  ],
});

serve({
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
});

const BAD_HOST = 'Host: a b';
const EXPECT = 'Expect: x';
const NOTHING = 'Accept-Encoding: *;q=0';
const MATCH = 'If-None-Match: *';

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
  [304, 'GET /both HTTP/1.1', 'Host: a', MATCH],
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
