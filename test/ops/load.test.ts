// load.test.ts: from a file to sealed memory, and every file of which there is no copy.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT, Failure } from '../../src/errors.ts';
import { ARCHIVE_BYTES_MAX } from '../../src/format/layout.ts';
import { loadWall } from '../../src/native.ts';
import { identityOf, sealArchive, whyNotOpened } from '../../src/ops/load.ts';
import { addonPath, packageRoot } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { runCommand, temporaryFolder } from '../support/site.ts';
import { asOrdinary, openToAll, ordinaryId } from '../support/starts.ts';

const wall = loadWall(addonPath('wall'));
const folder = temporaryFolder();

async function failureOf(path: string): Promise<Failure> {
  try {
    wall.closeDescriptor((await sealArchive(wall, path)).descriptor);
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

const identity = (path: string): string => identityOf(statSync(path, { bigint: true }));

test('what is sealed is the file, and stays so when the file goes', async () => {
  const bytes = Buffer.alloc(100_000, 'bytes');
  const path = file('site.cdb', bytes);
  const sealed = await sealArchive(wall, path);
  onEnd(() => wall.closeDescriptor(sealed.descriptor));
  expect(sealed.identity).toBe(identity(path));
  truncateSync(path, 0);
  expect(sealed.bytes).toBe(bytes.length);
  expect(sealed.seals & 0x0f).toBe(0x0f);
  expect(readFileSync(`/proc/self/fd/${sealed.descriptor}`).equals(bytes)).toBe(true);
  expect(() => writeFileSync(`/proc/self/fd/${sealed.descriptor}`, 'x')).toThrow('EPERM');
  expect(fstatSync(sealed.descriptor).size).toBe(bytes.length);
});

test('a file is another when it is written to, touched, or replaced', () => {
  const path = file('same', 'one');
  const first = identity(path);
  expect(identity(path)).toBe(first);
  writeFileSync(path, 'other');
  const second = identity(path);
  utimesSync(path, 1, 1);
  const third = identity(path);
  execFileSync('sh', ['-c', 'cp -p "$1" "$1.new" && mv "$1.new" "$1"', 'sh', path]);
  expect(new Set([first, second, third, identity(path)]).size).toBe(4);
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
])('%s is refused, and nothing stays open', async (name, exitCode, start) => {
  file('plain', 'no archive');
  file('empty', '');
  truncateSync(file('large', ''), ARCHIVE_BYTES_MAX + 1); // A hole: no disk is used.
  mkdirSync(join(folder, 'folder'), { recursive: true });
  execFileSync('sh', ['-c', 'test -p "$1" || mkfifo "$1"', 'sh', join(folder, 'fifo')]);
  const path = join(folder, name);
  const free = lowestFree();
  const failure = await failureOf(path);
  expect(failure.exitCode).toBe(exitCode);
  expect(failure.message.startsWith(start.replaceAll('PATH', path))).toBe(true);
  expect(lowestFree()).toBe(free);
});

function lowestFree(): number {
  const descriptor = openSync('/dev/null', 'r');
  closeSync(descriptor);
  return descriptor;
}

/** Somebody else asks: root may open anything. */
async function askedByOrdinary(path: string): Promise<string> {
  const script = `const { whyNotOpened } = await import(${JSON.stringify(`${packageRoot}/dist/src/ops/load.js`)});
    console.log((await whyNotOpened(process.argv[1]))?.message ?? 'opened');`;
  const node = [process.execPath, '--input-type=module', '-e', script, path];
  const [command, ...rest] = [...asOrdinary, ...node];
  const { stdout, stderr } = await runCommand(command!, rest, { timeout: 20_000 });
  return stdout + stderr;
}

test('who may not open it is told which rights are missing', async () => {
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  const path = join(inner, 'site.cdb');
  writeFileSync(path, 'x');
  openToAll(folder, inner, path);
  expect(await whyNotOpened(path)).toBeUndefined();
  expect(await askedByOrdinary(path)).toBe('opened\n');
  chmodSync(path, 0o000);
  const said = `cannot open ${path}: EACCES. User ${ordinaryId} may not`;
  expect(await askedByOrdinary(path)).toBe(
    `${said} read it. Try chmod a+r ${path}, or chown it to that user.\n`,
  );
  chmodSync(dirname(path), 0o600);
  expect(await askedByOrdinary(path)).toBe(`${said} enter ${inner}. Try chmod a+x ${inner}.\n`);
  chmodSync(dirname(path), 0o700);
});
