// temporary.test.ts: a file that takes the place of its target or is gone.
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  attempt,
  checkTarget,
  isOutputOf,
  openTemporary,
  writeFailure,
} from '../../archiver/temporary.ts';
import { Failure } from '../../src/errors.ts';
import { temporaryFolder } from '../support/site.ts';
import { addon } from './fixture.ts';

/** Paths of what this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      return readlinkSync(join('/proc/self/fd', number));
    } catch {
      return []; // closed meanwhile
    }
  });
}

test('publishing puts the whole file in the place of the old one', () => {
  const folder = temporaryFolder();
  const target = join(folder, 'a.cdb');
  writeFileSync(target, 'old');
  const temporary = openTemporary(target);
  writeSync(temporary.descriptor, 'new');
  expect(readFileSync(target, 'utf8')).toBe('old');
  temporary.publish(true);
  temporary.discard();
  expect(readFileSync(target, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['a.cdb']);
});

test('discarding leaves the old one and nothing else, and no listener for signals', () => {
  const folder = temporaryFolder();
  const target = join(folder, 'a.cdb');
  writeFileSync(target, 'old');
  const before = process.listenerCount('SIGTERM');
  const temporary = openTemporary(target);
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  temporary.discard();
  temporary.discard();
  expect(process.listenerCount('SIGTERM')).toBe(before);
  expect(readdirSync(folder)).toEqual(['a.cdb']);
  expect(readFileSync(target, 'utf8')).toBe('old');
});

test('what cannot take the place of its target leaves nothing open', async () => {
  const target = join(temporaryFolder(), 'a.cdb');
  const temporary = openTemporary(target);
  mkdirSync(target);
  expect(() => temporary.publish(true)).toThrow(/cannot write .*a\.cdb: EISDIR\./);
  temporary.discard();
  expect(readdirSync(dirname(target))).toEqual(['a.cdb']);
  await expect.poll(openFiles, { timeout: 10_000 }).not.toContain(target);
});

test('a file left by a crash under our own name is no obstacle', () => {
  const target = join(temporaryFolder(), 'a.cdb');
  const first = openTemporary(target);
  const second = openTemporary(target);
  second.discard();
  first.discard();
  expect(existsSync(first.path)).toBe(false);
});

test('targets that are no file for an archive are refused before anything is done', () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  mkdirSync(path('dir'));
  writeFileSync(path('file'), '');
  symlinkSync('nothing', path('dangling'));
  expect(() => checkTarget(path('dir'))).toThrow(/cannot write .*dir: it is a folder\. Name a/);
  expect(() => checkTarget(`${path('new')}/`)).toThrow(/it is a folder/);
  expect(() => checkTarget('/dev/null')).toThrow(/null: it is no regular file\. Name a file/);
  expect(() => checkTarget(path('dangling'))).toThrow(/it is a link to nothing/);
  expect(() => checkTarget(path('nope/a.cdb'))).toThrow(/ENOENT\. Its folder does not exist/);
  expect(() => checkTarget(path('file/a.cdb'))).toThrow(/ENOTDIR\. A part of its path/);
  expect(readdirSync(folder).sort()).toEqual(['dangling', 'dir', 'file']);
});

test('a target through a link is what the link leads to', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'v1.cdb'), 'old');
  symlinkSync('v1.cdb', join(folder, 'current.cdb'));
  const target = checkTarget(join(folder, 'current.cdb'));
  expect(target).toBe(checkTarget(join(folder, 'v1.cdb')));
  const temporary = openTemporary(target);
  temporary.publish(true);
  expect(readlinkSync(join(folder, 'current.cdb'))).toBe('v1.cdb');
  expect(readFileSync(join(folder, 'v1.cdb'), 'utf8')).toBe('');
});

test('the archive and every temporary file of it are known, in its folder alone', () => {
  const folder = temporaryFolder();
  const isOutput = isOutputOf(join(folder, 'a.cdb'));
  const names = ['a.cdb', '.a.cdb.123.tmp', 'b.cdb', '.b.cdb.123.tmp', 'a.cdb.tmp'];
  expect(names.map((name) => isOutput(statSync(folder), name))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(isOutput(statSync(temporaryFolder()), 'a.cdb')).toBe(false);
});

test('a place without the right to write is a Failure with a remedy', () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o555);
  const asRoot = process.getuid?.() === 0;
  if (asRoot) process.seteuid!(65_534);
  try {
    expect(() => openTemporary(join(folder, 'a.cdb'))).toThrow(
      /cannot write .*a\.cdb: EACCES\. You have no right to write there: name another place/,
    );
  } finally {
    if (asRoot) process.seteuid!(0);
    chmodSync(folder, 0o755);
  }
});

test('errors of the system get a remedy, other errors pass as they are', () => {
  const full = Object.assign(new Error('x'), { code: 'ENOSPC' });
  expect(() =>
    attempt('a.cdb', () => {
      throw full;
    }),
  ).toThrow(
    new Failure(
      1,
      'cannot write a.cdb: ENOSPC. The disk is full: make room, or name ' +
        'another place for the archive.',
    ),
  );
  expect(
    (writeFailure('a', Object.assign(new Error(), { code: 'EUCLEAN' })) as Error).message,
  ).toBe('cannot write a: EUCLEAN. Name another place for the archive.');
  for (const error of [new Error('bug'), new RangeError('bug'), new Failure(1, 'known')]) {
    expect(writeFailure('a', error)).toBe(error);
  }
  const own = Object.assign(new Error('bug'), { code: 'ERR_INVALID_ARG_TYPE' });
  expect(writeFailure('a', own)).toBe(own);
});

test('what a kill left behind goes, what another process still writes stays', () => {
  const target = join(temporaryFolder(), 'a.cdb');
  const folder = dirname(target);
  const names = ['.a.cdb.1.tmp', '.a.cdb.2.tmp', '.b.cdb.1.tmp', '.a.cdb.x.tmp'];
  for (const name of names) writeFileSync(join(folder, name), 'half');
  const held = openSync(join(folder, '.a.cdb.2.tmp'), 'r');
  expect(addon.tryLock(held)).toBe(true);
  const temporary = openTemporary(target);
  temporary.discard();
  closeSync(held);
  expect(readdirSync(folder).sort()).toEqual(names.slice(1).sort());
});
