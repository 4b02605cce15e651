// debian.full.test.ts: the lines of README.md in a fresh Debian 12 with Node and nothing else, from
// the tarball and from the Debian package, and as a unit of systemd.
import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { packageRoot, version } from '../../src/paths.ts';
import { bootDebian, copyDebian, listFiles, makeDebian, runInside } from '../support/debian.ts';
import { record } from '../support/ledger.ts';
import { COMMANDS, packTarball } from '../support/package.ts';
import type { Tarball } from '../support/package.ts';
import { runCommand, temporaryFolder } from '../support/site.ts';
import type { Ended } from '../support/site.ts';

const PAGE = '<p>published';
/** What the account and the package manager keep of any package. */
const KEPT = /^\.\/(etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?|var\/(lib|log|cache)\/.*)$/;

/** The old archive is served until the new one is verified. */
const UNTIL_PUBLISHED = `
for try in $(seq 100); do
  if [ "$(curl -fsS http://127.0.0.1/)" = '${PAGE}' ]; then exit; fi
  sleep 0.1
done
exit 1
`;

/** Installs again over itself while requests go on, one connection each. */
const UPGRADE = `
before=$(systemctl show -P MainPID cdbserve)
(while [ ! -e stop ]; do curl -fsS -o page http://127.0.0.1/ || echo lost >> failed; done) &
dpkg -i ./cdbserve_*_amd64.deb
sleep 1; touch stop; wait
[ "$before" != "$(systemctl show -P MainPID cdbserve)" ]
[ "$(cat page)" = '${PAGE}' ]
[ ! -e failed ]
systemctl is-active cdbserve cdbserve.socket
`;

let debian: string;
let tarball: Tarball;
let deb: string;
const seconds: Record<string, number> = {};

function secondsOf(kind: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(seconds).filter(([name]) => name.startsWith(`${kind}_`)),
  );
}

async function timed(name: string, work: () => Promise<Ended>): Promise<string> {
  const start = performance.now();
  const ended = await work();
  seconds[`${name}_seconds`] = Math.round((performance.now() - start) / 100) / 10;
  if (ended.code !== 0) throw new Error(`${name}: ${ended.code}\n${ended.stdout}${ended.stderr}`);
  return ended.stdout + ended.stderr;
}

/** The lines of a fenced block below a heading of README.md, comments cut off. */
function readmeBlock(heading: string, block = 0): readonly string[] {
  const text = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))!;
  const blocks = [...section.matchAll(/^```sh\n([^]*?)^```/gm)].map((match) => match[1]!);
  return blocks[block]!.trimEnd().split('\n').map(uncommented);
}

