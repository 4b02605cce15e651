// cdbinspect.test.ts: the program itself: exit codes and closed pipes.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { Keystream } from '../support/keystream.ts';
import { noise, packFolder, packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { onTerminal } from '../support/terminal.ts';
import { FULL } from '../support/ledger.ts';
import { runUsed } from '../support/used.ts';
import { soundArchive } from './fixture.ts';

const cdbinspect = join(packageRoot, 'dist', 'archiver', 'cdbinspect.js');
const big = noise(3_000_000, 1);
const archive = await soundArchive({ 'big.bin': big });
const run = (...argv: string[]) => runCommand(process.execPath, [cdbinspect, ...argv]);

test('a sound archive ends with 0', async () => {
  const ended = await run('verify', archive.target);
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  expect(ended.stdout).toMatch(/sound/);
});

test('a broken one with 3, none with 1, wrong use with 2', async () => {
  const path = join(temporaryFolder(), 'cut.cdb');
  writeFileSync(path, archive.bytes.subarray(0, -1));
  const broken = await run('list', path);
  expect([broken.code, broken.stdout]).toEqual([3, '']);
  expect(broken.stderr).toMatch(
    /^cdbinspect: .*cut\.cdb: refused .* cut short: copy it again\.\n$/,
  );
  expect((await run('list', `${path}.nope`)).code).toBe(1);
  expect((await run('list')).code).toBe(2);
});

test('a large body goes through a pipe whole', async () => {
  const line = '"$0" "$1" cat "$2" /big.bin | sha256sum';
  const ended = await runCommand('bash', [
    '-c',
    line,
    process.execPath,
    cdbinspect,
    archive.target,
  ]);
  const { createHash } = await import('node:crypto');
  expect(ended.stdout).toContain(createHash('sha256').update(big).digest('hex'));
});

test('a reader that goes away is no error', async () => {
  const line = '"$0" "$1" cat "$2" /big.bin | head -c 1 >/dev/null; echo "${PIPESTATUS[0]}"';
  const ended = await runCommand('bash', [
    '-c',
    line,
    process.execPath,
    cdbinspect,
    archive.target,
  ]);
  expect([ended.stdout, ended.stderr]).toEqual(['0\n', '']);
});

test('help of a subcommand is its own', async () => {
  const ended = await run('extract', '--help');
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  expect(ended.stdout).toMatch(/^usage: cdbinspect extract ARCHIVE DIR$/m);
  expect(ended.stdout).not.toMatch(/--coding/);
});

test('a disk that fills up leaves no half-written file', async () => {
  // A limit on the length of files stands for it: the kernel refuses the same call.
  const out = join(temporaryFolder(), 'out');
  const line = 'trap "" XFSZ; ulimit -f 100; exec "$0" "$@"';
  const argv = [cdbinspect, 'extract', archive.target, out];
  const ended = await runCommand('bash', ['-c', line, process.execPath, ...argv]);
  expect(ended.stderr).toMatch(
    /cannot write .*out\/big\.bin: EFBIG\. The file system or ulimit -f/,
  );
  expect(ended.code).toBe(1);
  expect(readdirSync(out)).toEqual([]);
});

test('a signal leaves no half-written file either', async () => {
  const folder = join(temporaryFolder(), 'site');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.bin'), '');
  truncateSync(join(folder, 'a.bin'), 200_000_000);
  const large = await packFolder(folder, `${folder}.cdb`, ['--compress', 'none']);
  const out = join(temporaryFolder(), 'out');
  const argv = [cdbinspect, 'extract', large.archive, out];
  const child = spawn(process.execPath, argv, { stdio: 'ignore' });
  const ended = new Promise((resolve) => void child.on('exit', (_, by) => void resolve(by)));
  while (!existsSync(join(out, 'a.bin'))) {
    expect(child.exitCode).toBe(null);
    await new Promise((resolve) => void setTimeout(resolve, 2));
  }
  child.kill('SIGINT');
  expect(await ended).toBe('SIGINT');
  expect(readdirSync(out)).toEqual([]);
});

test('a terminal gets lines that fit it, and nothing that commands it', async () => {
  const odd = await soundArchive({
    [`${'long/'.repeat(30)}a.txt`]: 'x',
    'evil\u001b[2J\u009b.txt': 'x',
    'escape.txt': '\u001b]0;title\u0007',
  });
  const command = [process.execPath, cdbinspect];
  const { code, text } = await onTerminal([...command, 'list', odd.target], { columns: 60 });
  const [drawn, ...lines] = text.split('\r\n');
  expect(code).toBe(0);
  expect(drawn).toMatch(/^\r\u001b\[Kverifying, \d\.\d\d kB\r\u001b\[K {5}identity {2}type/);
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]{0,60}$/);
  const cat = await onTerminal([...command, 'cat', odd.target, '/escape.txt'], { columns: 60 });
  expect(cat.code).toBe(1);
  expect(cat.text).toMatch(/\/escape\.txt is no text for a terminal\./);
  expect(cat.text).not.toMatch(/title/);
});

test('thousands of paths through head are no error', async () => {
  const files = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`${i}.html`, '']));
  const many = await soundArchive(files);
  for (const flags of ['', '--json']) {
    const line = `"$0" "$1" list "$2" ${flags} | head -n 1 | wc -l; echo "\${PIPESTATUS[0]}"`;
    const argv = ['-c', line, process.execPath, cdbinspect, many.target];
    const ended = await runCommand('bash', argv);
    expect([ended.stdout, ended.stderr]).toEqual(['1\n0\n', '']);
  }
});

test('what list, verify and stats have in memory does not grow with the archive', async () => {
  const { folder, archive: small } = await packSite({ 'small.bin': noise(1_000, 1) });
  const lengthMib = FULL ? 2_048 : 128;
  new Keystream(lengthMib * 1024 * 1024, 1).write(join(folder, 'big.bin'));
  const limits = { timeout: 300_000 };
  const large = await packFolder(folder, `${small}.large`, ['--compress', 'none'], limits);
  for (const name of ['list', 'verify', 'stats']) {
    const [few, many] = [
      await runUsed([cdbinspect, name, small], limits.timeout),
      await runUsed([cdbinspect, name, large.archive], limits.timeout),
    ];
    expect([few.code, many.code]).toEqual([0, 0]);
    expect(many.peakKib - few.peakKib, name).toBeLessThan(32 * 1024);
  }
}, 600_000);
