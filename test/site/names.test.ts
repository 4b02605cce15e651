// names.test.ts: names of every kind are packed, served byte for byte by the real server, and
// extracted again.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packer, runCommand, temporaryFolder, writeSite } from '../support/site.ts';
import { Wire } from '../support/wire.ts';

const LONG = 'n'.repeat(255);
/** Not one that another is an alias of: each is answered with itself. */
const NAMES = [
  'plain.txt',
  'with space.txt',
  ' before and after ',
  '100%.txt',
  '%41.txt',
  '%2e%2e',
  'what?.txt',
  'a?b=c&d',
  'part#one',
  'new\nline',
  'carriage\r\nInjected: yes',
  'tab\t',
  'bell\u0007',
  'escape\u001b[31m',
  'delete\u007f',
  'c1\u0085',
  '"quoted"',
  "it's",
  '`tick`',
  '<b>&amp;</b>',
  '{}[]|^',
  ';,:@&=+$!*()',
  '~tilde',
  '-flag',
  '--help',
  'a...',
  'a..',
  'nfc \u00e9',
  'nfd e\u0301',
  'emoji \u{1f600}.html2',
  'right to left \u202etxt.exe',
  '\ufeffbom',
  '\u2028separator',
  'last of unicode \u{10ffff}',
  'm'.repeat(255),
  `${'é'.repeat(127)}.`,
  'CON',
  'aux.txt',
  // Beside each other, and no one's alias.
  'Case.html',
  'case.html',
  'both.html',
  'both.txt',
  'both/in it.txt',
  'taken',
  'taken.html',
  '.well-known/security.txt',
  '.well-known/acme-challenge/token_-1',
  `${`${LONG}/`.repeat(13)}deep`,
];
const contentOf = (name: string) => `content of ${Buffer.from(name).toString('hex')}`;

const base = temporaryFolder();
const site = join(base, 'site');
const archive = join(base, 'site.cdb');
let server: Server;

beforeAll(async () => {
  mkdirSync(site);
  writeSite(site, Object.fromEntries(NAMES.map((name) => [name, contentOf(name)])));
  const argv = [packer, site, archive, '--quiet', '--no-cache'];
  const ended = await runCommand(process.execPath, argv);
  expect([ended.code, ended.stderr]).toEqual([
    0,
    'cdbpack: warning: case.html: a name beside it differs in case alone: ' +
      'some systems hold only one of them\n',
  ]);
  server = await startServer(archive);
});

