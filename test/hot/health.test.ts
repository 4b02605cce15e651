// health.test.ts: what asks for health, and what only looks like it.
import { expect, test } from 'vitest';
import { openHealth } from '../../src/boot/health.ts';
import { setDraining } from '../../src/hot/health.ts';
import { value } from '../support/reply.ts';
import { ask, get, head, page, repliesOf, serve } from './harness.ts';

const PATH = '/health/z';
const SITE = { '/': page('root'), '404/': page('missing'), '200/': page('rewritten') };

function answerTo(request: string, heads: readonly number[] = []): string {
  const [reply] = repliesOf(ask(request), heads);
  return `${reply!.status} ${reply!.body.toString()}`;
}

test('its path is answered, before fallbacks, however it is written', () => {
  serve(SITE);
  openHealth(PATH);
  for (const path of [PATH, `${PATH}?a=b`, '/health/%7A', '/a/../health/z']) {
    expect(answerTo(get(path)), path).toBe('200 ok\n');
  }
  const [reply] = repliesOf(ask(get(PATH)));
  expect(value(reply!, 'cache-control')).toBe('no-store');
  expect(value(reply!, 'content-type')).toBe('text/plain; charset=utf-8');
  expect(value(reply!, 'connection')).toBeUndefined();
});

test('HEAD has the fields alone, OPTIONS and POST are as everywhere', () => {
  expect(answerTo(head('HEAD', PATH), [0])).toBe('200 ');
  expect(answerTo(head('OPTIONS', PATH))).toBe('204 ');
  expect(answerTo(head('POST', PATH))).toMatch(/^405 /);
});

test('another path is none, though it begins or ends like it', () => {
  for (const path of ['/health/', '/health/zz', '/health/Z', '/ealth/z', '/health', '/health/y']) {
    expect(answerTo(get(path)), path).toBe('200 rewritten');
  }
});

test('without one nothing is', () => {
  openHealth('');
  for (const path of [PATH, '/']) expect(answerTo(get(path))).not.toContain('ok');
  openHealth(PATH);
});

test('who asks by an address, where every site has a name, is answered', () => {
  serve({ '@a.example/': page('named') });
  const to = (host: string, path: string): string =>
    answerTo(get(path).replace(/Host: [^\r]*/, `Host: ${host}`));
  expect(to('127.0.0.1', PATH)).toBe('200 ok\n');
  expect(to('a.example', PATH)).toBe('200 ok\n');
  expect(to('127.0.0.1', '/')).toMatch(/^421 /);
  expect(to('127.0.0.1', '/health/%zz')).toMatch(/^421 /);
  expect(answerTo(`GET ${PATH} HTTP/1.0\r\n\r\n`)).toBe('200 ok\n');
});

test('once it drains the answer is 503, and the last of the connection', () => {
  setDraining();
  const answer = ask(get(PATH) + get(PATH));
  const [reply, ...others] = repliesOf(answer);
  expect([reply!.status, reply!.body.toString()]).toEqual([503, 'draining\n']);
  expect(value(reply!, 'connection')).toBe('close');
  expect([others.length, answer.finished]).toEqual([0, true]);
});
