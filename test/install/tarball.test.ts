// tarball.test.ts: what `npm pack` makes installs offline and without a compiler, and runs from
// wherever npm puts it.
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot, version } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { COMMANDS, bare, bareNpm, cutShort, makeLater, packTarball } from '../support/package.ts';
import type { Tarball } from '../support/package.ts';
import { startServer } from '../support/server.ts';
import { runCommand, temporaryFolder, writeSite } from '../support/site.ts';
import { isRoot } from '../support/starts.ts';

const BINARIES = ['cdb.node', 'wall.node', 'spawner'].map((name) => `native/build/Release/${name}`);
const TARBALL_BYTES_MAX = 1_500_000;
/** Of Debian 12. */
const GLIBC_MAX = [2, 36] as const;
const OF_GLIBC = ['libc.so.6', 'ld-linux-x86-64.so.2'];

/** What may be in it, and nothing else. */
const EXPECTED = [
  /^(package\.json|LICENSE|NOTICE|(README|CHANGELOG|SECURITY)\.md)$/,
  /^LICENSES\/LGPL-2\.1\.txt$/,
  /^dist\/(src|archiver)\/.*\.js$/,
  /^dist\/man\/(cdbpack\.1|cdbserve\.8|cdbinspect\.1)$/,
  /^dist\/completions\/cdb\w+$/,
  /^dist\/((worker|verifier|packing_thread)\.cjs|packer\.js|site\.cdb)$/,
  /^native\/(spawner\/)?\w+\.(cc|c|h)$/,
  /^native\/(binding\.gyp|build\/Release\/(cdb\.node|wall\.node|spawner))$/,
  /^scripts\/(install|headers|needs|terminal)\.mjs$/,
  /^docs\/.*\.md$/,
  /^node_modules\/(ignore|mime-types|mime-db|node-addon-api)\//,
];

let tarball: Tarball;
let prefix: string;
let installed: string;

beforeAll(async () => {
  tarball = await packTarball();
  prefix = join(temporaryFolder(), 'a prefix');
  mkdirSync(prefix);
  const ended = await bareNpm(['install', '--global', '--prefix', prefix, tarball.path], '/');
  if (ended.code !== 0) throw new Error(ended.stderr);
  installed = join(prefix, 'lib', 'node_modules', 'cdbserve');
});

test('it holds what is needed and nothing else', () => {
  const paths = tarball.files.map(({ path }) => path);
  expect(paths.filter((path) => !EXPECTED.some((pattern) => pattern.test(path)))).toEqual([]);
  for (const pattern of EXPECTED)
    expect(paths.filter((path) => pattern.test(path))).not.toEqual([]);
  const natives = readdirSync(join(packageRoot, 'native', 'spawner'));
  expect(paths).toEqual(expect.arrayContaining(natives.map((name) => `native/spawner/${name}`)));
  expect(tarball.size).toBeLessThan(TARBALL_BYTES_MAX);
});

test('every import of a program is in it', () => {
  const paths = new Set(tarball.files.map(({ path }) => path));
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    expect(paths).toContain(path);
    const text = readFileSync(join(packageRoot, path), 'utf8');
    for (const [, file] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
      visit(join(dirname(path), file!));
    }
  };
  for (const name of ['src/cdbserve', 'archiver/cdbpack', 'archiver/cdbinspect', 'packer']) {
    visit(`dist/${name}.js`);
  }
  expect(seen.size).toBeGreaterThan(50);
});

test.each(BINARIES)('%s needs the C library of Debian 12 alone', async (path) => {
  const { stdout } = await runCommand('readelf', ['-W', '-d', '-V', join(installed, path)]);
  const needed = [...stdout.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map((match) => match[1]);
  expect(needed.filter((name) => !OF_GLIBC.includes(name!))).toEqual([]);
  const versions = [...stdout.matchAll(/GLIBC_(\d+)\.(\d+)/g)];
  expect(versions).not.toEqual([]);
  const later = versions.filter(
    ([, major, minor]) => Number(major) !== GLIBC_MAX[0] || Number(minor) > GLIBC_MAX[1],
  );
  expect(later.map(([name]) => name)).toEqual([]);
});

test('it installs offline, without a compiler, and gives three commands', async () => {
  for (const name of COMMANDS) {
    const ended = await bare([join(prefix, 'bin', name), '--version'], '/');
    expect(ended).toEqual({ code: 0, stdout: `${name} ${version}\n`, stderr: '' });
  }
});

test('installed in a project, npx finds the commands', async () => {
  const project = temporaryFolder();
  writeFileSync(join(project, 'package.json'), '{"name": "site", "private": true}');
  expect((await bareNpm(['install', tarball.path], project)).code).toBe(0);
  const ended = await bareNpm(['exec', '--', 'cdbserve', '--version'], project);
  expect(ended.stdout).toBe(`cdbserve ${version}\n`);
});

/** Root may write to every folder, but not where a file system is mounted read-only. */
function readOnly(folder: string): readonly string[] {
  if (!isRoot) return [];
  const remount = 'mount --bind "$AT" "$AT" && mount -o remount,bind,ro "$AT" && exec "$0" "$@"';
  return ['env', `AT=${folder}`, 'unshare', '--mount', 'sh', '-c', remount];
}

test('it packs, lists and serves from a read-only folder that is its owner’s alone', async () => {
  const folder = temporaryFolder();
  const archive = join(folder, 'site.cdb');
  writeSite(join(folder, 'public'), { 'index.html': '<p>installed' });
  chmodSync(prefix, 0o500);
  onEnd(() => chmodSync(prefix, 0o700));
  const program = (name: string): string => join(prefix, 'bin', name);
  const packed = await bare([program('cdbpack'), 'public', archive, '--no-cache'], folder);
  expect(packed.code).toBe(0);
  const listed = await bare([program('cdbinspect'), 'list', archive], folder);
  expect(listed.stdout).toContain('/index.html');
  const wrapper = readOnly(prefix);
  const server = await startServer(archive, [], { program: program('cdbserve'), wrapper });
  const reply = await fetch(`http://127.0.0.1:${server.port}/`);
  expect(await reply.text()).toBe('<p>installed');
  expect(server.startLine).toContain('workers sandboxed');
  expect((await server.stop()).code).toBe(0);
});

test.each([
  ['cut short', cutShort, 'wall.node: SIGBUS'],
  ['made for a later C library', makeLater, "version `GLIBC_2.99' not found"],
])('what is prebuilt is %s, and nothing can be built: what is missing', async (_, spoil, why) => {
  const copy = join(temporaryFolder(), 'cdbserve');
  cpSync(installed, copy, { recursive: true });
  spoil(join(copy, BINARIES[1]!));
  const ended = await bare([join(copy, 'scripts', 'install.mjs')], copy);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/^cdbserve: what is prebuilt does not run here \(.*wall\.node.*\n$/);
  expect(ended.stdout).toContain(why);
  const missing =
    'build-essential (compiler and make for native/), python3 (node-gyp is written in it)';
  const remedy = 'As root: apt-get install build-essential python3';
  expect(ended.stderr).toBe(`cdbserve: missing to build it: ${missing}. ${remedy}\n`);
});

test('a spawner that does not run is noticed', async () => {
  const copy = join(temporaryFolder(), 'cdbserve');
  cpSync(installed, copy, { recursive: true });
  writeFileSync(join(copy, BINARIES[2]!), '#!/nowhere\n');
  const ended = await bare([join(copy, 'scripts', 'install.mjs')], copy);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain('spawner');
});
