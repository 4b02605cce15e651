// frame.test.ts: Host, target form and body framing, through the whole head.
import { expect, test } from 'vitest';
import { value } from '../support/reply.ts';
import { askEveryWay, page, repliesOf, serve } from './harness.ts';

serve({ '/': page('root'), '/a': page('alpha'), '/m': { location: '/to/' } });

type Outcome = readonly [status: number, end: 'open' | 'closed', body?: string];

function outcome(...lines: readonly string[]): Outcome {
  const answer = askEveryWay(`${lines.join('\r\n')}\r\n\r\n`);
  const [reply, ...more] = repliesOf(answer, lines[0]!.startsWith('HEAD ') ? [0] : []);
  expect(more).toEqual([]);
  const end = answer.finished ? 'closed' : 'open';
  expect(value(reply!, 'connection') === 'close').toBe(end === 'closed');
  return reply!.status === 200 ? [200, end, reply!.body.toString()] : [reply!.status, end];
}

/** Lines as one parameter of the test. */
const rows = (
  list: readonly (readonly [Outcome, ...string[]])[],
): readonly (readonly [Outcome, readonly string[]])[] =>
  list.map(([wanted, ...lines]) => [wanted, lines]);

const GET = 'GET /a HTTP/1.1';
const OK: Outcome = [200, 'open', 'alpha'];
const LAST: Outcome = [200, 'closed', 'alpha'];
const BAD: Outcome = [400, 'closed'];

test.each(
  rows([
    [BAD, GET],
    [BAD, GET, 'X: a'],
    [OK, GET, 'Host: a'],
    [OK, GET, 'HOST:a'],
    [OK, GET, 'Host:'],
    [OK, GET, 'Host: [::1]:80'],
    [BAD, GET, 'Host: a', 'Host: a'],
    [BAD, GET, 'Host:', 'Host:'],
    [BAD, GET, 'Host: a b'],
    [BAD, GET, 'Host: a, b'],
    [BAD, GET, 'Host: u@a'],
    [BAD, GET, 'Host: a/'],
    [BAD, GET, 'Host: http://a'],
    [BAD, GET, 'Host: [::1%25eth0]'],
    [LAST, 'GET /a HTTP/1.0'],
    [LAST, 'GET /a HTTP/1.0', 'Host: a'],
    [BAD, 'GET /a HTTP/1.0', 'Host: a', 'Host: a'],
    [BAD, 'GET /a HTTP/1.0', 'Host: a b'],
  ]),
)('Host: %j for %j', (wanted, lines) => {
  expect(outcome(...lines)).toEqual(wanted);
});

const target = (text: string, method = 'GET'): Outcome =>
  outcome(`${method} ${text} HTTP/1.1`, 'Host: b');

test.each<readonly [string, Outcome]>([
  ['http://a/a', OK],
  ['HTTP://a/a', OK],
  ['hTtP://[::1]:80/a?q', OK],
  ['http://a:/a#f', OK],
  ['http://a', [200, 'open', 'root']],
  ['http://a?q', [200, 'open', 'root']],
  ['http://a#f/a', [200, 'open', 'root']],
  ['http://a/', [200, 'open', 'root']],
  ['https://a/a', [421, 'open']],
  ['HTTPS://a', [421, 'open']],
  ['http://', BAD],
  ['http:///a', BAD],
  ['http://:80/a', BAD],
  ['http://?q', BAD],
  ['http://u@a/a', BAD],
  ['http://u:p@a/a', BAD],
  ['http://a b/a', BAD],
  ['http://a:x/a', BAD],
  ['http://[::1/a', BAD],
  ['http:/a', BAD],
  ['http:a', BAD],
  ['http', BAD],
  ['https', BAD],
  ['httpss://a/a', BAD],
  ['ftp://a/a', BAD],
  ['ws://a/a', BAD],
  ['a', BAD],
  ['a:80', BAD],
  ['?q', BAD],
  ['#f', BAD],
  ['*', BAD],
  ['**', BAD],
  ['\\a', BAD],
  ['https://', BAD],
  ['https://u@a/', BAD],
])('target %s: %j', (text, wanted) => {
  expect(target(text)).toEqual(wanted);
});

test('the Host line must be there and sound beside an absolute-form', () => {
  expect(outcome('GET http://a/a HTTP/1.1')).toEqual(BAD);
  expect(outcome('GET http://a/a HTTP/1.1', 'Host: a b')).toEqual(BAD);
  expect(outcome('GET http://a/a HTTP/1.0')).toEqual(LAST);
});

