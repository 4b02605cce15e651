// same_bytes.test.ts: the archive depends on the content of the site and on nothing else.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  opendirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { DOCS, filesOf } from '../support/docs.ts';
import { FULL } from '../support/ledger.ts';
import { noise, packFolder, temporaryFolder } from '../support/site.ts';

const LIMIT_MS = 600_000;
const base = temporaryFolder();
const site = join(base, 'site');
/** On tmpfs, which lists names by age; ext4 lists them by their hashes. */
const other = mkdtempSync('/dev/shm/cdbserve-test-');
onEnd(() => rmSync(other, { recursive: true, force: true }));
const cache = join(base, 'cache');
const FLAGS = ['--last-modified', 'none', '--compress', FULL ? 'balanced' : 'fast'];
/** By path: texts of the project, noise that does not pay, and the same content twice. */
const files = new Map<string, Buffer>();

beforeAll(() => {
  const from = FULL ? DOCS : join(packageRoot, 'docs');
  for (const path of filesOf(from)) files.set(path, readFileSync(join(from, path)));
  files.set('noise.txt', noise(20_000, 1));
  files.set('copies/again.txt', [...files.values()][0]!);
  for (let i = 0; i < 30; i++)
    files.set(`small/${i}.css`, Buffer.from(`p{margin:${i}}\n`.repeat(i)));
  write(site, [...files.keys()], 1_700_000_000);
  write(other, [...files.keys()].reverse(), 1_710_000_000);
});

/** As the system lists them: readdir(3) of Node sorts, and so would hide a difference. */
function listed(folder: string): string[] {
  const names: string[] = [];
  const handle = opendirSync(folder);
  for (let entry = handle.readSync(); entry; entry = handle.readSync()) names.push(entry.name);
  handle.closeSync();
  return names;
}

test('the two folders have the same names, and list them in another order', () => {
  const [one, two] = [site, other].map((folder) => listed(join(folder, 'small')));
  expect([...one!].sort()).toEqual([...two!].sort());
  expect(one).not.toEqual(two);
});

function write(folder: string, paths: readonly string[], time: number): void {
  for (const [at, path] of paths.entries()) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, files.get(path)!);
    utimesSync(file, time + at, time + at);
  }
}

let packs = 0;
async function pack(folder: string, ...flags: string[]): Promise<Buffer> {
  const { archive } = await packFolder(folder, join(base, `${packs++}.cdb`), [...FLAGS, ...flags], {
    timeout: LIMIT_MS,
  });
  return readFileSync(archive);
}

test(
  'any number of jobs, any cache, any folder: the same bytes',
  async () => {
    const first = await pack(site, '--jobs', '1');
    const rest = {
      'four jobs': await pack(site, '--jobs', '4'),
      'a cold cache': await pack(site, '--cache', cache),
      'a warm cache': await pack(site, '--cache', cache, '--jobs', '4'),
      'another folder': await pack(other, '--jobs', '3'),
      'another folder and a warm cache': await pack(other, '--cache', cache),
    };
    for (const [name, bytes] of Object.entries(rest)) expect(bytes.equals(first), name).toBe(true);
  },
  LIMIT_MS,
);

test(
  'after a change a warm cache gives what no cache gives',
  async () => {
    const changed = join(base, 'changed');
    cpSync(site, changed, { recursive: true });
    const [path] = files.keys();
    writeFileSync(join(changed, path!), Buffer.concat([files.get(path!)!, Buffer.from('more\n')]));
    writeFileSync(join(changed, 'new.html'), 'a new page '.repeat(50));
    const warm = await pack(changed, '--cache', cache);
    expect(warm.equals(await pack(changed))).toBe(true);
    expect(warm.equals(await pack(site))).toBe(false);
  },
  LIMIT_MS,
);

test(
  'with SOURCE_DATE_EPOCH before all times, times make no difference',
  async () => {
    const flags = ['--compress', 'fast'];
    process.env['SOURCE_DATE_EPOCH'] = '1600000000';
    try {
      const archives: Buffer[] = [];
      for (const folder of [site, other]) {
        const { archive } = await packFolder(folder, join(base, `${packs++}.cdb`), flags);
        archives.push(readFileSync(archive));
      }
      expect(archives[0]!.equals(archives[1]!)).toBe(true);
    } finally {
      delete process.env['SOURCE_DATE_EPOCH'];
    }
  },
  LIMIT_MS,
);
