// leftovers.test.ts: temporary files of processes that are gone.
import { closeSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLocked, removeLeftovers } from '../../archiver/leftovers.ts';
import { onEnd } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/site.ts';
import { addon } from './fixture.ts';

const isTemporary = (name: string) => name.endsWith('.tmp');

test('what is being written stays, what nobody holds goes, other names are not looked at', () => {
  const folder = temporaryFolder();
  const held = openLocked(join(folder, 'held.tmp'), 0o600, addon);
  writeFileSync(join(folder, 'left.tmp'), 'half');
  writeFileSync(join(folder, 'other'), 'whole');
  removeLeftovers(folder, isTemporary, addon);
  expect(readdirSync(folder).sort()).toEqual(['held.tmp', 'other']);
  closeSync(held);
  removeLeftovers(folder, isTemporary, addon);
  expect(readdirSync(folder)).toEqual(['other']);
});

test('what another process writes stays until that is killed', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'x.tmp');
  const child = spawn('flock', ['--no-fork', path, 'sh', '-c', 'echo held; exec sleep 60']);
  onEnd(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  removeLeftovers(folder, isTemporary, addon);
  expect(readdirSync(folder)).toEqual(['x.tmp']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect
    .poll(() => {
      removeLeftovers(folder, isTemporary, addon);
      return readdirSync(folder);
    })
    .toEqual([]);
});

test('folders and links with such a name are left alone', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'a.tmp'));
  writeFileSync(join(folder, 'kept'), '');
  symlinkSync('kept', join(folder, 'b.tmp'));
  removeLeftovers(folder, isTemporary, addon);
  expect(readdirSync(folder).sort()).toEqual(['a.tmp', 'b.tmp', 'kept']);
});

test('a name that is taken is refused', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'x.tmp'), 'whole');
  const code = (name: string) => expect.objectContaining({ code: name }) as object;
  expect(() => openLocked(join(folder, 'x.tmp'), 0o600, addon)).toThrow(code('EEXIST'));
  expect(() => openLocked(join(folder, 'no', 'x'), 0o600, addon)).toThrow(code('ENOENT'));
});

test('who finds its file taken away makes another', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'x.tmp');
  let calls = 0;
  const tryLock = (descriptor: number) => {
    // As if another run had seen the file before it was locked, twice.
    if (calls++ < 2) removeLeftovers(folder, isTemporary, addon);
    return addon.tryLock(descriptor);
  };
  const descriptor = openLocked(path, 0o600, { tryLock });
  expect([calls, readdirSync(folder)]).toEqual([3, ['x.tmp']]);
  closeSync(descriptor);
  const never = () => openLocked(join(folder, 'y.tmp'), 0o600, { tryLock: () => false });
  expect(never).toThrow(expect.objectContaining({ code: 'EBUSY' }) as object);
});
