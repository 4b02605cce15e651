// write.test.ts: the archive is complete and in its place, or everything is as it was.
import { existsSync, readFileSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { Pool } from '../../archiver/pool.ts';
import { writeArchive } from '../../archiver/write.ts';
import { verifyArchive } from '../../src/boot/archive.ts';
import type { Watch } from '../../archiver/follow.ts';
import { onEnd } from '../support/cleanup.ts';
import { noise } from '../support/site.ts';
import { addon, makeSite, planOf, siteOf, write, writeOptions } from './fixture.ts';

const files = { 'index.html': '<p>hello', 'a/b.txt': 'words '.repeat(100), 'c.bin': noise(999, 1) };

test('the manifest is the first record and says what is there', async () => {
  const { bytes, manifest, archiveBytes } = await write(makeSite(files));
  expect(archiveBytes).toBe(bytes.length);
  expect(bytes.subarray(2048 + 8, 2048 + 8 + 18).toString()).toBe('cdbsite{"digest":"');
  expect(verifyArchive(bytes, 'x')).toEqual(manifest);
  expect(manifest).toMatchObject({ tool: { name: 'test', version: '1' }, files: 3, routes: 4 });
});

test('the same input gives the same bytes, with any number of jobs and in any folder', async () => {
  const packs: Buffer[] = [];
  for (const jobs of [1, 7]) {
    const [reader, pool] = [new Pool(1), new Pool(jobs)];
    onEnd(async () => void (await Promise.all([reader.close(), pool.close()])));
    const workshop = { reader, pool, memory: undefined };
    const { bytes } = await write(makeSite(files), { workshop });
    packs.push(bytes);
  }
  expect(Buffer.compare(packs[0]!, packs[1]!)).toBe(0);
});

test('tinycdb reads every record of it', async () => {
  const { bytes } = await write(makeSite(files));
  let records = 0;
  for (let at = 0, next = addon.cdbNext(bytes, at); next; next = addon.cdbNext(bytes, at)) {
    const key = bytes.subarray(next.keyAt, next.keyAt + next.keyBytes);
    expect(addon.cdbFind(bytes, key)).toEqual({ at: next.valueAt, bytes: next.valueBytes });
    at = next.next;
    records++;
  }
  expect(records).toBe(1 + 4 + 4 + 4);
});

test('an empty site is an archive', async () => {
  const { manifest } = await write(makeSite({}));
  expect(manifest).toMatchObject({ files: 0, routes: 0, bodies: 0, heads: 0, codings: [] });
});

test('a file that is gone since the scan is a Failure and the old archive is as it was', async () => {
  const site = makeSite(files);
  const options = writeOptions(site);
  writeFileSync(options.target, 'old');
  const plan = planOf(siteOf(site));
  unlinkSync(join(site, 'a/b.txt'));
  await expect(writeArchive(plan, options)).rejects.toThrow(
    /cannot read .*a\/b\.txt: ENOENT\. It vanished meanwhile/,
  );
  expect(readFileSync(options.target, 'utf8')).toBe('old');
  expect(readdirSync(dirname(options.target)).sort()).toEqual(['site', 'site.cdb']);
});

test('a site too large is a Failure that names its largest parts, and leaves nothing', async () => {
  const site = makeSite({ 'big/one.bin': noise(5_000, 1), 'two.bin': noise(3_000, 2) });
  const options = writeOptions(site, { archiveBytesMax: 8_000 });
  const plan = planOf(siteOf(site));
  await expect(writeArchive(plan, options)).rejects.toThrow(
    /a CDB holds 8\.00 kB[^]*5\.00 kB {2}big\/one\.bin[^]*5\.00 kB {2}big\//,
  );
  expect(existsSync(options.target)).toBe(false);
  expect(readdirSync(dirname(options.target))).toEqual(['site']);
});

const page = '<p>the same words '.repeat(60);

test('phases are told, each file when it is stored, the largest first, and what is verified', async () => {
  const told: string[] = [];
  const watch: Watch = {
    phase: (name, work) => void told.push(`${name} ${work?.items}`),
    step: (bytes) => void (bytes > 0 && told.push(`${bytes}`)),
    file: ({ file, stored, seconds }) => {
      told.push([file.path, ...stored.map(([coding]) => coding)].join(' '));
      expect(seconds).toBeGreaterThanOrEqual(0);
    },
  };
  const site = makeSite({ 'a.bin': '1234', 'b.html': page, 'c/copy.html': page });
  const { bytes } = await write(site, { watch });
  const verifying = told.indexOf('verifying 0') + 1;
  expect(told.slice(0, verifying)).toEqual([
    'compressing 3',
    'b.html gzip identity',
    String(page.length),
    'c/copy.html',
    String(page.length),
    'a.bin identity',
    '4',
    'writing 7',
    'verifying 0',
  ]);
  const records = bytes.readUInt32LE(0) - 2_048;
  expect(told.slice(verifying).reduce((sum, step) => sum + Number(step), 0)).toBe(records);
});
