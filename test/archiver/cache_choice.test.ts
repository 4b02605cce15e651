// cache_choice.test.ts: which cache is opened, and what is said when it is of no use.
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCache } from '../../archiver/cache_choice.ts';
import { temporaryFolder } from '../support/site.ts';
import { WORKSHOP, addon, makeSite, runPack, runPackAsIs } from './fixture.ts';

const bytesMax = 1_000_000;

function open(folder: string | undefined, asked: boolean) {
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const cache = openCache({ folder, asked, bytesMax }, { addon, pool: WORKSHOP.pool, note });
  cache?.close();
  return { opened: cache !== undefined, notes };
}

test('a folder of ours is used, asked for or not', () => {
  const folder = join(temporaryFolder(), 'cache');
  expect(open(folder, false)).toEqual({ opened: true, notes: [] });
  expect(open(folder, true)).toEqual({ opened: true, notes: [] });
  expect(open(undefined, false)).toEqual({ opened: false, notes: [] });
});

test('without being asked, a folder of no use is a note', () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  const notes = [expect.stringMatching(/are not kept: .*: others may write to it/)];
  expect(open(folder, false)).toEqual({ opened: false, notes });
});

test('asked for, it is an error', () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  expect(() => open(folder, true)).toThrow(/cannot keep results of compression in .*: others may/);
  expect(() => open(folder, true)).toThrow(expect.objectContaining({ exitCode: 1 }));
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => open(file, true)).toThrow(/it is no folder\. Name another folder with --cache/);
});

test('cdbpack keeps results where it is told to, and the archive is the same', async () => {
  const base = temporaryFolder();
  const folder = join(base, 'cache');
  const site = makeSite({ 'a.txt': 'words '.repeat(100), 'b.txt': 'other words '.repeat(100) });
  const out = join(base, 'site.cdb');
  const digests: unknown[] = [];
  for (const flags of [['--cache', folder], ['--cache', folder], ['--no-cache']]) {
    const { out: text, err } = await runPack([site, out, '--json', ...flags]);
    expect(err).toBe('');
    digests.push((JSON.parse(text) as { digest: string }).digest);
  }
  expect(new Set(digests).size).toBe(1);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('without --cache it is below XDG_CACHE_HOME; --compress none opens none', async () => {
  const base = temporaryFolder();
  const site = makeSite({ 'a.txt': 'words '.repeat(100) });
  const argv = [site, join(base, 'site.cdb'), '--quiet'];
  const env = { XDG_CACHE_HOME: join(base, 'xdg') };
  await runPackAsIs([...argv, '--compress', 'none'], env);
  expect(existsSync(join(base, 'xdg'))).toBe(false);
  await runPackAsIs(argv, env);
  expect(readdirSync(join(base, 'xdg', 'cdbpack'))).toHaveLength(1);
});
