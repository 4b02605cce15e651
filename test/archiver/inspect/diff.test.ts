// diff.test.ts: what another archive answers otherwise.
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeSite, soundArchive, soundSites, write } from '../fixture.ts';
import { PAGE, archive, hosted, ranOn, run } from './run.ts';

const FILES = {
  'index.html': PAGE,
  'same.txt': 'same',
  'changed.txt': 'before',
  'gone.txt': 'gone',
  'd/index.html': 'd',
};
const old = await soundArchive(FILES);

async function diff(before: string, after: string, ...flags: string[]) {
  const { code, out } = await ranOn(before, ['diff', after, ...flags]);
  return { code, text: out.toString() };
}

test('equal archives: nothing, and 0', async () => {
  const again = await soundArchive(FILES);
  expect(await diff(old.target, again.target)).toEqual({ code: 0, text: '' });
  expect(await diff(old.target, again.target, '--json')).toEqual({ code: 0, text: '' });
  expect(await diff(hosted.target, hosted.target)).toEqual({ code: 0, text: '' });
});

test('paths that are gone, new and changed, and 1', async () => {
  const { 'gone.txt': gone, ...kept } = FILES;
  expect(gone).toBe('gone');
  const now = await soundArchive({ ...kept, 'changed.txt': 'afterwards', 'new\n.txt': 'new' });
  const { code, text } = await diff(old.target, now.target);
  expect(code).toBe(1);
  expect(text).toBe('*  /changed.txt  6 -> 10 bytes\n-  /gone.txt\n+  /new\\u{a}.txt\n');
  const back = await diff(now.target, old.target, '--json');
  expect(
    back.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { key: '/changed.txt', change: 'bytes', bytes: { before: 10, after: 6 } },
    { key: '/new\n.txt', change: 'removed' },
    { key: '/gone.txt', change: 'added' },
  ]);
});

test('headers alone, but for those that may differ', async () => {
  const site = makeSite(FILES);
  utimesSync(join(site, 'same.txt'), 1_000_000_000, 1_000_000_000);
  const { target } = await write(site);
  const { code, text } = await diff(old.target, target);
  expect([code, text]).toEqual([
    1,
    'h  /same.txt\n' +
      '     - Last-Modified: Fri, 01 Mar 2024 12:00:00 GMT\n' +
      '     + Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\n',
  ]);
  expect((await diff(old.target, target, '--ignore', 'last-modified')).code).toBe(0);
  expect((await diff(old.target, target, '--ignore', 'ETag')).code).toBe(1);
  const { target: insecure } = await write(makeSite({ a: 'a' }), { security: [] });
  const { target: secure } = await write(makeSite({ a: 'a' }));
  const ignored = ['Referrer-Policy', 'X-Content-Type-Options', 'X-Frame-Options'];
  const flags = ignored.flatMap((name) => ['--ignore', name]);
  expect((await diff(insecure, secure)).text.split('\n')).toHaveLength(5);
  expect((await diff(insecure, secure, ...flags)).code).toBe(0);
});

test('a page that becomes a redirect', async () => {
  const before = await soundArchive({ d: 'd' });
  const after = await soundArchive({ 'd/index.html': 'd' });
  const { text } = await diff(before.target, after.target);
  expect(text).toMatch(/^h {2}\/d\n +- HTTP\/1\.1 200 OK\n/);
  expect(text).toMatch(/\n +\+ Location: \/d\/\n/);
  expect(text).toMatch(/\n\+ {2}\/d\/\n\+ {2}\/d\/index\.html\n$/);
});

test('the same content in other codings', async () => {
  const fast = await write(makeSite(FILES), { effort: 'fast' });
  const { text } = await diff(old.target, fast.target);
  expect(text === '' || text === 'c  /  gzip\nc  /index.html  gzip\n').toBe(true);
  const none = await write(makeSite(FILES), { effort: 'none' });
  const without = await diff(old.target, none.target, '--ignore', 'Vary');
  expect(without.text).toBe('c  /  gzip\nc  /index.html  gzip\n');
});

test('sites that come and go, also those without a file, or one site alone', async () => {
  const one = await soundSites({ '': { a: 'x' }, 'a.example': { a: 'x' }, 'b.example': {} });
  const two = await soundSites({ 'a.example': { a: 'y' }, 'c.example': {} });
  expect((await diff(one.target, two.target)).text.split('\n')).toEqual([
    '-  @',
    '-  @b.example',
    '+  @c.example',
    '-  /a',
    '*  @a.example/a  1 -> 1 bytes',
    '',
  ]);
  const alone = await diff(one.target, two.target, '--host', 'a.example');
  expect(alone.text).toBe('*  @a.example/a  1 -> 1 bytes\n');
  await expect(diff(one.target, two.target, '--host', 'c.example')).rejects.toThrow(/no host c/);
});

test('an archive that is none, on either side', async () => {
  await expect(diff(archive.target, '/nope.cdb')).rejects.toMatchObject({ exitCode: 1 });
  await expect(run('diff', import.meta.filename)).rejects.toMatchObject({ exitCode: 3 });
});
