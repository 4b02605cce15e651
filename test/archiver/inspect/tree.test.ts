// tree.test.ts: new files below a folder, and nowhere else.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTree } from '../../../archiver/inspect/tree.ts';
import { onEnd } from '../../support/cleanup.ts';
import { runCommand, temporaryFolder } from '../../support/site.ts';

const BODY = Buffer.from('body');

/** Opens, adds these paths, and closes, also when one of them cannot be added. */
async function add(folder: string, paths: readonly string[], body = BODY): Promise<void> {
  const tree = openTree(folder, true);
  try {
    for (const path of paths) await tree.addFile(Buffer.from(path), body, 1_000_000_000);
  } finally {
    tree.close();
  }
}

const descriptors = () => readdirSync('/proc/self/fd').length;

test('a new folder gets files and the folders they need, each with its time', async () => {
  const folder = join(temporaryFolder(), 'new');
  const before = descriptors();
  await add(folder, ['/a', '/d/e/f', '/d/e/g', '/d/h', '/d/e/i']);
  expect(readdirSync(join(folder, 'd', 'e'))).toEqual(['f', 'g', 'i']);
  expect(readFileSync(join(folder, 'd', 'h'))).toEqual(BODY);
  expect(statSync(join(folder, 'a')).mtimeMs).toBe(1_000_000_000_000);
  expect(descriptors()).toBe(before);
});

test('a folder of its own, also where nothing is put into it', () => {
  const folder = join(temporaryFolder(), 'new');
  const tree = openTree(folder, false);
  tree.addFolder(Buffer.from('/a/b'));
  tree.close();
  expect(statSync(join(folder, 'a', 'b')).isDirectory()).toBe(true);
});

test('a folder that is not empty is refused unless it may be', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.hidden'), '');
  const before = descriptors();
  expect(() => openTree(folder, false)).toThrow(/is not empty\. Name an empty .* --into\.$/);
  expect(descriptors()).toBe(before);
  await add(folder, ['/a']);
  expect(readdirSync(folder)).toEqual(['.hidden', 'a']);
});

test('no folder can be made in none, nor of a file', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(() => openTree(join(folder, 'no', 'new'), false)).toThrow(/cannot write .*: ENOENT\. The/);
  expect(() => openTree(join(folder, 'file'), false)).toThrow(/cannot write .*: ENOTDIR\. A part/);
  expect(() => openTree('', false)).toThrow(/ENOENT/);
});

test('nothing is overwritten, neither through a link nor by way of one', async () => {
  const outside = temporaryFolder();
  writeFileSync(join(outside, 'kept'), 'kept');
  const folder = temporaryFolder();
  const place = (name: string) => join(folder, name);
  writeFileSync(place('file'), 'old');
  mkdirSync(place('folder'));
  symlinkSync(join(outside, 'kept'), place('link'));
  symlinkSync(join(outside, 'made'), place('dangling'));
  symlinkSync(outside, place('away'));
  for (const [path, code] of [
    ['/file', 'EEXIST'],
    ['/folder', 'EEXIST'],
    ['/link', 'EEXIST'],
    ['/dangling', 'EEXIST'],
    ['/away/made', 'ENOTDIR'],
    ['/file/made', 'ENOTDIR'],
    ['/link/made', 'ENOTDIR'],
  ]) {
    await expect(add(folder, [path!])).rejects.toThrow(`cannot write ${folder}${path}: ${code}.`);
    await expect(add(folder, [path!])).rejects.toMatchObject({ exitCode: 1 });
  }
  expect(readdirSync(outside)).toEqual(['kept']);
  expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('kept');
  expect(readFileSync(place('file'), 'utf8')).toBe('old');
  expect(readlinkSync(place('dangling'))).toBe(join(outside, 'made'));
});

test('a folder swapped for a link meanwhile leads nowhere', async () => {
  const outside = temporaryFolder();
  const folder = temporaryFolder();
  const tree = openTree(folder, true);
  onEnd(() => tree.close());
  await tree.addFile(Buffer.from('/d/a'), BODY, 0);
  await tree.addFile(Buffer.from('/e/a'), BODY, 0);
  renameSync(join(folder, 'd'), join(folder, 'moved'));
  symlinkSync(outside, join(folder, 'd'));
  await expect(tree.addFile(Buffer.from('/d/b'), BODY, 0)).rejects.toThrow(/ENOTDIR/);
  expect(readdirSync(outside)).toEqual([]);
});

test('a name that this file system has for another is told', async () => {
  const folder = temporaryFolder();
  await expect(add(folder, ['/a', '/a'])).rejects.toThrow(/EEXIST\. It is there already, or this/);
  await expect(add(folder, ['/b', '/b/c'])).rejects.toThrow(/ENOTDIR\. A part of its path/);
});

test('bytes that are no UTF-8 are a name like others', async () => {
  const folder = temporaryFolder();
  const tree = openTree(folder, false);
  await tree.addFile(Buffer.from([0x2f, 0xff, 0x2f, 0xfe]), BODY, 0);
  tree.close();
  const [name] = readdirSync(folder, { encoding: 'buffer' });
  expect(name).toEqual(Buffer.from([0xff]));
});

test('a path longer than the system takes at once is no matter', async () => {
  const folder = temporaryFolder();
  const deep = '/d'.repeat(2_100);
  await add(folder, [`${deep}/a`, `${deep}/b`]);
  const { stdout } = await runCommand('find', [folder, '-type', 'f', '-printf', '%s %f\n']);
  expect(stdout.split('\n').sort()).toEqual(['', '4 a', '4 b']);
  // What Node has for it does not reach so deep.
  await runCommand('rm', ['-rf', join(folder, 'd')]);
});

test('what fails half-way leaves no file behind', async () => {
  const folder = temporaryFolder();
  const tree = openTree(folder, false);
  // A time that is none is refused after the bytes are written.
  await expect(tree.addFile(Buffer.from('/a'), BODY, Number.NaN)).rejects.toThrow(/time/);
  tree.close();
  expect(existsSync(join(folder, 'a'))).toBe(false);
});

test('where nobody may write it says so', () => {
  expect(() => openTree('/sys/new', false)).toThrow(
    /cannot write \/sys\/new: E(PERM|ACCES|ROFS)\. /,
  );
});
