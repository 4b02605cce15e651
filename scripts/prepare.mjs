// prepare.mjs: takes a fresh Debian machine with Node, npm and git to where everything is built.
//
// Runs before `npm start`, `npm test` and `npm run bench`; what is up to date is left alone. As
// root it installs what is missing, otherwise it prints the line to run. It must parse on any Node
// with ES modules, and imports no package, since there may be none yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BUILD_PACKAGES, platformFault } from './needs.mjs';
import { Trouble, root, run, runScript, say } from './terminal.mjs';

const POLICY = '/usr/sbin/policy-rc.d';

/** Debian packages: for which purpose, and why. */
const DEBIAN_PACKAGES = [
  ...BUILD_PACKAGES.map(([name, reason]) => ['build', name, reason]),
  ['test', 'strace', 'the tests count the system calls of a worker'],
  ['test', 'clang', 'libFuzzer for native/fuzz'],
  ['test', 'libclang-rt-14-dev', 'the sanitizers that clang links in'],
  ['test', 'tinycdb', 'the cdb command: any CDB tool can list an archive'],
  ['test', 'python3.11-doc', 'a real site of a thousand pages'],
  ['test', 'chromium', 'a real browser'],
  ['test', 'gzip', 'decodes what we have coded'],
  ['test', 'brotli', 'the same for br'],
  ['test', 'zstd', 'the same for zstd'],
  ['test', 'curl', 'a client that is not ours'],
  ['test', 'wget', 'another, which resumes downloads'],
  ['test', 'rsync', 'writes over an archive that is being served'],
  ['test', 'iproute2', 'brings up the loopback of a network namespace'],
  ['test', 'systemd', 'systemd-socket-activate, which hands over sockets'],
  ['test', 'nginx-light', 'the server whose answers ours are compared with'],
  ['test', 'mandoc', 'finds faults in man pages'],
  ['test', 'man-db', 'the man command, which shows them'],
  ['test', 'python3-prometheus-client', 'the reference parser of OpenMetrics'],
  ['test', 'caddy', 'a proxy that the guide puts in front, for HTTPS'],
  ['test', 'haproxy', 'another'],
  ['test', 'openssl', 'certificates for these'],
  ['test', 'openssh-server', 'the server that the guide publishes to'],
  ['test', 'openssh-client', 'publishes to it'],
  ['places', 'busybox-static', 'the shell of containers and machines to start in'],
  ['places', 'podman', 'containers to start in'],
  ['places', 'runc', 'the runtime of podman that can do with control groups of both versions'],
  ['places', 'catatonit', 'podman of an ordinary user asks for it'],
  ['places', 'uidmap', 'a range of user ids for the container of an ordinary user'],
  ['places', 'systemd-container', 'units of systemd to start as'],
  ['places', 'debootstrap', 'a Debian with nothing but Node to install in'],
  ['places', 'lintian', 'what Debian asks of a package'],
  ['places', 'qemu-system-x86', 'a machine with an older kernel to start on'],
  ['places', 'cpio', 'the root file system of that machine'],
  ['places', 'postgresql-doc-15', 'a real site of a thousand pages'],
  ['places', 'debian-reference-en', 'a real site in one folder'],
  ['places', 'rust-doc', 'a real site of thirty thousand pages'],
  ['bench', 'nginx-light', 'the server to compare with'],
  ['bench', 'wrk', 'makes load'],
  ['bench', 'linux-perf', 'counts cycles per request'],
  ['bench', 'valgrind', 'counts instructions per request'],
];

await runScript(import.meta.url, async (args) => {
  requirePlatform();
  const purposes = ['test', 'places', 'bench'].filter((purpose) => args.includes(`--${purpose}`));
  prepareDebian(['build', ...purposes]);
  prepareNodeModules();
  const { build } = await import('./build.mjs');
  await build();
});

function requirePlatform() {
  const fault = platformFault();
  if (fault) throw new Trouble(`prepare: ${fault}`);
}

function prepareDebian(purposes) {
  const wanted = DEBIAN_PACKAGES.filter(([purpose]) => purposes.includes(purpose));
  const present = installedPackages(wanted.map(([, name]) => name));
  if (present === undefined) {
    const names = wanted.map(([, name]) => name).join(' ');
    say(
      `prepare: no dpkg here; see to it that the like of these Debian packages is there: ${names}`,
    );
    return;
  }
  const missing = wanted.filter(([, name]) => !present.has(name));
  if (missing.length > 0) installPackages(missing);
}

/** Undefined: this is no Debian. */
function installedPackages(names) {
  const query = spawnSync(
    'dpkg-query',
    ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names],
    {
      encoding: 'utf8',
    },
  );
  if (query.error) return undefined;
  const rows = query.stdout.split('\n').map((row) => row.split(' '));
  return new Set(rows.filter(([, status]) => status === 'installed').map(([name]) => name));
}

function installPackages(missing) {
  const names = missing.map(([, name]) => name);
  const install = ['install', '-y', '-q', '--no-install-recommends', ...names];
  const byHand = `apt-get update && apt-get ${install.join(' ')}`;
  for (const [, name, reason] of missing)
    say(`prepare: Debian package ${name} is missing: ${reason}`);
  if (process.getuid() !== 0) {
    throw new Trouble(
      `prepare: only root can install them. Run this as root, then try again:\n${byHand}`,
    );
  }
  const patience = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Use-Pty=0'];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  say('prepare: apt-get update');
  const updated = run('apt-get', ['update', '-q', ...patience], { env });
  say(`prepare: apt-get ${install.join(' ')}`);
  const code = withoutServices(() => run('apt-get', [...install, ...patience], { env }));
  if (code === 0) return;
  throw new Trouble(
    `prepare: apt-get could not install ${names.join(' ')}.\n` +
      (updated === 0 ? '' : '  apt-get update failed before that\n') +
      '  likely cause: no network, no Debian mirror in reach, or another apt-get is running\n' +
      `  remedy: see the lines of apt-get above; when this works, try again:\n${byHand}`,
  );
}

/** Installing a server must not start it: invoke-rc.d(8) asks this file, and 101 means no. */
function withoutServices(work) {
  if (existsSync(POLICY)) return work();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return work();
  } finally {
    rmSync(POLICY);
  }
}

function prepareNodeModules() {
  const reason = nodeModulesFault();
  if (reason === undefined) return;
  say(`prepare: npm ci (${reason})`);
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const code = npm ? run(process.execPath, [npm, ...args]) : run('npm', args);
  if (code === 0) return;
  throw new Trouble(
    'prepare: npm ci failed.\n' +
      '  likely cause: no network, or the npm registry is out of reach (see npm ping)\n' +
      '  remedy: see the lines of npm above; when the network works, try again',
  );
}

/** Why node_modules is not what package-lock.json says, or undefined when it is. */
function nodeModulesFault() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'node_modules is missing';
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(installed);
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    // npm leaves out the optional builds for other platforms.
    if (present[path] === undefined && entry.optional) continue;
    if (!isDeepStrictEqual(present[path], entry)) return `${path} is not as in package-lock.json`;
  }
  const surplus = Object.keys(present).find((path) => wanted[path] === undefined);
  return surplus && `${surplus} is not in package-lock.json`;
}

function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}
