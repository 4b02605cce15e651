// extract.test.ts: back to a folder, and out of it by no archive.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HTML_URLS } from '../../../archiver/plan.ts';
import { forge, makeCdb, recordOf, recordsOf } from '../../boot/forge.ts';
import type { Forged } from '../../boot/forge.ts';
import { FULL, record } from '../../support/ledger.ts';
import { MODIFIED, noise, temporaryFolder, writeSite } from '../../support/site.ts';
import { makeSite, runPack } from '../fixture.ts';
import { PAGE, archive, hosted, run, runOn } from './run.ts';

const fresh = () => join(temporaryFolder(), 'out');
/** Throws with what differs. */
const compare = (left: string, right: string) =>
  execFileSync('diff', ['-r', '--no-dereference', left, right], { encoding: 'utf8' });

async function packed(site: string, ...flags: string[]): Promise<string> {
  const target = join(temporaryFolder(), 'a.cdb');
  expect((await runPack([site, target, '--quiet', ...flags])).code).toBe(0);
  return target;
}

const ODD = {
  'a b.html': PAGE,
  '100%.txt': 'percent',
  '%41.txt': 'no escape',
  'what?.txt': 'question',
  'part#2.txt': 'hash',
  'new\nline.html': 'newline',
  '\u001b[31mred': 'escape',
  'caf\u00e9.txt': 'composed',
  'cafe\u0301.txt': 'decomposed',
  README: 'capitals',
  readme: 'small letters',
  'Readme.html': PAGE,
  '-rf': 'an option',
  ' ': 'a space',
  'dots...': 'dots',
  'emoji 😀/index.html': 'x',
  [`${'n'.repeat(250)}.html`]: 'long',
  [`${'ü'.repeat(127)}x/${'y'.repeat(255)}`]: 'long names',
  'a/a/a/a/a/a/a/a/index.html': PAGE,
  'd/index.html': PAGE,
  'd.html': PAGE,
  'd/404.html': 'none',
  '404.html': 'none',
  '200.html': 'app',
  '@a.example/index.html': 'no host',
  'empty.bin': '',
  'noise.bin': noise(70_000, 3),
};

test.each(HTML_URLS)('odd names come back byte for byte, in style %s', async (style) => {
  const site = makeSite(ODD);
  const archivePath = await packed(site, '--html-urls', style);
  const out = fresh();
  const told = (await runOn(archivePath, 'extract', out)).toString();
  expect(told).toBe(`${out}: ${Object.keys(ODD).length} files, 75.5 kB\n`);
  expect(compare(site, out)).toBe('');
  const again = await packed(out, '--html-urls', style);
  expect(readFileSync(again).equals(readFileSync(archivePath))).toBe(true);
});

test('times come back, where the archive has them', async () => {
  const out = fresh();
  await run('extract', out);
  expect(statSync(join(out, 'd', 'index.html')).mtimeMs).toBe(MODIFIED.getTime());
  const timeless = fresh();
  const start = Date.now() - 2_000;
  const target = await packed(makeSite({ a: 'a' }), '--last-modified', 'none');
  await runOn(target, 'extract', timeless);
  expect(statSync(join(timeless, 'a')).mtimeMs).toBeGreaterThan(start);
});

test('each site has its own folder where there are hosts, or one is taken', async () => {
  const out = fresh();
  await runOn(hosted.target, 'extract', out);
  const found = execFileSync('find', ['.', '-mindepth', '1', '-printf', '%y %P\n'], {
    cwd: out,
    encoding: 'utf8',
  });
  expect(found.trimEnd().split('\n').sort()).toEqual([
    'd @a.example',
    'd @b.example',
    'd default',
    'f @a.example/200.html',
    'f @a.example/a.txt',
    'f default/a.txt',
  ]);
  const one = fresh();
  await runOn(hosted.target, 'extract', one, '--host', 'a.example');
  expect(readdirSync(one)).toEqual(['200.html', 'a.txt']);
  const none = fresh();
  await runOn(hosted.target, 'extract', none, '--host', 'b.example');
  expect(readdirSync(none)).toEqual([]);
});

test('for programs it says how much', async () => {
  const out = fresh();
  expect(JSON.parse((await run('extract', out, '--json')).toString())).toEqual({
    folder: out,
    files: 6,
    bytes: 2 * PAGE.length + 500 + 1 + 4 + 1,
  });
});

test('a folder that is not empty is left alone, or added to and never overwritten', async () => {
  const out = temporaryFolder();
  writeSite(out, { kept: 'kept' });
  await expect(run('extract', out)).rejects.toThrow(/is not empty.*--into/);
  await run('extract', out, '--into');
  expect(readFileSync(join(out, 'kept'), 'utf8')).toBe('kept');
  expect(readdirSync(out)).toHaveLength(7);
  await expect(run('extract', out, '--into')).rejects.toThrow(/404\.html: EEXIST/);
});

