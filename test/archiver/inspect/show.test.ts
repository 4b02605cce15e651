// show.test.ts: the headers of a path, once for each coding.
import { expect, test } from 'vitest';
import { lines, run } from './run.ts';

test('a page has a block for each coding, the preferred one first', async () => {
  const shown = await lines('show', '/copy.html');
  expect(shown.filter((line) => /^(#|HTTP|Content)/.test(line) || line === '')).toEqual([
    '# gzip',
    'HTTP/1.1 200 OK',
    'Content-Encoding: gzip',
    'Content-Type: text/html; charset=utf-8',
    expect.stringMatching(/^Content-Length: \d\d$/),
    '',
    '# identity',
    'HTTP/1.1 200 OK',
    'Content-Type: text/html; charset=utf-8',
    'Content-Length: 1080',
  ]);
});

test('a redirect has one', async () => {
  expect(await lines('show', '/d')).toEqual([
    '# identity',
    'HTTP/1.1 308 Permanent Redirect',
    'Cache-Control: public, max-age=3600',
    'Referrer-Policy: strict-origin-when-cross-origin',
    'X-Content-Type-Options: nosniff',
    'X-Frame-Options: SAMEORIGIN',
    'Location: /d/',
    'Content-Length: 0',
  ]);
});

test('the same for programs', async () => {
  expect(JSON.parse((await run('show', '/noise.bin', '--json')).toString())).toMatchObject({
    key: '/noise.bin',
    status: 200,
    variants: [{ coding: 'identity', bytes: 500, lines: { 0: 'HTTP/1.1 200 OK' } }],
  });
});