/** Every byte as %XX but letters, digits and slashes: what no reader can take for anything else. */
function urlOf(path: string): string {
  const bytes = [...Buffer.from(path).toString('latin1')];
  const coded = bytes.map((byte) =>
    /[A-Za-z0-9/]/.test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `/${coded.join('')}`;
}

async function bodiesOf(paths: readonly string[]): Promise<[number, string][]> {
  const wire = await Wire.open(server.port);
  const found: [number, string][] = [];
  for (const path of paths) {
    wire.send(`GET ${urlOf(path)} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    const reply = await wire.reply();
    found.push([reply.status, reply.body.toString()]);
  }
  wire.destroy();
  return found;
}

test('every name is served with its own content', async () => {
  const found = await bodiesOf(NAMES);
  for (const [at, name] of NAMES.entries()) {
    expect(found[at], JSON.stringify(name)).toEqual([200, contentOf(name)]);
  }
});

test('what cannot be written as %XX alone is no other way to a file', async () => {
  expect(await bodiesOf(['Plain.txt', 'plain.txt ', 'nfc e\u0301', 'nfd \u00e9'])).toEqual(
    Array.from({ length: 4 }, () => [404, expect.any(String)]),
  );
});

test('extracted, the site is what it was', async () => {
  const out = join(base, 'out');
  const inspect = join(packageRoot, 'dist', 'archiver', 'cdbinspect.js');
  const ended = await runCommand(process.execPath, [inspect, 'extract', archive, out]);
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  for (const name of NAMES) {
    expect(readFileSync(join(out, name), 'utf8'), JSON.stringify(name)).toBe(contentOf(name));
  }
  expect(readdirSync(out).sort()).toEqual(readdirSync(site).sort());
});

test('a page, a text and a folder of one name do not stop a pack', async () => {
  const found = await bodiesOf(['both', 'both.html', 'both.txt', 'both/in it.txt', 'taken']);
  expect(found.map(([, body]) => body)).toEqual(
    ['both.html', 'both.html', 'both.txt', 'both/in it.txt', 'taken'].map(contentOf),
  );
});

test('files below .well-known are served, other hidden ones are not', async () => {
  writeSite(site, { '.git/config': 'secret', '.env': 'secret', 'sub/.well-known/x': 'secret' });
  const again = join(base, 'again.cdb');
  const ended = await runCommand(process.execPath, [packer, site, again, '--plan']);
  expect(ended.stdout).toContain('/.well-known/security.txt');
  expect(ended.stdout).not.toMatch(/\.git|\.env|sub\//);
});

test('a path longer than the system allows is named, with what to do', async () => {
  const deep = join(base, 'deep');
  mkdirSync(deep);
  // One name after another: no call could name the whole path.
  const down = `for (let i = 0; i < 20; i++) {
    fs.mkdirSync('${LONG}');
    process.chdir('${LONG}');
  }`;
  try {
    expect(spawnSync(process.execPath, ['-e', down], { cwd: deep }).status).toBe(0);
    const argv = [packer, deep, join(base, 'deep.cdb'), '--no-cache'];
    const ended = await runCommand(process.execPath, argv);
    expect(ended.code).toBe(1);
    const [tried, remedy] = ended.stderr.split(': ENAMETOOLONG. ');
    expect(tried).toMatch(/^cdbpack: cannot .* \/.*\/n+$/);
    expect(remedy).toBe('Its path is longer than the system allows: shorten it or leave it out.\n');
    const without = await runCommand(process.execPath, [
      ...[packer, deep, join(base, 'deep.cdb'), '--quiet', '--no-cache', '--exclude', LONG],
    ]);
    expect([without.code, without.stderr]).toEqual([0, '']);
  } finally {
    // Node's own removal would meet the same limit.
    spawnSync('rm', ['-rf', deep]);
  }
});

test('what an ordinary user may not read is named, with what to do, and nothing is written', async () => {
  const closed = join(base, 'closed');
  writeSite(closed, { 'open.txt': 'x', 'shut.txt': 'x', 'folder/in.txt': 'x' });
  const run = (...flags: string[]) => {
    const out = join(base, 'user', 'closed.cdb');
    const asUser = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const command = [process.execPath, packer, closed, out, '--quiet', '--no-cache', ...flags];
    const ended = spawnSync('setpriv', [...asUser, ...command], { encoding: 'utf8' });
    return [ended.status, ended.stderr];
  };
  spawnSync('chmod', ['755', base]);
  spawnSync('install', ['-d', '-o', '65534', join(base, 'user')]);
  spawnSync('chmod', ['000', join(closed, 'shut.txt')]);
  const remedy = 'Give yourself the right to read it, or leave it out with --exclude.\n';
  expect(run()).toEqual([1, `cdbpack: cannot read ${closed}/shut.txt: EACCES. ${remedy}`]);
  expect(run('--exclude', 'shut.txt')).toEqual([0, '']);
  spawnSync('chmod', ['000', join(closed, 'folder')]);
  expect(run('--exclude', 'shut.txt')).toEqual([
    1,
    `cdbpack: cannot read the folder ${closed}/folder: EACCES. ${remedy}`,
  ]);
  expect(run('--exclude', 'shut.txt', '--exclude', 'folder')).toEqual([0, '']);
  expect(readdirSync(join(base, 'user'))).toEqual(['closed.cdb']);
});

test('a thousand links to nothing are told in some lines', async () => {
  const links = join(base, 'links');
  mkdirSync(links);
  writeFileSync(join(links, 'index.html'), 'x');
  for (let i = 0; i < 1_000; i++) symlinkSync('nothing', join(links, `link${i}`));
  const argv = [packer, links, join(base, 'links.cdb'), '--quiet', '--no-cache'];
  const ended = await runCommand(process.execPath, argv);
  const lines = ended.stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe(
    'cdbpack: warning: 980 more like these (--json has all): a symbolic link to nothing: skipped',
  );
  expect(ended.code).toBe(0);
});
