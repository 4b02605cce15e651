// load.test.ts: from a file to a sealed, verified archive, and every file that is none.
import { execFileSync } from 'node:child_process';
import { fstatSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadArchive } from '../../src/boot/load.ts';
import { EXIT, Failure } from '../../src/errors.ts';
import { ARCHIVE_BYTES_MAX } from '../../src/format/layout.ts';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { packSite, temporaryFolder } from '../support/site.ts';

const wall = loadWall(addonPath('wall'));
const folder = temporaryFolder();
const site = await packSite({ 'index.html': '<p>root', 'a.txt': 'alpha' });
const bytes = readFileSync(site.archive);

function failureOf(path: string): Failure {
  try {
    wall.closeDescriptor(loadArchive(wall, path).descriptor);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('no Failure');
}

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('what is mapped is the file, sealed, and stays so when the file goes', () => {
  const path = file('site.cdb', bytes);
  const archive = loadArchive(wall, path);
  onEnd(() => wall.closeDescriptor(archive.descriptor));
  truncateSync(path, 0);
  expect(archive.bytes).toBe(bytes.length);
  expect(Buffer.compare(Buffer.from(archive.map.buffer), bytes)).toBe(0);
  expect(archive.map.seals & 0x0f).toBe(0x0f);
  expect(archive.manifest.files).toBe(2);
  expect(() => writeFileSync(`/proc/self/fd/${archive.descriptor}`, 'x')).toThrow('EPERM');
  expect(fstatSync(archive.descriptor).size).toBe(bytes.length);
});

test.each([
  [
    'missing.cdb',
    EXIT.failure,
    'cannot open PATH: ENOENT. There is no such file. Make one: cdbpack',
  ],
  ['plain/x', EXIT.failure, 'cannot open PATH: ENOTDIR.'],
  [
    'folder',
    EXIT.failure,
    'PATH is a folder, and an archive is served. Pack it first: cdbpack PATH',
  ],
  ['fifo', EXIT.failure, 'PATH is no regular file.'],
  ['empty', EXIT.archiveRefused, 'PATH: refused: it is empty.'],
  ['large', EXIT.archiveRefused, 'PATH: refused: it is larger than a CDB can be (4 GiB).'],
  ['plain', EXIT.archiveRefused, 'PATH: refused'],
  ['cut', EXIT.archiveRefused, 'PATH: refused'],
])('%s is refused', (name, exitCode, start) => {
  file('plain', 'no archive');
  file('empty', '');
  file('cut', bytes.subarray(0, -1));
  truncateSync(file('large', ''), ARCHIVE_BYTES_MAX + 1); // A hole: no disk is used.
  mkdirSync(join(folder, 'folder'), { recursive: true });
  execFileSync('sh', ['-c', 'test -p "$1" || mkfifo "$1"', 'sh', join(folder, 'fifo')]);
  const path = join(folder, name);
  const failure = failureOf(path);
  expect(failure.exitCode).toBe(exitCode);
  expect(failure.message.startsWith(start.replaceAll('PATH', path))).toBe(true);
});