test.each<readonly [string, string, Outcome]>([
  ['OPTIONS', '*', [204, 'open']],
  ['OPTIONS', '/a', [204, 'open']],
  ['OPTIONS', '/missing%2F', [204, 'open']],
  ['OPTIONS', 'http://a', [204, 'open']],
  ['OPTIONS', '/%', BAD],
  ['OPTIONS', '**', BAD],
  ['OPTIONS', 'a', BAD],
  ['CONNECT', 'a:443', [405, 'open']],
  ['CONNECT', '[::1]:443', [405, 'open']],
  ['CONNECT', 'http://a', [405, 'open']],
  ['CONNECT', '/a', [405, 'open']],
  ['CONNECT', 'a', BAD],
  ['CONNECT', 'a1', BAD],
  ['CONNECT', 'a:', BAD],
  ['CONNECT', ':443', BAD],
  ['CONNECT', 'a:65536', BAD],
  ['CONNECT', 'a:b', BAD],
  ['CONNECT', 'u@a:443', BAD],
  ['CONNECT', '[::1]', BAD],
  ['CONNECT', 'a:443/', BAD],
  ['CONNECT', '*', BAD],
  ['HEAD', '*', BAD],
  ['POST', '*', BAD],
  ['POST', 'a:443', BAD],
])('%s %s: %j', (method, text, wanted) => {
  expect(target(text, method)).toEqual(wanted);
});

const framed = (...lines: readonly string[]): Outcome => outcome(GET, 'Host: a', ...lines);

test.each(
  rows([
    [OK, 'Content-Length: 0'],
    [OK, 'Content-Length: 000000000000000'],
    [LAST, 'Content-Length: 1'],
    [LAST, 'Content-Length: 999999999999999'],
    [BAD, 'Content-Length: 1000000000000000'],
    [BAD, 'Content-Length:'],
    [BAD, 'Content-Length: -1'],
    [BAD, 'Content-Length: +0'],
    [BAD, 'Content-Length: 0, 0'],
    [BAD, 'Content-Length: 0', 'Content-Length: 0'],
    [LAST, 'Transfer-Encoding: chunked'],
    [LAST, 'Transfer-Encoding: ,CHUNKED,'],
    [BAD, 'Transfer-Encoding:'],
    [BAD, 'Transfer-Encoding: gzip'],
    [BAD, 'Transfer-Encoding: identity'],
    [BAD, 'Transfer-Encoding: chunked, gzip'],
    [BAD, 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip'],
    [BAD, 'Transfer-Encoding: chunked, chunked'],
    [BAD, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    [BAD, 'Transfer-Encoding: gzip, chunked, chunked'],
    [BAD, 'Transfer-Encoding: chunked', 'Content-Length: 0'],
    [BAD, 'Content-Length: 3', 'Transfer-Encoding: chunked'],
    [BAD, 'Content-Length: 3', 'Transfer-Encoding: gzip, chunked'],
    [[501, 'closed'], 'Transfer-Encoding: gzip, chunked'],
    [[501, 'closed'], 'Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'],
  ]),
)('body: %j for %j', (wanted, lines) => {
  expect(framed(...lines)).toEqual(wanted);
});

test('HTTP/1.0 knows no transfer coding', () => {
  expect(outcome('GET /a HTTP/1.0', 'Transfer-Encoding: chunked')).toEqual(BAD);
});

test('a body is never read as a request', () => {
  const head = 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 33\r\n\r\n';
  const answer = askEveryWay(`${head}GET /a HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect(repliesOf(answer).map(({ status }) => status)).toEqual([405]);
  expect(answer.finished).toBe(true);
});

test.each(
  rows([
    [OK, GET, 'Connection: keep-alive'],
    [LAST, GET, 'Connection: close'],
    [LAST, GET, 'Connection: keep-alive, CLOSE'],
    [LAST, GET, 'Connection: x', 'Connection: close'],
    [OK, 'GET /a HTTP/1.0', 'Connection: keep-alive'],
    [OK, 'GET /a HTTP/1.0', 'Connection: Keep-Alive'],
    [LAST, 'GET /a HTTP/1.0', 'Connection: keep-alive, close'],
    [LAST, 'GET /a HTTP/1.0', 'Keep-Alive: 300'],
    [LAST, 'GET /a HTTP/1.0', 'Connection: upgrade'],
  ]),
)('connection: %j for %j', (wanted, [line, ...lines]) => {
  expect(outcome(line!, 'Host: a', ...lines)).toEqual(wanted);
});

test('only HTTP/1.0 is told that the connection is kept', () => {
  const connection = (minor: number): string | undefined => {
    const head = `GET /a HTTP/1.${minor}\r\nHost: a\r\nConnection: keep-alive\r\n\r\n`;
    return value(repliesOf(askEveryWay(head))[0]!, 'connection');
  };
  expect([connection(0), connection(1)]).toEqual(['keep-alive', undefined]);
});

test.each([
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
  'TE: trailers',
  'Trailer: x',
  'Keep-Alive: timeout=5',
  'Expect: 100-continue',
])('%s changes nothing', (line) => {
  expect(framed(line)).toEqual(OK);
});
