// cache_folder.test.ts: whose the folder of the cache is.
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolderFault, foreignParent, userCacheFolder } from '../../archiver/cache_folder.ts';
import { temporaryFolder } from '../support/site.ts';

const NOBODY = 65_534;
const isRoot = process.getuid!() === 0;

test.each([
  [{ XDG_CACHE_HOME: '/var/x', HOME: '/h' }, '/var/x/cdbpack'],
  [{ HOME: '/h' }, '/h/.cache/cdbpack'],
  [{ XDG_CACHE_HOME: '', HOME: '/h' }, '/h/.cache/cdbpack'],
  [{ XDG_CACHE_HOME: 'relative', HOME: '/h' }, '/h/.cache/cdbpack'],
  [{ HOME: 'relative' }, undefined],
  [{}, undefined],
])('%j leads to %s', (env, folder) => {
  expect(userCacheFolder(env)).toBe(folder);
});

test('a folder that is missing is made for us alone, with those above it', () => {
  const folder = join(temporaryFolder(), 'a', 'b');
  expect(cacheFolderFault(folder)).toBeUndefined();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(cacheFolderFault(folder)).toBeUndefined();
});

test('a folder that others may write to is refused', () => {
  const folder = temporaryFolder();
  for (const mode of [0o777, 0o1777, 0o720]) {
    chmodSync(folder, mode);
    expect(cacheFolderFault(folder)).toMatch(/others may write to it/);
  }
  chmodSync(folder, 0o755);
  expect(cacheFolderFault(folder)).toBeUndefined();
});

test('what is no folder, or leads to none, is refused', () => {
  const base = temporaryFolder();
  writeFileSync(join(base, 'file'), '');
  symlinkSync('nothing', join(base, 'dangling'));
  expect(cacheFolderFault(join(base, 'file'))).toBe('it is no folder');
  expect(cacheFolderFault(join(base, 'file', 'below'))).toMatch(/ENOTDIR/);
  expect(cacheFolderFault(join(base, 'dangling'))).toMatch(/E[A-Z]+/);
  expect(cacheFolderFault('/proc/cdbpack')).toMatch(/E[A-Z]+/);
});

test('a link to a folder of ours is as good as the folder', () => {
  const base = temporaryFolder();
  mkdirSync(join(base, 'real'), { mode: 0o700 });
  symlinkSync('real', join(base, 'link'));
  expect(cacheFolderFault(join(base, 'link'))).toBeUndefined();
});

test("somebody else's folder is refused, by a link as well", () => {
  const base = temporaryFolder();
  const folder = join(base, 'theirs');
  mkdirSync(folder, { mode: 0o755 });
  symlinkSync('theirs', join(base, 'link'));
  // Only root can give a folder away; everybody else has those of root.
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const theirs = isRoot ? folder : '/usr';
  expect(cacheFolderFault(theirs)).toBe('it belongs to somebody else');
  if (isRoot) expect(cacheFolderFault(join(base, 'link'))).toBe('it belongs to somebody else');
  expect(foreignParent(join(theirs, 'no', 'such', 'cdbpack'))).toMatch(/belongs to somebody else/);
  expect(foreignParent(join(base, 'no', 'such', 'cdbpack'))).toBeUndefined();
});
