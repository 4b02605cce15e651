// units.full.test.ts: cdbserve as a unit of a real systemd, which runs in systemd-nspawn over the
// /usr of this machine. Its programs, its root and its network are its own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { Machine } from '../support/debian.ts';
import { WITHIN } from '../support/install.ts';
import { record } from '../support/ledger.ts';
import { packSite } from '../support/site.ts';
import { fetchInside, isRoot } from '../support/starts.ts';
import { bootUnits } from '../support/units.ts';

const START_MS = 15_000;
const READ_BACK = 'system calls filtered (standard, 4 of 4 threads)';
const LANDLOCK =
  'Landlock (EPERM: the kernel is older than 5.13 or started without it, or an outer';
const CLONE3 = 'read-only root (ENOSYS: a container runtime or a systemd unit hides clone3, or the';

/** What systemd.exec(5) has for a service that needs nothing. */
const HARD = `
DynamicUser=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
`;

interface Unit {
  readonly name: string;
  readonly settings: string;
  readonly flags?: string;
  /** Of its only line. */
  readonly said: readonly string[];
  readonly exit: number;
}

const units: readonly Unit[] = [
  { name: 'bare', settings: '', said: [`workers without ${LANDLOCK}`, READ_BACK], exit: 0 },
  {
    name: 'without-namespaces',
    settings: 'RestrictNamespaces=yes',
    said: ['workers without mount namespace, network namespace', CLONE3, LANDLOCK, READ_BACK],
    exit: 0,
  },
  {
    name: 'required',
    settings: 'RestrictNamespaces=yes',
    flags: '--sandbox require',
    said: ['Missing: mount namespace', 'Remedy: ', 'the unit without RestrictNamespaces='],
    exit: 4,
  },
  { name: 'hard', settings: HARD, said: ['seccomp gave EPERM', 'Remedy: '], exit: 4 },
  {
    name: 'hard-with-seccomp',
    settings: `${HARD}SystemCallFilter=seccomp`,
    said: ['workers without user namespace, mount namespace', LANDLOCK, 'not read back: no /proc'],
    exit: 0,
  },
];

let root: string;
let machine: Machine;

function textOf({ name, settings, flags = '' }: Unit, port: number): string {
  const { node, program, archive } = WITHIN;
  const listen = `--listen 127.0.0.1:${port} --workers 1`;
  const output = ['Output', 'Error'].map((end) => `Standard${end}=file:/var/log/${name}`);
  const start = `ExecStart=${node} ${program} ${archive} ${listen} ${flags}`;
  return ['[Service]', 'Type=exec', start, ...output, settings, ''].join('\n');
}

function control(args: string): ReturnType<Machine['run']> {
  return machine.run(`systemctl ${args}`);
}

beforeAll(async () => {
  if (!isRoot) return;
  const { archive } = await packSite({ 'index.html': '<p>root' });
  const texts = units.map((unit, index) => [unit.name, textOf(unit, 8_081 + index)] as const);
  ({ root, machine } = await bootUnits(archive, new Map(texts)));
}, 120_000);

async function lineOf(unit: Unit): Promise<string> {
  const last = performance.now() + START_MS;
  const log = join(root, 'var/log', unit.name);
  for (; performance.now() < last; await sleep(50)) {
    const line = existsSync(log) ? /^.*\n/m.exec(readFileSync(log, 'utf8'))?.[0] : undefined;
    if (line !== undefined) return line.trim();
  }
  throw new Error(`unit ${unit.name} says nothing`);
}

test.each(isRoot ? units : [])('unit $name: what it says, and exit $exit', async (unit) => {
  await control(`start ${unit.name}`);
  const line = await lineOf(unit);
  for (const text of unit.said) expect(line).toContain(text);
  if (unit.exit === 0) {
    const port = 8_081 + units.indexOf(unit);
    expect(await fetchInside(machine.pid, `http://127.0.0.1:${port}/`)).toBe('<p>root');
  }
  await control(`stop ${unit.name}`);
  const { stdout } = await control(`show ${unit.name} -p ExecMainStatus`);
  expect(stdout.trim()).toBe(`ExecMainStatus=${unit.exit}`);
  record(`start: unit ${unit.name}`, { exit: unit.exit, said: unit.said.join(' … ') });
});
