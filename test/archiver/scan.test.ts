// scan.test.ts: walking real folders with everything that a file system can hold.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { FileList } from '../../archiver/file_list.ts';
import { identityOf, scanSite } from '../../archiver/scan.ts';
import type { ScanOptions } from '../../archiver/scan.ts';
import { EXIT, Failure } from '../../src/errors.ts';
import { MODIFIED, temporaryFolder } from '../support/site.ts';
import { SCAN, makeSite, siteOf } from './fixture.ts';

function scan(site: string, changes: Partial<ScanOptions> = {}) {
  const list = new FileList();
  const found = scanSite(siteOf(site), { ...SCAN, ...changes }, list);
  return { files: [...list], warnings: found };
}
const paths = (site: string, changes: Partial<ScanOptions> = {}) =>
  scan(site, changes).files.map((file) => file.path);
const warnings = (site: string, changes: Partial<ScanOptions> = {}) =>
  scan(site, changes).warnings.map(({ path, text }) => `${path}: ${text}`);

function failure(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('no Failure');
}

test('files come in the order of their bytes, with length and time', () => {
  const files = {
    'b.html': 'bb',
    'a/z.txt': '',
    'a.txt': 'a',
    'é.txt': '',
    'a/b/c': 'c',
    'a!': '',
  };
  const found = scan(makeSite(files));
  expect(found.warnings).toEqual([]);
  expect(found.files).toEqual(
    ['a!', 'a.txt', 'a/b/c', 'a/z.txt', 'b.html', 'é.txt'].map((path, index) => ({
      index,
      site: found.files[0]!.site,
      path,
      bytes: files[path as keyof typeof files].length,
      modifiedMs: MODIFIED.getTime(),
    })),
  );
});

test('an empty folder is an empty site', () => {
  expect(scan(makeSite({}))).toMatchObject({ files: [], warnings: [] });
});

test('names are bytes: spaces, %, emoji, newlines, NFC and NFD are what they are', () => {
  const names = ['a b', '100%', '%41', '😀.html', 'a\nb', 'e\u0301', '\u00e9', '\ufeffbom', '-x'];
  const site = makeSite(Object.fromEntries(names.map((name) => [name, name])));
  expect(paths(site)).toEqual(
    [...names].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
  );
  expect(warnings(site)).toEqual([]);
});

test('names that differ in case alone are all packed, with a warning', () => {
  const text = 'a name beside it differs in case alone: some systems hold only one of them';
  const site = makeSite({
    'A.html': '',
    'a.html': '',
    'a.txt': '',
    'D/x': '',
    'd/X': '',
    É: '',
    é: '',
  });
  expect(paths(site)).toEqual(['A.html', 'D/x', 'a.html', 'a.txt', 'd/X', 'É', 'é']);
  expect(warnings(site)).toEqual([`a.html: ${text}`, `d: ${text}`, `é: ${text}`]);
  expect(warnings(site, { excludes: ['A.html', 'd/', 'É'] })).toEqual([]);
});

test('names that no URL can reach are skipped with a warning', () => {
  const site = makeSite({ 'a\\b': '', 'sub\\dir/c': '', ok: '' });
  writeFileSync(Buffer.concat([Buffer.from(`${site}/caf`), Buffer.from([0xe9])]), '');
  mkdirSync(Buffer.concat([Buffer.from(`${site}/dir`), Buffer.from([0xff])]));
  expect(paths(site)).toEqual(['ok']);
  expect(warnings(site)).toEqual([
    'a\\b: no URL can reach a name with a backslash: skipped',
    'caf\\xe9: no URL can reach a name that is not UTF-8: skipped',
    'dir\\xff: no URL can reach a name that is not UTF-8: skipped',
    'sub\\dir/c: no URL can reach a name with a backslash: skipped',
  ]);
});

test('a name whose URL no request line has room for is skipped with a warning', () => {
  const deep = `${'é'.repeat(120)}/`.repeat(12);
  const site = makeSite({ [`${deep}x`]: '', ok: '' });
  expect(paths(site)).toEqual(['ok']);
  expect(warnings(site)).toEqual([
    `${deep}x: its URL would be longer than a request may be: skipped`,
  ]);
});

test('pipes, sockets and devices are skipped with a warning', async () => {
  const site = makeSite({ ok: '' });
  expect(spawnSync('mkfifo', [join(site, 'pipe')]).status).toBe(0);
  symlinkSync('/dev/null', join(site, 'null'));
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(join(site, 'sock'), resolve));
  try {
    expect(paths(site, { followSymlinks: true })).toEqual(['ok']);
    expect(warnings(site, { followSymlinks: true })).toEqual([
      'null: a device is no content: skipped',
      'pipe: a named pipe is no content: skipped',
      'sock: a socket is no content: skipped',
    ]);
  } finally {
    await new Promise((resolve) => void server.close(resolve));
  }
});

test('a link inside the site is followed, one out of it only on purpose', () => {
  const site = makeSite({ 'a.txt': 'a', 'dir/b.txt': 'b' });
  const outside = makeSite({ 'c.txt': 'c' });
  symlinkSync('a.txt', join(site, 'file-link'));
  symlinkSync('dir', join(site, 'dir-link'));
  symlinkSync(outside, join(site, 'out-dir'));
  symlinkSync(join(outside, 'c.txt'), join(site, 'out-file'));
  // A name that begins as the root's does is outside none the less.
  const sibling = `${site}-too`;
  mkdirSync(sibling);
  symlinkSync(sibling, join(site, 'sibling'));
  const inside = ['a.txt', 'dir-link/b.txt', 'dir/b.txt', 'file-link'];
  expect(paths(site)).toEqual(inside);
  const text = 'a symbolic link out of the site: skipped (--follow-symlinks packs it)';
  expect(warnings(site)).toEqual(
    ['out-dir', 'out-file', 'sibling'].map((path) => `${path}: ${text}`),
  );
  expect(paths(site, { followSymlinks: true })).toEqual([...inside, 'out-dir/c.txt', 'out-file']);
  expect(warnings(site, { followSymlinks: true })).toEqual([]);
});

