// supervisor_rows.test.ts: what the supervisor's table has, and what it must never have.
import { expect, test } from 'vitest';
import {
  SUPERVISOR,
  type SupervisorFact,
  type SupervisorRow,
} from '../../src/boot/supervisor_rows.ts';
import { type Facts, descriptors, flatten, rulesOf } from '../../src/boot/rules.ts';
import { JOURNAL } from '../../src/ops/journal.ts';

const FACTS: Facts<SupervisorFact> = {
  'own process': [],
  'socket of the spawner': [],
  'code range': [],
  'listener of --admin': [],
  'folder of --access-log': [],
};

function rowsOf(call: string): SupervisorRow[] {
  return SUPERVISOR.filter((row) => row.call === call);
}

/** Whether a call with these arguments is let through. */
function allows(call: string, ...values: readonly bigint[]): boolean {
  return allowsWith(FACTS, call, ...values);
}

function allowsWith(
  facts: Facts<SupervisorFact>,
  call: string,
  ...values: readonly bigint[]
): boolean {
  return rulesOf(rowsOf(call), facts).some(
    ({ fault, comparisons }) =>
      fault === undefined &&
      comparisons.every(([argument, { mask, value }]) => {
        return ((values[argument] ?? 0n) & mask) === value;
      }),
  );
}

test('nothing starts, reaches out, becomes somebody else, or changes the machine', () => {
  const gone = [
    'fork vfork execve execveat mount umount2 pivot_root chroot unshare setns',
    'setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset',
    'ptrace process_vm_readv process_vm_writev kill tkill pidfd_open pidfd_getfd',
    'pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo socket connect bind listen accept',
    'sendto sendmmsg bpf io_uring_enter io_uring_register',
    'perf_event_open keyctl add_key request_key userfaultfd init_module finit_module',
    'delete_module kexec_load kexec_file_load reboot open openat2 creat open_by_handle_at',
    'unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir link linkat symlink symlinkat',
    'chmod fchmod fchmodat chown fchown lchown fchownat truncate mknod mknodat seccomp',
    'setrlimit personality pkey_mprotect remap_file_pages shmget shmat io_setup',
  ].flatMap((line) => line.split(' '));
  const names = new Set(SUPERVISOR.map(({ call }) => call));
  expect(gone.filter((name) => names.has(name))).toEqual([]);
  expect(names.size).toBeLessThan(90);
});

test('a file is opened to be read, whatever else is asked for', () => {
  const flags = (bits: bigint): boolean => allows('openat', 0n, 0n, bits);
  expect([0n, 0x8_0000n, 0x9_0800n].map(flags)).toEqual([true, true, true]);
  // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE, O_PATH.
  const writing = [1n, 2n, 0x40n, 0x200n, 0x400n, 0x41_0000n, 0x20_0000n];
  expect(writing.map(flags)).toEqual(writing.map(() => false));
});

test('with a log file one can be opened to append to it, and cut none', () => {
  const facts = { ...FACTS, 'folder of --access-log': descriptors([0xffff_ff9c]) };
  const flags = (bits: bigint, folder = -100n): boolean =>
    allowsWith(facts, 'openat', BigInt.asUintN(64, folder), 0n, bits);
  expect([0x441n, 0x8_0d41n, 0n].map((bits) => flags(bits))).toEqual([true, true, true]);
  const others = [1n, 2n, 0x41n, 0x442n, 0x641n, 0x401n, 0x41_0441n, 0x20_0441n];
  expect(others.map((bits) => flags(bits))).toEqual(others.map(() => false));
  expect(flags(0x441n, 3n)).toBe(false);
});

test('where records were read is noted at its place alone', () => {
  expect(JOURNAL.read).toBe(20_576);
  expect(allows('pwrite64', 9n, 0n, 8n, 20_576n)).toBe(true);
  expect([allows('pwrite64', 9n, 0n, 8n, 0n), allows('pwrite64', 9n, 0n, 16n, 20_576n)]).toEqual([
    false,
    false,
  ]);
});

test('a thread is made and no process, and clone3 is answered', () => {
  expect(allows('clone', 0x3d_0f00n)).toBe(true);
  const others = [17n, 0x3d_0f00n & ~0x1_0000n, 0x3d_0f00n | 0x1000_0000n, 0n];
  expect(others.map((flags) => allows('clone', flags))).toEqual(others.map(() => false));
  expect(allows('clone3')).toBe(false);
  expect(flatten(rulesOf(rowsOf('clone3'), FACTS))[0]).toBe('clone3=38');
});

test('there is no queue for calls that no filter would see', () => {
  expect(allows('io_uring_setup')).toBe(false);
  expect(flatten(rulesOf(rowsOf('io_uring_setup'), FACTS))[0]).toBe('io_uring_setup=38');
});

test('sockets come in pairs, of one family; memory becomes executable nowhere else', () => {
  expect(allows('socketpair', 1n, 0x8_0001n)).toBe(true);
  expect([2n, 10n, 16n, 40n].some((family) => allows('socketpair', family, 0x8_0001n))).toBe(false);
  for (const call of ['mmap', 'mprotect']) {
    expect([3n, 4n, 5n, 7n].map((bits) => allows(call, 0n, 0n, bits))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  }
});

test('nobody is accepted, but at the listener of --admin where there is one', () => {
  const flags = 0x8_0800n;
  expect(allows('accept4', 7n, 0n, 0n, flags)).toBe(false);
  const facts = { ...FACTS, 'listener of --admin': descriptors([7]) };
  expect(allowsWith(facts, 'accept4', 7n, 0n, 0n, flags)).toBe(true);
  for (const [listener, address, length, bits] of [
    [8n, 0n, 0n, flags],
    [7n, 1n, 0n, flags],
    [7n, 0n, 1n, flags],
    [7n, 0n, 0n, 0n],
  ] as const) {
    expect(allowsWith(facts, 'accept4', listener, address, length, bits)).toBe(false);
  }
});

test('every row has a reason, and each argument one constraint', () => {
  for (const { call, why, where } of SUPERVISOR) {
    expect(why, call).toMatch(/^\S.*[^.]$/);
    for (const argument of Object.keys(where)) expect('012345').toContain(argument);
  }
});