function uncommented(line: string): string {
  return line.replace(/\s+#.*/, '');
}

function installLine(command: 'npm' | 'apt'): string {
  return readmeBlock('Install').find((line) => line.startsWith(command))!;
}

/** Each command as it is written; one that serves is asked for a page and ended. */
function firstSite(): string {
  const page = `mkdir -p public; printf '${PAGE}' > public/index.html`;
  const lines = readmeBlock('Your own site').map((line) =>
    /^cdbserve (?!--)/.test(line) ? asked(line) : line,
  );
  return [page, ...lines].join('\n');
}

function asked(line: string): string {
  const ask = 'curl -sS --retry 50 --retry-connrefused --retry-delay 1 http://127.0.0.1:8080/';
  return [`${line} > said &`, ask, 'cat said', 'kill $!', 'wait $!'].join('\n');
}

beforeAll(async () => {
  tarball = await packTarball();
  const folder = temporaryFolder();
  const made = await runCommand(process.execPath, [
    join(packageRoot, 'scripts', 'deb.mjs'),
    folder,
  ]);
  if (made.code !== 0) throw new Error(made.stderr);
  deb = join(folder, `cdbserve_${version}_amd64.deb`);
  debian = await makeDebian();
}, 1_000_000);

/** Other options, as `systemctl edit` would have them: what the unit keeps writable is enough. */
const LOGGED = [
  'set -e; mkdir -p /etc/systemd/system/cdbserve.service.d',
  'cd /etc/systemd/system/cdbserve.service.d',
  "line='/usr/bin/cdbserve /var/lib/cdbserve/site.cdb --listen systemd'",
  "more='--access-log /var/log/cdbserve/access.log --admin unix:/run/cdbserve/admin.sock'",
  'printf "[Service]\\nExecStart=\\nExecStart=%s %s\\n" "$line" "$more" > more.conf',
  'systemctl daemon-reload; systemctl restart cdbserve',
  'curl -sS http://localhost/seen > page',
  'curl -fsS --unix-socket /run/cdbserve/admin.sock http://localhost/healthz',
  'until grep seen /var/log/cdbserve/access.log; do sleep 0.1; done',
  'rm more.conf page; cd /; rmdir /etc/systemd/system/cdbserve.service.d',
  'systemctl daemon-reload',
].join('; ');

test('there is nothing to build with', async () => {
  const said = await runInside(
    debian,
    'dpkg -l | grep -c -- "-dev " || :; command -v cc g++ make || :',
  );
  expect(said.stdout).toBe('0\n');
});

test('from the tarball: install, pack, list, serve', async () => {
  const { root, remove } = await copyDebian(debian);
  copyFileSync(tarball.path, join(root, 'root', basename(tarball.path)));
  const install = installLine('npm');
  await timed('tarball_install', () => runInside(root, install));
  const said = await timed('tarball_first_site', () => runInside(root, firstSite()));
  expect(said).toContain(PAGE);
  expect(said).toContain('workers sandboxed, system calls filtered');
  const figures = { tarball_bytes: tarball.size, unpacked_bytes: tarball.unpackedSize };
  record('install: tarball, bare Debian 12', { ...figures, ...secondsOf('tarball') });
  await remove();
});

test('from the Debian package: install, pack, list, serve, purge', async () => {
  const { root, remove } = await copyDebian(debian);
  const before = await listFiles(root);
  copyFileSync(deb, join(root, 'root', basename(deb)));
  await timed('deb_install', () => runInside(root, installLine('apt')));
  const said = await timed('deb_first_site', () => runInside(root, firstSite()));
  expect(said).toContain(PAGE);
  expect(said).toContain('workers sandboxed, system calls filtered');
  expect((await runInside(root, 'getent passwd cdbserve')).stdout).toMatch(
    /^cdbserve:x:\d+:\d+:static web site,,,:\/nonexistent:\/usr\/sbin\/nologin\n$/,
  );
  await timed('deb_purge', () => runInside(root, 'apt-get -qq purge -y cdbserve'));
  expect(
    [...(await listFiles(root))].filter((path) => !before.has(path) && !KEPT.test(path)),
  ).toEqual([]);
  const figures = { deb_bytes: statSync(deb).size };
  record('install: Debian package, bare Debian 12', { ...figures, ...secondsOf('deb') });
  await remove();
});

test('as a unit: start, page, reload, upgrade without a failed request, purge', async () => {
  const { root, remove } = await copyDebian(debian);
  copyFileSync(deb, join(root, 'root', basename(deb)));
  const machine = await bootDebian(root);
  const run = async (name: string, script: string): Promise<string> =>
    timed(name, () => machine.run(script));
  const before = await listFiles(root);
  await run('unit_install', installLine('apt'));
  const [pack, start, reload] = readmeBlock('Your own site', 1) as [string, string, string];
  await run('unit_start', start);
  expect(await run('unit_first_page', 'curl -fsS http://localhost/')).toContain('<title>cdbserve');
  await run('unit_pack', `mkdir public; printf '${PAGE}' > public/index.html; ${pack}`);
  await run('unit_reload', `${reload}; ${UNTIL_PUBLISHED}`);
  expect(await run('unit_page', 'curl -fsS http://[::1]/ http://127.0.0.1/')).toBe(PAGE + PAGE);
  expect(await run('unit_logged', LOGGED)).toMatch(
    /^ok\n\S+ - - \[.*\] "GET \/seen HTTP\/1\.1" 404 /m,
  );
  const said = await run('unit_said', 'journalctl -q -u cdbserve -o cat');
  expect(said).toMatch(/workers without Landlock \(EPERM: [^)]*\), system calls filtered/);
  await run('unit_upgrade', UPGRADE);
  await run('unit_purge', 'apt-get -qq purge -y cdbserve');
  const left = [...(await listFiles(root))].filter((path) => !before.has(path) && !KEPT.test(path));
  expect(left).toEqual([]);
  expect((await machine.run('systemctl is-active cdbserve cdbserve.socket')).stdout).toBe(
    'inactive\ninactive\n',
  );
  record('install: unit of systemd, Debian 12', secondsOf('unit'));
  await machine.powerOff();
  await remove();
});

test('lintian has nothing to say but of the address, which is whoever builds it', async () => {
  const { stdout } = await runCommand('lintian', ['--allow-root', deb]);
  const said = stdout.split('\n').filter((line) => /^[EW]:/.test(line));
  expect(said.filter((line) => !/bogus-mail-host/.test(line))).toEqual([]);
});

test('on the Node of Debian 12 it installs, and each command says what is missing', async () => {
  const { root, remove } = await copyDebian(debian);
  copyFileSync(deb, join(root, 'root', basename(deb)));
  const ended = await runInside(root, `rm /usr/local/bin/node; apt install -y ./${basename(deb)}`);
  expect(ended.code).toBe(0);
  expect(ended.stdout + ended.stderr).toContain('cdbserve: no Node 20.19 or later in PATH');
  const { stdout: node } = await runInside(root, 'node --version');
  expect(node).toMatch(/^v18\./);
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await runInside(root, `${command} --version`);
    expect([code, stdout]).toEqual([EXIT.failure, '']);
    expect(stderr).toMatch(new RegExp(`^${command}: this is Node ${node.slice(1).trim()} .*\\n$`));
    expect(stderr).toContain('Node 20.19 or later is needed. Install one from NodeSource or');
  }
  record('install: on the Node of Debian 12', { node: node.trim(), exit: EXIT.failure });
  await remove();
});
