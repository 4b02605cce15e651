// too_large.test.ts: what to leave out when a site does not fit.
import { expect, test } from 'vitest';
import { FileList } from '../../archiver/file_list.ts';
import type { SiteFile } from '../../archiver/site.ts';
import { tooLarge } from '../../archiver/too_large.ts';
import { EXIT } from '../../src/errors.ts';

const site = { host: '', root: '' };
const files = [
  { site, path: 'a/b/big.bin', bytes: 3_000, modifiedMs: 0 },
  { site, path: 'a/c.txt', bytes: 50, modifiedMs: 0 },
  ...Array.from({ length: 12 }, (_, i) => ({
    site,
    path: `x\n${i}`,
    bytes: 100 + i,
    modifiedMs: 0,
  })),
];

function listOf(all: readonly SiteFile[]): FileList {
  const list = new FileList();
  for (const file of all) list.add(file);
  return list;
}

test('it names the ten largest files and folders', () => {
  const { message, exitCode } = tooLarge(listOf(files), { identity: 10, coded: 1 }, 2_000);
  expect(exitCode).toBe(EXIT.failure);
  expect(message.split('\n')).toEqual([
    'the site does not fit: a CDB holds 2.00 kB, the files are 4.32 kB.',
    'The largest files:',
    '   3.00 kB  a/b/big.bin',
    ...[11, 10, 9, 8, 7, 6, 5, 4, 3].map((i) => `     ${100 + i} B  x\\u{a}${i}`),
    'The largest folders:',
    '   3.05 kB  a/',
    '   3.00 kB  a/b/',
    'Leave some out with --exclude, or serve them from elsewhere.',
  ]);
});

test('it says so when codings are the bulk', () => {
  const { message } = tooLarge(listOf(files), { identity: 10, coded: 11 }, 2_000);
  expect(message).toMatch(/store fewer with --codings, or none with --compress none\.$/);
});

test('a site by host is a folder of its own', () => {
  const shop = { host: 'shop.example', root: '' };
  const all = files.map((file, at) => (at === 0 ? { ...file, site: shop } : file));
  const { message } = tooLarge(listOf(all), { identity: 10, coded: 1 }, 2_000);
  expect(message).toMatch(/\n +3\.00 kB {2}@shop\.example\/a\/b\/big\.bin\n/);
  expect(message).toMatch(/\n +3\.00 kB {2}@shop\.example\/\n/);
});
