// subject.test.ts: what the argument of the server may be, and what is said of what it is not.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { EXIT, Failure } from '../src/errors.ts';
import { expectArchive, isFolder } from '../src/subject.ts';
import { program } from './support/server.ts';
import { packSite, runCommand, temporaryFolder } from './support/site.ts';
import { asOrdinary } from './support/starts.ts';

const base = temporaryFolder();
chmodSync(base, 0o755);
const at = (name: string): string => join(base, name);

function failureOf(path: string): Failure {
  try {
    expectArchive(path);
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('no Failure');
}

/** The beginning is enough for a name. */
const ZIP = Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\x08\0'), deflateRawSync('x')]);
const TAR = Buffer.concat([Buffer.alloc(257), Buffer.from('ustar\x0000'), Buffer.alloc(248)]);

test.each<readonly [string, string | Uint8Array, string]>([
  ['site.zip', ZIP, 'is a ZIP file, neither a folder nor a CDB archive. Unpack it'],
  ['empty.zip', 'PK\x05\x06', 'is a ZIP file, neither a folder'],
  ['site.tar.gz', gzipSync('x'), 'is a gzip file, neither a folder nor a CDB archive.'],
  ['site.tar', TAR, 'is a tar file, neither'],
  ['named.cdb', ZIP, 'is a ZIP file, neither'],
  [
    'index.html',
    '<!doctype html>',
    `is a page, and a site is served. Name its folder: cdbserve ${base}/`,
  ],
  [
    'text.cdb',
    'version https://git-lfs\n',
    'is a text file that begins "version https://git-lfs", and',
  ],
  ['bad.cdb', '\u001b[31m\u009b31m404', 'is a text file that begins "?[31m?31m404", and no'],
])('%s is told by name', (name, content, text) => {
  writeFileSync(at(name), content);
  const failure = failureOf(at(name));
  expect(failure.exitCode).toBe(EXIT.archiveRefused);
  expect(failure.message).toContain(`${at(name)} ${text}`);
});

test('a folder, an archive, and what the loader knows more of', async () => {
  mkdirSync(at('folder.cdb'));
  expect([at('folder.cdb'), `${base}/`].map(isFolder)).toEqual([true, true]);
  const { archive } = await packSite({ a: 'a' });
  expect(isFolder(archive)).toBe(false);
  expect(() => expectArchive(archive)).not.toThrow();
  writeFileSync(at('cut.cdb'), Buffer.alloc(3_000, 1));
  writeFileSync(at('none.cdb'), '');
  spawnSync('mkfifo', [at('pipe')]);
  for (const name of ['cut.cdb', 'none.cdb', 'pipe', 'missing.cdb']) {
    expect(isFolder(at(name))).toBe(false);
    expect(() => expectArchive(at(name))).not.toThrow();
  }
});

test('a name that is not there: what was probably meant', () => {
  mkdirSync(at('public'));
  expect(failureOf(at('pubilc/')).message).toBe(
    `there is no folder ${at('pubilc/')}. Did you mean ${at('public/')}?`,
  );
  expect(failureOf(at('elsewhere')).message).toBe(
    `there is no ${at('elsewhere')}. Name a folder to preview it, or an archive that cdbpack made.`,
  );
  writeFileSync(at('file'), 'x');
  expect(failureOf(at('file/')).message).toContain(`there is no folder ${at('file/')}.`);
  expect(failureOf(at('nowhere/at/all/')).exitCode).toBe(EXIT.failure);
});

test('the program ends with the code and the words', async () => {
  const run = async (name: string, wrapper: readonly string[] = []) => {
    const [command, ...rest] = [...wrapper, process.execPath, program, at(name)];
    return runCommand(command!, [...rest, '--listen', '127.0.0.1:0']);
  };
  writeFileSync(at('a.zip'), ZIP);
  writeFileSync(at('secret.cdb'), ZIP, { mode: 0 });
  mkdirSync(at('closed'), { mode: 0 });
  mkdirSync(at('void'));
  writeFileSync(at('broken.cdb'), Buffer.alloc(3_000, 1));
  spawnSync('mkfifo', [at('fifo')]);
  const cases: readonly (readonly [string, number, string])[] = [
    ['typo/', EXIT.failure, 'there is no folder'],
    ['a.zip', EXIT.archiveRefused, 'is a ZIP file'],
    ['void/', EXIT.failure, 'holds no file to serve'],
    ['broken.cdb', EXIT.archiveRefused, 'refused'],
    ['fifo', EXIT.failure, 'is no regular file'],
  ];
  for (const [name, code, text] of cases) {
    const ended = await run(name);
    expect([name, ended.code, ended.stdout]).toEqual([name, code, '']);
    expect(ended.stderr).toContain(text);
  }
  for (const name of ['secret.cdb', 'closed/']) {
    const ended = await run(name, asOrdinary);
    expect([name, ended.code]).toEqual([name, EXIT.failure]);
    expect(ended.stderr).toContain('EACCES. ');
  }
}, 60_000);