test('links that dangle or loop are skipped with a warning, followed or not', () => {
  const site = makeSite({ 'dir/a.txt': '' });
  symlinkSync('nothing', join(site, 'dangling'));
  symlinkSync('loop', join(site, 'loop'));
  symlinkSync('..', join(site, 'dir', 'up'));
  symlinkSync('.', join(site, 'here'));
  for (const followSymlinks of [false, true]) {
    expect(paths(site, { followSymlinks })).toEqual(['dir/a.txt']);
    expect(warnings(site, { followSymlinks })).toEqual([
      'dangling: a symbolic link to nothing: skipped',
      'dir/up: a symbolic link to a folder that it is in: skipped',
      'here: a symbolic link to a folder that it is in: skipped',
      'loop: a symbolic link that leads in a circle: skipped',
    ]);
  }
});

test('what is left out on purpose makes no warning', () => {
  const site = makeSite({ '.cdbpackignore': '*.bak\n', 'a.bak': '', '.git/x': '', _headers: '' });
  symlinkSync('nothing', join(site, 'b.bak'));
  symlinkSync('_headers', join(site, 'headers.txt'));
  expect(scan(site)).toMatchObject({ files: [], warnings: [] });
  expect(paths(site, { includeHidden: true })).toEqual(['.git/x']);
});

test('the archive and its temporary files are never packed, through links neither', () => {
  const site = makeSite({ 'site.cdb': 'old', '.site.cdb.1.tmp': 'crashed', 'sub/site.cdb': 'ok' });
  symlinkSync('site.cdb', join(site, 'link'));
  const root = identityOf(statSync(site));
  const isOutput: ScanOptions['isOutput'] = (folder, name) =>
    identityOf(folder) === root && (name === 'site.cdb' || name.endsWith('.tmp'));
  expect(paths(site, { includeHidden: true, isOutput })).toEqual(['sub/site.cdb']);
});

test('a root that is missing or a file is a Failure with a remedy', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(failure(() => scan(join(folder, 'nope'))).message).toMatch(/no folder .*nope\. Name the/);
  expect(failure(() => scan(join(folder, 'file', 'x'))).message).toMatch(/no folder .*file\/x\./);
  expect(failure(() => scan(join(folder, 'file'))).message).toMatch(/file is not a folder\. Name/);
  expect(failure(() => scan(join(folder, 'file'))).exitCode).toBe(EXIT.failure);
});

test('a folder without the right to read it is a Failure with path and remedy', () => {
  const site = makeSite({ 'closed/a.txt': '' });
  chmodSync(dirname(site), 0o755);
  chmodSync(join(site, 'closed'), 0);
  const text = asNobody(() => failure(() => scan(site)).message);
  expect(text).toBe(
    `cannot read the folder ${site}/closed: EACCES. ` +
      'Give yourself the right to read it, or leave it out with --exclude.',
  );
  chmodSync(join(site, 'closed'), 0o755);
});

test('rules that cannot be read are a Failure, a folder of their name is none', () => {
  const site = makeSite({ ok: '' });
  symlinkSync('.cdbpackignore', join(site, '.cdbpackignore'));
  expect(failure(() => scan(site)).message).toBe(
    `cannot read ${site}/.cdbpackignore: ELOOP. ` +
      'It is a symbolic link that leads in a circle: remove it.',
  );
  expect(paths(makeSite({ '.cdbpackignore/x': '', ok: '' }))).toEqual(['ok']);
  const shut = makeSite({ 'a.txt': '' });
  chmodSync(dirname(shut), 0o755);
  chmodSync(shut, 0o444);
  expect(asNobody(() => failure(() => scan(shut)).message)).toMatch(
    /^cannot read .*\/\.cdbpackignore: EACCES\. Give yourself the right/,
  );
  chmodSync(shut, 0o755);
});

/** Root may read everything: take on another user for a while. */
function asNobody<Result>(run: () => Result): Result {
  if (process.getuid?.() !== 0) return run();
  process.seteuid!(65_534);
  try {
    return run();
  } finally {
    process.seteuid!(0);
  }
}

test('warnings of a site by host say whose they are', () => {
  const site = siteOf(makeSite({ 'a\\b': '', ok: '' }), 'shop.example');
  const list = new FileList();
  const found = scanSite(site, SCAN, list);
  expect([...list].map((file) => [file.site, file.path])).toEqual([[site, 'ok']]);
  expect(found.map(({ path }) => path)).toEqual(['@shop.example/a\\b']);
});

test('each file that is found is told', () => {
  let found = 0;
  scan(makeSite({ a: '', 'd/b': '', '.hidden': '' }), { onFound: () => found++ });
  expect(found).toBe(2);
});

test('each folder is told before what is in it', () => {
  const site = makeSite({ a: '', 'd/e/b': '', '.hidden/c': '' });
  const told: string[] = [];
  scan(site, {
    onFolder: (path) => told.push(path),
    onFound: ({ path, changedMs }) => told.push(`${path} ${changedMs > MODIFIED.getTime()}`),
  });
  expect(told).toEqual([site, 'a true', join(site, 'd'), join(site, 'd/e'), 'd/e/b true']);
});
