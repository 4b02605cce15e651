// check.test.ts: --check as root, as an ordinary user, and where the machine gives less.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Row } from '../src/ops/judge.ts';
import { SPAWNER, SUPERVISOR } from '../src/ops/protect_keepers.ts';
import { WORKER } from '../src/ops/protect_worker.ts';
import type { Report } from '../src/ops/report.ts';
import { packageRoot, version } from '../src/paths.ts';
import { onEnd } from './support/cleanup.ts';
import { descendantsOf } from './support/proc.ts';
import { program, startServer } from './support/server.ts';
import { type Ended, packSite, runCommand, temporaryFolder } from './support/site.ts';
import { asOrdinary, isRoot, withoutNamespace } from './support/starts.ts';

interface Checked extends Ended {
  readonly report: Report;
}

async function check(wrapper: readonly string[], ...args: readonly string[]): Promise<Checked> {
  const all = [...wrapper, process.execPath, program, '--check', '--json', '--workers', '1'];
  const [command, ...rest] = [...all, ...args];
  const ended = await runCommand(command!, rest, { timeout: 20_000 });
  return { ...ended, report: JSON.parse(ended.stdout) as Report };
}

function rowsOf({ report }: Checked, process = 'worker'): readonly Row[] {
  return report.processes.find((inspected) => inspected.process === process)!.protections;
}

const stateOf = (checked: Checked, id: string): string =>
  rowsOf(checked).find((row) => row.id === id)!.state;
const bad = (checked: Checked): string[] =>
  checked.report.processes.flatMap(({ process, protections }) =>
    protections
      .filter(({ state }) => state === 'missing' || state === 'unknown')
      .map(({ id }) => `${process} ${id}`),
  );

const ways: readonly (readonly [who: string, wrapper: readonly string[]])[] = isRoot
  ? [
      ['root', []],
      ['an ordinary user', asOrdinary],
    ]
  : [['an ordinary user', []]];

test.each(ways)(
  'started by %s all is there, and the JSON is as documented',
  async (who, wrapper) => {
    const checked = await check(wrapper, '--sandbox', 'require');
    expect([bad(checked), checked.code, checked.stderr]).toEqual([[], 0, '']);
    const { processes, ...head } = checked.report;
    expect(head).toEqual({
      version,
      kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
      node: process.version,
      startedAsRoot: who === 'root',
      sandbox: 'require',
      lockdown: 'standard',
      exitCode: 0,
    });
    const tables = { supervisor: SUPERVISOR, spawner: SPAWNER, worker: WORKER };
    expect(processes.map((one) => one.process)).toEqual(Object.keys(tables));
    for (const one of processes) {
      expect(Object.keys(one)).toEqual(['process', 'number', 'pid', 'protections']);
      expect(one.protections.map(({ id }) => id)).toEqual(tables[one.process].map(({ id }) => id));
      one.protections.forEach(expectRow);
      expect(existsSync(`/proc/${one.pid}`)).toBe(false);
    }
  },
);

function expectRow(row: Row): void {
  const { id, name, value, needed, state, source, cause, remedy, details = [] } = row;
  for (const text of [id, name, value, ...details]) expect(text).toMatch(/^[^\0-\x1f]+$/);
  expect(['core', 'extra', 'info']).toContain(needed);
  expect(['ok', 'missing', 'unknown', 'info']).toContain(state);
  expect(['kernel', 'worker', 'spawner']).toContain(source);
  expect([typeof cause, typeof remedy]).toEqual(['undefined', 'undefined']);
  const keys = ['id', 'name', 'value', 'needed', 'source', 'state', 'details'];
  expect(Object.keys(row).filter((key) => !keys.includes(key))).toEqual([]);
}

test('where user namespaces are forbidden it says what is missing, why, and what to do', async () => {
  const poor = await check(withoutNamespace('user'));
  expect(poor.code).toBe(0);
  const missing = rowsOf(poor).filter(({ state }) => state === 'missing');
  expect(missing.map(({ id }) => id).join(' ')).toBe(
    'capabilities_bounding securebits namespace_user namespace_mount namespace_network ' +
      'namespace_pid namespace_ipc namespace_uts namespace_cgroup root network_interfaces ' +
      'other_processes',
  );
  for (const { cause, remedy } of missing) {
    expect(cause).toBe('a limit below /proc/sys/user is reached or 0 (ENOSPC)');
    expect(remedy).toContain('user.max_user_namespaces');
  }
  expect(bad(poor).filter((row) => !row.startsWith('worker'))).toEqual([]);
  const required = await check(withoutNamespace('user'), '--sandbox', 'require');
  expect([required.code, bad(required)]).toEqual([4, bad(poor)]);
});

test('without a mount namespace only what follows from it is missing', async () => {
  const poor = await check(withoutNamespace('mnt'));
  expect([poor.code, bad(poor)]).toEqual([0, ['worker namespace_mount', 'worker root']]);
});

