// probe.ts: builds native/test/probe.cc, hands it a filter, gives the calls that are let through.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Lockdown } from '../../src/boot/orders.ts';
import { descriptors, from, range, rulesOf } from '../../src/boot/rules.ts';
import type { Facts, Rule } from '../../src/boot/rules.ts';
import { CODE_CHANGE_BYTES, LOAD, SERVE, rowsOf } from '../../src/boot/stages.ts';
import { loadWall } from '../../src/native.ts';
import { addonPath, packageRoot } from '../../src/paths.ts';
import { temporaryFolder } from '../support/site.ts';

export type Kind =
  | 'zero'
  | 'ones'
  | 'plausible'
  /** An upper half above the number of an eventfd, which the kernel cuts off. */
  | 'halves'
  | 'right'
  | 'x32'
  | 'int80'
  | 'sockets';

/** In the order in which they are put in force. */
export type Filters = readonly (readonly Rule[])[];

/** As native/test/probe.cc lays them out. */
const CODE = 0x2000_0000_0000n;
const CODE_BYTES = 0x2004_0000n;
const FACTS: Facts = {
  'control socket': descriptors([43]),
  listeners: descriptors([44]),
  'ring epoll': descriptors([45]),
  'epolls of libuv': descriptors([46]),
  eventfds: descriptors([47]),
  connections: from(48n),
  'code range': range(CODE, CODE + CODE_BYTES - BigInt(CODE_CHANGE_BYTES)),
  'standard error': [],
};

/**
 * The last list of Kawipiko, by the names of its public source (its file seccomp.go of the server),
 * as a filter of ours: no argument is looked at.
 */
export const NAMES_ALONE: Filters = [
  [
    'accept4 close getsockname getpeername getsockopt setsockopt read write pread64 pwrite64',
    'recvmmsg sendmsg epoll_ctl epoll_pwait getrandom getrusage brk mmap munmap madvise mprotect',
    'clone3 getpid gettid tgkill exit_group sched_yield nanosleep sigaltstack rt_sigaction',
    'rt_sigprocmask rt_sigreturn restart_syscall futex set_robust_list rseq',
  ].flatMap((line) => line.split(' ').map((call) => ({ call, comparisons: [] }))),
];

export const NONE: Filters = [];

/** Numbers 0 to 500 are tried. */
const END = 501;
/**
 * uretprobe and uprobe: the kernel asks no filter about them, and outside of its own trampoline
 * answers with SIGILL.
 */
const NEVER_ASKED = [335, 336];

const wall = loadWall(addonPath('wall'));
const program = join(temporaryFolder(), 'probe');
const native = join(packageRoot, 'native');
const sources = ['test/probe.cc', 'lockdown.cc', 'process.cc'].map((name) => join(native, name));
execFileSync('g++', ['-std=c++17', '-O1', ...sources, '-l:libseccomp.a', '-o', program]);

export function filtersOf(lockdown: Lockdown): Filters {
  const mode = { lockdown, heapReport: false };
  return [LOAD, SERVE].map((stage) => rulesOf(rowsOf(stage, mode), FACTS));
}

function textOf({ call, comparisons }: Rule): string {
  const hex = (number: bigint): string => number.toString(16);
  const parts = comparisons.map(([at, { mask, value }]) => `${at}:${hex(mask)}:${hex(value)}`);
  return [call, ...parts].join(' ');
}

/** Names of the calls that the kernel carries out, in order; a call that waits counts. */
export function survivors(filters: Filters, kind: Kind, timeoutMs: number): string[] {
  const tables = filters.map((rules) => rules.map((rule) => `${textOf(rule)}\n`).join(''));
  const input = tables.join('\n');
  const args = [kind, '0', String(END), String(timeoutMs)];
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the probe ended with ${status}: ${stderr}`);
  const numbers = new Set(stdout.split('\n').filter(Boolean).map(Number));
  const asked = [...numbers].filter((number) => !NEVER_ASKED.includes(number));
  return asked.map((number) => wall.callName(number) || String(number)).sort();
}
