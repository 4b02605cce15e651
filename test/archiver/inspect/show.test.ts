// show.test.ts: the headers of a path, once for each coding.
import { expect, test } from 'vitest';
import { MODIFIED } from '../../support/site.ts';
import { soundArchive } from '../fixture.ts';
import { lines, run, runOn } from './run.ts';

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
    file: true,
    modified: MODIFIED.toISOString(),
    variants: [{ coding: 'identity', bytes: 500, lines: { 0: 'HTTP/1.1 200 OK' } }],
  });
});

test('the answer to a condition repeats what it must', async () => {
  expect(await lines('show', '/d/', '--as', '304')).toEqual([
    '# identity',
    'HTTP/1.1 304 Not Modified',
    'Cache-Control: no-cache',
    expect.stringMatching(/^ETag: ".+"$/),
    'Referrer-Policy: strict-origin-when-cross-origin',
    'X-Content-Type-Options: nosniff',
    'X-Frame-Options: SAMEORIGIN',
  ]);
});

test('the answer to a range has all of it', async () => {
  const whole = await lines('show', '/noise.bin');
  const part = await lines('show', '/noise.bin', '--as', '206');
  expect(part[1]).toBe('HTTP/1.1 206 Partial Content');
  expect(part.slice(2, -2)).toEqual(whole.slice(2, -1));
  expect(part.slice(-2)).toEqual(['Content-Range: bytes 0-499/500', 'Content-Length: 500']);
  const shown = JSON.parse((await run('show', '/noise.bin', '--as', '206', '--json')).toString());
  expect(shown).toMatchObject({ variants: [{ lines: { 1: 'Cache-Control: no-cache' } }] });
});

test('an answer that there is never is told', async () => {
  for (const [path, as] of [
    ['/d', '206'],
    ['/d', '304'],
    ['404/', '304'],
  ]) {
    await expect(run('show', path!, '--as', as!)).rejects.toThrow(/ answers with \d+, and never/);
  }
  const empty = await soundArchive({ e: '' });
  await expect(runOn(empty.target, 'show', '/e', '--as', '206')).rejects.toThrow(
    '/e is empty, and',
  );
  await runOn(empty.target, 'show', '/e', '--as', '304');
  for (const as of ['200', 'stored', '', 'constructor']) {
    await expect(run('show', '/d/', '--as', as)).rejects.toThrow(/--as is '.*'; it can be 206 or/);
    await expect(run('show', '/d/', '--as', as)).rejects.toMatchObject({ exitCode: 2 });
  }
});