test('a link in the target leads nowhere', async () => {
  const outside = temporaryFolder();
  const out = temporaryFolder();
  symlinkSync(outside, join(out, 'd'));
  await expect(run('extract', out, '--into')).rejects.toThrow(/d\/index\.html: ENOTDIR/);
  expect(readdirSync(outside)).toEqual([]);
});

/** The sound archive with the file /noise.bin under other keys. */
function hostile(...keys: readonly (string | Buffer)[]): string {
  const path = join(temporaryFolder(), 'hostile.cdb');
  const records = recordsOf(archive.bytes);
  const own = records.findIndex(({ key }) => key.toString() === '/noise.bin');
  const { value } = records[own]!;
  const further = keys.map((key) => ({ key: Buffer.from(key), value }));
  records.splice(own, 1, ...further);
  recount(records);
  writeFileSync(path, makeCdb(records));
  return path;
}

/** Has the manifest say how many routes and files there are. */
function recount(records: readonly Forged[]): void {
  const { value } = recordOf(records, 'cdbsite');
  const routes = records.filter(({ key }) => key[0] === 0x2f);
  const files = routes.filter(({ value: route }) => (route[2]! & 2) !== 0);
  const said = value
    .toString()
    .replace(/"routes":\d+/, `"routes":${routes.length}`)
    .replace(/"files":\d+/, `"files":${files.length}`);
  value.set(Buffer.from(said.trimEnd().padEnd(value.length)).subarray(0, value.length));
}

test.each([
  ['/../escape', /"\/\.\.\/escape": '\.' or '\.\.' in the path of a file\. No cdbpack/],
  ['/a/../../../escape', /'\.' or '\.\.'/],
  ['//etc/escape', /an empty name/],
  ['/folder/', /an empty name/],
  ['/nul\0', /\\u0000": a NUL/],
  [`/${'n'.repeat(256)}`, /a name of 256 bytes/],
])('an archive with the file %j is refused before anything is written', async (key, text) => {
  const out = fresh();
  await expect(runOn(hostile(key), 'extract', out)).rejects.toThrow(text);
  await expect(runOn(hostile(key), 'extract', out)).rejects.toMatchObject({ exitCode: 3 });
  expect(existsSync(out)).toBe(false);
});

test('a file where a folder must be ends it, whichever comes first', async () => {
  for (const keys of [
    ['/x', '/x/y'],
    ['/x/y', '/x'],
  ]) {
    const out = fresh();
    await expect(runOn(hostile(...keys), 'extract', out)).rejects.toThrow(/x.*: E(NOTDIR|EXIST)\./);
    await expect(runOn(hostile(...keys), 'extract', out, '--into')).rejects.toThrow(/EEXIST/);
  }
});

test('the file of a redirect that leads to no file is refused', async () => {
  const path = join(temporaryFolder(), 'a.cdb');
  const lost = forge((records) => {
    recordOf(records, '/d').value.writeUInt16LE(3, 2);
    records.splice(records.indexOf(recordOf(records, '/d/')), 1);
    recount(records);
  });
  writeFileSync(path, lost);
  await expect(runOn(path, 'extract', fresh())).rejects.toThrow(
    /record "\/d": a file at the path of a redirect that leads to no file\./,
  );
});

const name = fc.oneof(
  fc.constantFrom('..', '.', '', 'a', 'b', 'link', 'folder', '...', '~', 'C:', '\\..\\x', 'a\0'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const key = fc
  .array(name, { minLength: 1, maxLength: 5 })
  .map((names) => Buffer.from(`/${names.join('/')}`));
const raw = fc
  .uint8Array({ maxLength: 12 })
  .map((bytes) => Buffer.concat([Buffer.from('/'), bytes]));

test('no archive writes outside of its folder, whatever its keys', async () => {
  const base = temporaryFolder();
  const numRuns = FULL ? 5_000 : 150;
  let number = 0;
  let written = 0;
  const keys = fc.uniqueArray(fc.oneof(key, raw), {
    minLength: 1,
    maxLength: 6,
    selector: (bytes) => bytes.toString('latin1'),
  });
  await fc.assert(
    fc.asyncProperty(keys, async (some) => {
      const place = join(base, String(number++));
      mkdirSync(join(place, 'out', 'folder'), { recursive: true });
      symlinkSync(place, join(place, 'out', 'link'));
      const given = some.filter((each) => !archiveKeys.has(each.toString('latin1')));
      await runOn(hostile(...given), 'extract', join(place, 'out'), '--into').then(
        () => written++,
        (error: { exitCode?: number }) => expect([1, 3]).toContain(error.exitCode),
      );
      expect(readdirSync(place)).toEqual(['out']);
    }),
    { numRuns },
  );
  expect(written).toBeGreaterThan(0);
  expect(readdirSync(base)).toHaveLength(number);
  record('cdbinspect extract, hostile archives', { archives: number, extracted: written });
}, 600_000);

const archiveKeys = new Set(recordsOf(archive.bytes).map(({ key: own }) => own.toString('latin1')));
