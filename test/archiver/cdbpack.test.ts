// cdbpack.test.ts: the program itself: exit codes, signals, places it cannot write to.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { noise, packer, runCommand, temporaryFolder, writeSite } from '../support/site.ts';

const base = temporaryFolder();
const site = join(base, 'my site');
mkdirSync(site);
writeSite(site, { 'index.html': '<p>hi' });
const cdbpack = (argv: readonly string[], cwd = base) =>
  runCommand(process.execPath, [packer, ...argv, '--no-cache'], { cwd });

test('OUT defaults to the name of the site in the current folder', async () => {
  const { code, stdout, stderr } = await cdbpack([site]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^my site\.cdb: /);
  expect(readdirSync(base)).toContain('my site.cdb');
});

test('errors of use, of input and of output have their exit codes and one line', async () => {
  writeFileSync(join(base, 'file'), '');
  for (const [argv, code, text] of [
    [[], 2, /^cdbpack: Which folder is to be packed\?/],
    [['nope'], 1, /^cdbpack: there is no folder nope\./],
    [['file'], 1, /^cdbpack: file is not a folder\./],
    [[site, base], 1, /: it is a folder\. Name a file/],
    [[site, '/proc/site.cdb'], 1, /^cdbpack: cannot write \/proc\/site\.cdb: E/],
    [[site, 'file/site.cdb'], 1, /^cdbpack: cannot write file\/site\.cdb: ENOTDIR\./],
  ] as const) {
    const ended = await cdbpack(argv);
    expect([ended.code, ended.stdout], argv.join()).toEqual([code, '']);
    expect(ended.stderr).toMatch(text);
    expect(ended.stderr.trimEnd()).not.toMatch(/\n/);
  }
});

test('with a cache that cannot be used it says so and ends', async () => {
  const cache = temporaryFolder();
  chmodSync(cache, 0o777);
  const argv = [packer, site, join(base, 'refused.cdb'), '--cache', cache];
  const { code, stderr } = await runCommand(process.execPath, argv, { timeout: 30_000 });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^cdbpack: cannot keep results of compression in .*: others may/),
  ]);
});

test('a signal leaves the old archive and no temporary file', async () => {
  const folder = join(temporaryFolder(), 'large');
  mkdirSync(folder);
  for (let i = 0; i < 40; i++) {
    writeFileSync(join(folder, `${i}.txt`), noise(4_000_000, i + 1).toString('base64'));
  }
  const out = join(dirname(folder), 'out.cdb');
  writeFileSync(out, 'old');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const child = spawn(process.execPath, [packer, folder, out, '--no-cache'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => void child.on('exit', (_, by) => void resolve(by)));
    while (readdirSync(dirname(folder)).length < 3) {
      expect(child.exitCode).toBe(null);
      await new Promise((resolve) => void setTimeout(resolve, 5));
    }
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(readdirSync(dirname(folder)).sort()).toEqual(['large', 'out.cdb']);
    expect(readFileSync(out, 'utf8')).toBe('old');
  }
});

test('a disk that is full is told, with what to do', async () => {
  // A limit on the length of files stands for it: the kernel refuses the same call.
  const folder = join(temporaryFolder(), 'site');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.bin'), '');
  truncateSync(join(folder, 'a.bin'), 3_000_000);
  const line = 'trap "" XFSZ; ulimit -f 100; exec "$0" "$@"';
  const argv = [packer, folder, join(base, 'full.cdb'), '--compress', 'none'];
  const ended = await runCommand('bash', ['-c', line, process.execPath, ...argv]);
  expect(ended.stderr).toMatch(/cannot write .*full\.cdb: EFBIG\. The file system or ulimit -f/);
  expect(ended.code).toBe(1);
  expect(readdirSync(base).filter((name) => name.includes('full'))).toEqual([]);
});
