// debian.ts: a fresh Debian 12 with its own Node, which is too old, and with one as its tarball
// puts it below /usr/local; with nothing to build with.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd } from './cleanup.ts';
import { npmFolder } from './package.ts';
import { descendantsOf, isAlive, nameOf } from './proc.ts';
import { runCommand, temporaryFolder } from './site.ts';
import type { Ended } from './site.ts';

const PACKAGES = 'systemd-sysv,curl,nodejs';
const MASKED = ['systemd-logind', 'systemd-networkd', 'systemd-resolved', 'console-getty'];
const BOOT_MS = 60_000;
const POWER_OFF_MS = 30_000;
/** The clean power-off of systemd(1): SIGRTMIN+4. */
const POWER_OFF = 38;
/** Whoever starts it dies: so does it, and with it its pid namespace. */
const TIED = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child'];

/** Takes a mirror of Debian, and a minute. */
export async function makeDebian(): Promise<string> {
  const root = join(temporaryFolder(), 'debian');
  const args = ['--variant=minbase', `--include=${PACKAGES}`, 'bookworm', root];
  const ended = await runCommand('debootstrap', args, { timeout: 900_000 });
  if (ended.code !== 0) throw new Error(`debootstrap: ${ended.stdout}${ended.stderr}`);
  const local = join(root, 'usr', 'local');
  copyFileSync(process.execPath, join(local, 'bin', 'node'));
  cpSync(npmFolder, join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
  }
  return root;
}

export interface Copy {
  readonly root: string;
  /** Now and not after the last test: a few hundred megabytes. */
  remove(): Promise<void>;
}

export async function copyDebian(from: string): Promise<Copy> {
  const root = join(dirname(from), randomUUID());
  const remove = onEnd(() => rmSync(root, { recursive: true, force: true }));
  const ended = await runCommand('cp', ['-a', '--reflink=auto', from, root]);
  if (ended.code !== 0) throw new Error(ended.stderr);
  return { root, remove };
}

/** A root of its own, as that of a machine is: in a chroot(2) no other root can be taken. */
const ENTER = `
ip link set lo up
mount --bind "$0" "$0" && cd "$0"
mount -t proc proc proc && mount --rbind /dev dev
pivot_root . mnt
exec chroot . env -i HOME=/root DEBIAN_FRONTEND=noninteractive \\
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
  sh -euc 'umount -l /mnt && cd && . ./script'
`;

/** A script in a root file system, as root, in /root, with a loopback and no other network. */
export function runInside(root: string, script: string): Promise<Ended> {
  writeFileSync(join(root, 'root', 'script'), script);
  const [command, ...rest] = [...TIED, '--mount', '--net', 'sh', '-euc', ENTER, root];
  return runCommand(command!, rest, { timeout: 300_000 });
}

/** Paths of all that is no process, device or temporary file. */
export async function listFiles(root: string): Promise<ReadonlySet<string>> {
  const skipped = ['./proc', './dev', './sys', './run', './tmp', './root'];
  const prune = skipped.flatMap((path) => ['-path', path, '-prune', '-o']);
  const { stdout } = await runCommand('find', ['.', ...prune, '-print'], { cwd: root });
  return new Set(stdout.trimEnd().split('\n'));
}

export interface Machine {
  /** Pid of its systemd. */
  readonly pid: number;
  powerOff(): Promise<void>;
  /** A script inside, as root, in /root. */
  run(script: string): Promise<Ended>;
}

/** systemd of a root file system, in systemd-nspawn, with a loopback alone. */
export async function bootDebian(root: string, binds: readonly string[] = []): Promise<Machine> {
  const units = join(root, 'etc', 'systemd', 'system');
  mkdirSync(units, { recursive: true });
  for (const name of MASKED) symlinkSync('/dev/null', join(units, `${name}.service`));
  const kept = ['--register=no', '--keep-unit', '--private-network', '--console=passive', ...binds];
  const [command, ...rest] = [...TIED, '--mount-proc', 'systemd-nspawn', '-q', '-D', root];
  const child = spawn(command!, [...rest, ...kept, '-b'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const pid = await findSystemd(child.pid!);
  const powerOff = onEnd(async () => {
    const timer = setTimeout(() => child.kill('SIGKILL'), POWER_OFF_MS);
    process.kill(pid, POWER_OFF);
    await ended;
    clearTimeout(timer);
  });
  const enter = ['-t', `${pid}`, '-m', '-u', '-i', '-n', '-p', '-C', '--', '/bin/sh', '-c'];
  const home = 'export HOME=/root DEBIAN_FRONTEND=noninteractive; cd; set -eu; ';
  const machine: Machine = {
    pid,
    powerOff,
    run: (script) => runCommand('nsenter', [...enter, home + script], { timeout: 120_000 }),
  };
  await waitForBoot(machine);
  return machine;
}

async function waitForBoot(machine: Machine): Promise<void> {
  let state = '';
  for (const last = performance.now() + BOOT_MS; performance.now() < last; await sleep(200)) {
    state = (await machine.run('systemctl is-system-running')).stdout.trim();
    if (state === 'running' || state === 'degraded') return;
  }
  throw new Error(`systemd does not come up: ${state}`);
}

async function findSystemd(starter: number): Promise<number> {
  for (const last = performance.now() + BOOT_MS; performance.now() < last; await sleep(50)) {
    const found = descendantsOf(starter).find((pid) => isAlive(pid) && nameOf(pid) === 'systemd');
    if (found !== undefined) return found;
  }
  throw new Error('systemd-nspawn started no systemd');
}
