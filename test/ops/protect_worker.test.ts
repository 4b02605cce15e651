// protect_worker.test.ts: each row of a worker fails when its protection is gone.
import { expect, test } from 'vitest';
import { type Facts, parseStatus } from '../../src/ops/facts.ts';
import { judge } from '../../src/ops/judge.ts';
import { WORKER } from '../../src/ops/protect_worker.ts';
import type { Seen } from '../../src/ops/protection.ts';
import { BLIND, FACTS, REPORT, SEEN, STATUS, TOLD, seen } from '../support/seen.ts';

/** One thread is as it must be, the other has this line in place of its own. */
function other(line: string): Seen {
  const [name] = line.split(':');
  const text = STATUS.replace(new RegExp(`^${name}:.*$`, 'm'), line);
  return seen({ threads: [parseStatus(STATUS), parseStatus(text)] });
}

const itself = (fact: Partial<typeof REPORT.process>): Seen =>
  seen({}, { process: { ...REPORT.process, ...fact } });
const shared = (name: string): Seen =>
  seen({ namespaces: new Map([...FACTS.namespaces, [name, `${name}:[1]`]]) });
const limited = (name: string, soft: string, hard = soft): Seen =>
  seen({ limits: new Map([...FACTS.limits!, [name, [soft, hard]]]) });
const without = (step: string): Seen => ({
  ...SEEN,
  told: { ...TOLD, taken: TOLD.taken.filter((taken) => taken !== step) },
});
const { calls: _calls, codeRange: _codeRange, ...unlocked } = REPORT;
const jitless = (facts: Partial<Facts>, execGainRefused: number): Seen => ({
  ...seen(facts, { process: { ...REPORT.process, execGainRefused } }),
  expected: { ...SEEN.expected, lockdown: 'jitless' },
});

const GONE: readonly (readonly [id: string, gone: Seen])[] = [
  ['uid', other('Uid:\t7\t7\t0\t7')],
  ['gid', other('Gid:\t8\t0\t8\t8')],
  ['capabilities_effective', other('CapEff:\t0000000000000001')],
  ['capabilities_permitted', other('CapPrm:\t0000000000200000')],
  ['capabilities_inheritable', other('CapInh:\tnonsense')],
  ['capabilities_ambient', other('CapAmb:\t')],
  ['capabilities_bounding', other('CapBnd:\t000001ffffffffff')],
  ['securebits', itself({ securebits: 0xee })],
  ['no_new_privs', other('NoNewPrivs:\t0')],
  ['not_dumpable', itself({ dumpable: 1 })],
  ['namespace_user', shared('user')],
  ['namespace_mount', shared('mnt')],
  ['namespace_network', shared('net')],
  ['namespace_pid', shared('pid')],
  ['namespace_ipc', shared('ipc')],
  ['namespace_uts', shared('uts')],
  ['namespace_cgroup', shared('cgroup')],
  ['root', seen({ mounts: [{ place: '/', type: 'ext4', readOnly: true }] })],
  ['root', seen({ mounts: [{ place: '/', type: 'tmpfs', readOnly: false }] })],
  ['network_interfaces', seen({ interfaces: ['lo', 'eth0'] })],
  ['network_interfaces', seen({ addresses: ['127.0.0.1'] })],
  ['other_processes', seen({ neighbours: 1 })],
  ['other_processes', shared('pid')],
  ['landlock_files', without('LANDLOCK_FILES')],
  ['landlock_network', without('LANDLOCK_NETWORK')],
  ['landlock_scope', without('LANDLOCK_SCOPE')],
  ['limit_open_files', limited('Max open files', '100')],
  ['limit_data_size', limited('Max data size', 'unlimited')],
  ['limit_file_size', limited('Max file size', 'unlimited')],
  ['limit_core_size', limited('Max core file size', '0', '1')],
  ['limit_locked_memory', limited('Max locked memory', '8388608')],
  ['limit_message_queues', limited('Max msgqueue size', '1')],
  ['limit_processes', limited('Max processes', '0', 'unlimited')],
  ['environment', seen({ environment: ['TZ', 'LD_PRELOAD'] })],
  ['descriptors', seen({ descriptors: ['socket', '/etc/shadow'] })],
  ['death_signal', itself({ deathSignal: 0 })],
  ['death_signal', itself({ deathSignal: -1 })],
  ['seccomp', other('Seccomp:\t0')],
  ['seccomp', other('Seccomp_filters:\t2')],
  ['system_calls', { ...SEEN, told: { ...TOLD, report: unlocked } }],
  ['executable_memory', { ...SEEN, told: { ...TOLD, report: unlocked } }],
  ['executable_memory', seen({ executable: [{ from: 0xfff_ffn, to: 0x100_001n }] })],
  ['executable_memory', seen({ executable: [{ from: 0xfffn, to: 0x1001n }] })],
  ['archive_seals', seen({}, { seals: 0x27 })],
  ['mapping_sealed', seen({}, { msealed: false })],
];

test.each(GONE)('%s', (id, gone) => {
  const stateOf = (what: Seen): string => judge(WORKER, what).find((row) => row.id === id)!.state;
  expect([stateOf(SEEN), stateOf(gone)]).toEqual(['ok', 'missing']);
});

test('jitless: no executable memory, and none to come', () => {
  const rowsOf = (what: Seen): string[] =>
    judge(WORKER, what)
      .filter(({ id }) => id === 'executable_memory' || id === 'exec_gain')
      .map(({ value, state }) => `${value}: ${state}`);
  expect(rowsOf(jitless({ executable: [] }, 1))).toEqual(['none: ok', 'set: ok']);
  expect(rowsOf(jitless({ executable: [] }, -1))).toEqual(['none: ok', 'not set: missing']);
  expect(rowsOf(jitless({}, 1))).toEqual(['0.0 MiB: missing', 'set: ok']);
  expect(rowsOf(jitless(BLIND, 1))).toEqual(['none: ok', 'set: ok']);
  expect(rowsOf(SEEN)[1]).toBe('not set: info');
});

test('groups, which root alone can give up', () => {
  const stateOf = (isRoot: boolean): string =>
    judge(WORKER, { ...other('Groups:\t4'), expected: { ...SEEN.expected, isRoot } }).find(
      ({ id }) => id === 'groups',
    )!.state;
  expect([stateOf(true), stateOf(false)]).toEqual(['missing', 'info']);
});

test('no row is left out here', () => {
  const tried = new Set([...GONE.map(([id]) => id), 'groups', 'exec_gain']);
  expect(WORKER.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([]);
});
