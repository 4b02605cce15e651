// too_large.full.test.ts: files of more than four gigabytes together, with the real packer.
import { mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packer, runCommand, temporaryFolder } from '../support/site.ts';

const GIB = 1024 * 1024 * 1024;

test('past 4 GiB is an error that names the largest, and the old archive is as it was', async () => {
  const base = temporaryFolder();
  const site = join(base, 'site');
  mkdirSync(join(site, 'films'), { recursive: true });
  // Of other lengths: the same content would be stored once.
  for (const [at, name] of ['films/a.mp4', 'films/b.mp4', 'c.iso'].entries()) {
    writeFileSync(join(site, name), '');
    truncateSync(join(site, name), 1.5 * GIB + at);
  }
  writeFileSync(join(base, 'site.cdb'), 'old');
  const args = [packer, site, join(base, 'site.cdb'), '--compress', 'none'];
  const ended = await runCommand(process.execPath, args, { timeout: 600_000 });
  expect([ended.code, ended.stdout]).toEqual([1, '']);
  expect(ended.stderr.split('\n')).toEqual([
    'cdbpack: the site does not fit: a CDB holds 4.29 GB, the files are 4.83 GB.',
    'The largest files:',
    '   1.61 GB  c.iso',
    '   1.61 GB  films/b.mp4',
    '   1.61 GB  films/a.mp4',
    'The largest folders:',
    '   3.22 GB  films/',
    'Leave some out with --exclude, or serve them from elsewhere.',
    '',
  ]);
  expect(readFileSync(join(base, 'site.cdb'), 'utf8')).toBe('old');
  expect(readdirSync(base).sort()).toEqual(['site', 'site.cdb']);
}, 900_000);

test('a single file that no CDB can hold is named before it is read', async () => {
  const base = temporaryFolder();
  const site = join(base, 'site');
  mkdirSync(site);
  writeFileSync(join(site, 'huge.bin'), '');
  truncateSync(join(site, 'huge.bin'), 5 * GIB);
  const ended = await runCommand(process.execPath, [packer, site, join(base, 'site.cdb')]);
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(
    /^cdbpack: cannot read .*huge\.bin: it is larger than a CDB, 4 GiB, can be\. /,
  );
  expect(readdirSync(base)).toEqual(['site']);
});