test('with --sandbox off core protections are missing: exit 4', async () => {
  const checked = await check([], '--sandbox', 'off');
  expect([checked.code, checked.report.exitCode]).toEqual([4, 4]);
  for (const id of ['no_new_privs', 'seccomp', 'system_calls', 'limit_file_size', 'not_dumpable'])
    expect([id, stateOf(checked, id)]).toEqual([id, 'missing']);
  for (const row of rowsOf(checked).filter(({ state }) => state === 'missing'))
    expect([row.id, row.cause, row.remedy]).toEqual([row.id, '--sandbox off', 'start without it']);
  for (const id of ['archive_seals', 'environment', 'descriptors'])
    expect([id, stateOf(checked, id)]).toEqual([id, 'ok']);
});

test('jitless: no memory can become executable', async () => {
  const checked = await check([], '--lockdown', 'jitless', '--sandbox', 'require');
  expect([checked.code, bad(checked)]).toEqual([0, []]);
  const row = (id: string): Row => rowsOf(checked).find((one) => one.id === id)!;
  expect(row('executable_memory').value).toBe('none');
  expect(row('exec_gain')).toMatchObject({ value: 'set', needed: 'extra' });
  expect(row('system_calls').value).toMatch(/^\d+ \(jitless\)$/);
});

test('beside a service that runs, whatever its port; a named archive and port are taken', async () => {
  const { archive } = await packSite({ 'index.html': '<p>root' });
  const server = await startServer(archive);
  expect((await check([], archive)).code).toBe(0);
  const taken = await check([], archive, '--listen', `127.0.0.1:${server.port}`);
  expect([taken.code, taken.report.exitCode, taken.report.processes]).toEqual([5, 5, []]);
  expect(taken.report.failure).toMatch(/^cdbserve: cannot bind .*EADDRINUSE/);
  expect(taken.stderr.trim()).toBe(taken.report.failure);
  await server.stop();
});

test.each(['127.0.0.1:0', 'unix:'])(
  'with all options of a service that runs, --admin %s, its log and socket stay',
  async (place) => {
    const { archive } = await packSite({ 'index.html': '<p>root' });
    const folder = temporaryFolder();
    chmodSync(folder, 0o777); // started by root it is somebody else who writes
    const file = (name: string): string => join(folder, name);
    const admin = place === 'unix:' ? `${place}${file('admin.sock')}` : place;
    const server = await startServer(archive, ['--admin', admin, '--access-log', file('log')]);
    const bound = / admin http:\/\/([^/]+)/.exec(server.startLine)?.[1] ?? admin;
    const before = readdirSync(folder);
    const options = [archive, '--admin', bound, '--access-log'];
    for (const log of ['log', 'other'])
      expect(await check([], ...options, file(log))).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(file('log'), 'utf8')).toBe('');
    await server.stop();
  },
);

test('what is no archive ends as serving it would', async () => {
  const broken = await check([], program);
  expect([broken.code, broken.report.processes]).toEqual([3, []]);
  expect((await check([], '/nowhere.cdb')).code).toBe(1);
});

test.each([
  ['--json', '--json goes with --check.'],
  ['--check=yes', '--check is a switch'],
])('%s: usage', async (option, text) => {
  const ended = await runCommand(process.execPath, [program, 'site.cdb', option]);
  expect([ended.code, ended.stdout]).toEqual([2, '']);
  expect(ended.stderr).toContain(text);
});

test('for people: groups, one row a protection, files with --verbose', async () => {
  const args = [program, '--check', '--workers', '2', '--verbose'];
  const { stdout, code } = await runCommand(process.execPath, args);
  expect(code).toBe(0);
  const groups = [...stdout.matchAll(/^(\w+(?: \d)?) \(pid \d+\)$/gm)].map(([, name]) => name);
  expect(groups).toEqual(['supervisor', 'spawner', 'worker 1', 'worker 2']);
  expect(stdout).toMatch(/^ {2}no_new_privs +set +core {3}ok$/m);
  expect(stdout).toMatch(/^ {2}root file system +own, read-only, \d+ files +extra {2}ok\n {4}\//m);
  expect(stdout).toMatch(/^\d+ of \d+ core and \d+ of \d+ extra protections hold: exit 0\n$/m);
});

test('who kills it in between leaves nothing behind', async () => {
  const args = [program, '--check', '--workers', '1'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  onEnd(() => void child.kill('SIGKILL'));
  let family: number[] = [];
  for (let wait = 0; wait < 500 && family.length < 3; wait++) {
    await sleep(5);
    family = descendantsOf(child.pid!);
  }
  child.kill('SIGKILL');
  const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
  for (let wait = 0; wait < 400 && family.some(isAlive); wait++) await sleep(20);
  expect(family.length).toBeGreaterThanOrEqual(3);
  expect(family.filter(isAlive)).toEqual([]);
});

test('docs/check.md has every row', () => {
  const text = readFileSync(join(packageRoot, 'docs', 'check.md'), 'utf8');
  const ids = [...SUPERVISOR, ...SPAWNER, ...WORKER].map(({ id }) => id);
  expect(ids.filter((id) => !text.includes(`\`${id}\``))).toEqual([]);
});

test.each(isRoot ? [41_005] : [])(
  'groups that group %d has stay, and are counted',
  async (group) => {
    const wrapper = ['setpriv', '--reuid', '41001', '--regid', '41001', '--groups', `${group},1`];
    const checked = await check(wrapper);
    const groups = rowsOf(checked).find(({ id }) => id === 'groups')!;
    expect([groups.value, groups.state]).toEqual([`2 stay: 1 ${group}`, 'info']);
  },
);
