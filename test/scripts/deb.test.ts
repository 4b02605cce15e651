// deb.test.ts: the Debian package: what it holds, that it is the same bytes each time, and that it
// runs from where it puts things.
import { mkdirSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot, version } from '../../src/paths.ts';
import { runCommand, temporaryFolder } from '../support/site.ts';

const COMMANDS = ['cdbpack', 'cdbserve', 'cdbinspect'];
const NAME = `cdbserve_${version}_amd64.deb`;
const PACKAGE_BYTES_MAX = 1_500_000;

/** What may be in it, and nothing else. */
const EXPECTED = [
  /^usr\/bin\/(cdbpack|cdbserve|cdbinspect)$/,
  /^usr\/lib\/cdbserve\/(package\.json|dist\/.*\.(js|cjs|cdb))$/,
  /^usr\/lib\/cdbserve\/native\/build\/Release\/(cdb\.node|wall\.node|spawner)$/,
  /^usr\/lib\/cdbserve\/node_modules\/(ignore|mime-types|mime-db)\/.*\.(js|json)$/,
  /^usr\/share\/man\/(man1\/(cdbpack|cdbinspect)\.1|man8\/cdbserve\.8)\.gz$/,
  /^usr\/share\/bash-completion\/completions\/(cdbpack|cdbserve|cdbinspect)$/,
  /^usr\/share\/doc\/cdbserve\/(copyright|changelog(\.Debian)?\.gz|.*\.md)$/,
  /^usr\/share\/lintian\/overrides\/cdbserve$/,
  /^lib\/systemd\/system\/cdbserve\.(service|socket)$/,
];

let deb: string;

async function build(umask: string): Promise<string> {
  const folder = temporaryFolder();
  const script = join(packageRoot, 'scripts', 'deb.mjs');
  const line = `umask ${umask} && exec "$0" "$@"`;
  const ended = await runCommand('sh', ['-c', line, process.execPath, script, folder]);
  if (ended.code !== 0) throw new Error(ended.stderr);
  return join(folder, NAME);
}

beforeAll(async () => {
  deb = await build('022');
});

test('whoever builds it, whenever: it is the same bytes', async () => {
  expect(readFileSync(await build('077')).equals(readFileSync(deb))).toBe(true);
  expect(readFileSync(deb).length).toBeLessThan(PACKAGE_BYTES_MAX);
});

test('it says what it is and what it needs', async () => {
  const { stdout } = await runCommand('dpkg-deb', ['--field', deb]);
  expect(stdout).toContain(`Package: cdbserve\nVersion: ${version}\nArchitecture: amd64\n`);
  expect(stdout).toContain('Depends: adduser, libc6 (>= 2.34)\nRecommends: nodejs (>= 20.19)\n');
  expect(stdout).not.toMatch(/@[A-Z]+@/);
});

test('it holds what is needed, owned by root, and nothing else', async () => {
  const { stdout } = await runCommand('dpkg-deb', ['--contents', deb]);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s+/));
  expect(new Set(rows.map(([, owner]) => owner))).toEqual(new Set(['root/root']));
  expect(rows.filter(([mode]) => !/^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwx)/.test(mode!))).toEqual(
    [],
  );
  const files = rows.filter(([mode]) => !mode!.startsWith('d')).map((row) => row[5]!.slice(2));
  expect(files.filter((path) => !EXPECTED.some((pattern) => pattern.test(path)))).toEqual([]);
  for (const pattern of EXPECTED)
    expect(files.filter((path) => pattern.test(path))).not.toEqual([]);
});

test('its three commands run from where they are put', async () => {
  const folder = temporaryFolder();
  await runCommand('dpkg-deb', ['--extract', deb, folder]);
  for (const name of COMMANDS) {
    expect(readlinkSync(join(folder, 'usr', 'bin', name))).toMatch(/^\.\.\/lib\/cdbserve\/dist\//);
    const { stdout } = await runCommand(join(folder, 'usr', 'bin', name), ['--version']);
    expect(stdout).toBe(`${name} ${version}\n`);
  }
});

test('the sums of all files are in it, and its scripts are scripts', async () => {
  const folder = join(temporaryFolder(), 'all');
  mkdirSync(folder);
  await runCommand('dpkg-deb', ['--raw-extract', deb, folder]);
  const checked = await runCommand('md5sum', ['--check', '--quiet', 'DEBIAN/md5sums'], {
    cwd: folder,
  });
  expect(checked).toEqual({ code: 0, stdout: '', stderr: '' });
  const scripts = readdirSync(join(folder, 'DEBIAN')).filter((name) => /^(pre|post)/.test(name));
  expect(scripts.sort()).toEqual(['postinst', 'postrm', 'prerm']);
  for (const name of scripts) {
    expect((await runCommand('sh', ['-n', join(folder, 'DEBIAN', name)])).stderr).toBe('');
  }
});
