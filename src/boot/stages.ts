// stages.ts: which system calls a worker may make, stage by stage, and why. Data alone.
//
// Stages are built from the last to the first: an earlier one has every row of the later one, and
// its own. So they can only shrink. docs/lockdown.md is made from here.
import { CONNECTIONS_MAX } from '../limits.ts';
import type { Lockdown } from './orders.ts';

/** What is known only when a worker stands there: descriptors, and where V8 keeps its code. */
export type FactName =
  | 'listeners'
  | 'control socket'
  | 'ring epoll'
  | 'epolls of libuv'
  | 'eventfds'
  | 'connections'
  | 'code range'
  | 'standard error';

type Bits = Readonly<Record<string, number>>;

export type Values<Fact extends string = FactName> =
  /** One of these 32-bit numbers; bits of `ignoring` may be set or not. */
  | { readonly oneOf: Readonly<Record<string, number>>; readonly ignoring?: Bits }
  /** This 64-bit number. */
  | { readonly exactly: number; readonly named: string }
  /** Less than a power of two. */
  | { readonly below: number; readonly named: string }
  | { readonly fact: Fact };

export interface Row<Fact extends string = FactName> {
  readonly call: string;
  /** By argument, counted from 0. All hold. */
  readonly where: Readonly<Record<number, Values<Fact>>>;
  readonly why: string;
  /** Only at this level, or only in this mode. */
  readonly only?: Lockdown | 'heap report';
  /** Not made: this is what comes back. For calls that a library tries first. */
  readonly answer?: 'ENOSYS';
}

export const NULL = { exactly: 0, named: 'NULL' };
export const NOT_EXECUTABLE = { below: 4, named: 'PROT_NONE, PROT_READ, PROT_WRITE or both' };
export const EXECUTABLE = { 'PROT_READ|PROT_EXEC': 5, 'PROT_READ|PROT_WRITE|PROT_EXEC': 7 };

/**
 * Bytes. V8 makes code pages of 256 KiB executable. The windows of the rule end so far before the
 * range does, so that no change of protection can reach past it.
 */
export const CODE_CHANGE_BYTES = 1 << 20;

const on = (fact: FactName): Values => ({ fact });
export const oneOf = (values: Readonly<Record<string, number>>) => ({ oneOf: values });

/** Filters ask in this order: what a request needs comes first. */
export const SERVE: readonly Row[] = [
  {
    call: 'recvfrom',
    where: { 0: on('connections'), 3: oneOf({ MSG_DONTWAIT: 0x40 }) },
    why: 'bytes of a client',
  },
  {
    call: 'recvfrom',
    where: { 0: on('control socket'), 3: oneOf({ MSG_DONTWAIT: 0x40 }) },
    why: 'an order of the supervisor',
  },
  {
    call: 'sendmsg',
    where: { 0: on('connections'), 2: oneOf({ MSG_NOSIGNAL: 0x4000 }) },
    why: 'the answers of one connection; once, that the worker is ready',
  },
  { call: 'epoll_wait', where: { 0: on('ring epoll') }, why: 'the turn of the loop' },
  {
    call: 'accept4',
    where: { 0: on('listeners'), 3: oneOf({ 'SOCK_NONBLOCK|SOCK_CLOEXEC': 0x8_0800 }) },
    why: 'a new connection',
  },
  {
    call: 'shutdown',
    where: { 0: on('connections'), 1: oneOf({ SHUT_WR: 1 }) },
    why: 'a lingering close: the peer sees the end',
  },
  { call: 'close', where: { 0: on('connections') }, why: 'the end of a connection' },
  {
    call: 'epoll_ctl',
    where: { 0: on('ring epoll'), 1: oneOf({ EPOLL_CTL_ADD: 1 }), 2: on('connections') },
    why: 'a new connection',
  },
  {
    call: 'epoll_ctl',
    where: {
      0: on('ring epoll'),
      1: oneOf({ EPOLL_CTL_ADD: 1, EPOLL_CTL_DEL: 2 }),
      2: on('listeners'),
    },
    why: 'accepting pauses and resumes; a drain; a neighbour is dead',
  },
  {
    call: 'epoll_ctl',
    where: { 0: on('ring epoll'), 1: oneOf({ EPOLL_CTL_DEL: 2 }), 2: on('control socket') },
    why: 'the supervisor is gone',
  },
  {
    call: 'epoll_pwait',
    where: { 0: on('epolls of libuv'), 4: NULL },
    why: "a thread of Node's waits again, as after SIGCONT",
  },
  {
    call: 'write',
    where: { 0: on('eventfds'), 2: { exactly: 8, named: '8' } },
    why: 'V8 wakes another thread: allocation under pressure',
  },
  {
    call: 'write',
    where: { 0: on('standard error') },
    why: 'reports of the heap, for measurements',
    only: 'heap report',
  },
  {
    call: 'futex',
    where: { 1: oneOf({ FUTEX_WAIT_PRIVATE: 128, FUTEX_WAKE_PRIVATE: 129 }) },
    why: "locks of V8's threads",
  },
  {
    call: 'futex',
    where: {
      1: { oneOf: { FUTEX_WAIT_BITSET_PRIVATE: 137 }, ignoring: { FUTEX_CLOCK_REALTIME: 256 } },
    },
    why: "V8's threads wait for work",
  },
  {
    call: 'mmap',
    where: {
      2: NOT_EXECUTABLE,
      3: {
        oneOf: { 'MAP_PRIVATE|MAP_ANONYMOUS': 0x22 },
        ignoring: { MAP_FIXED: 0x10, MAP_NORESERVE: 0x4000, MAP_STACK: 0x2_0000 },
      },
      4: oneOf({ '-1': -1 }),
    },
    why: 'memory of V8 and of the C library',
  },
  { call: 'munmap', where: {}, why: 'memory of V8 and of the C library' },
  {
    call: 'madvise',
    where: { 2: oneOf({ MADV_DONTNEED: 4, MADV_FREE: 8, MADV_DONTFORK: 10 }) },
    why: 'memory of V8',
  },
  { call: 'mprotect', where: { 2: NOT_EXECUTABLE }, why: 'memory of V8 and of the C library' },
  {
    call: 'mprotect',
    where: {
      0: on('code range'),
      1: { below: CODE_CHANGE_BYTES, named: 'less than 1 MiB' },
      2: oneOf(EXECUTABLE),
    },
    why: 'code that V8 compiles',
    only: 'standard',
  },
  { call: 'brk', where: {}, why: 'memory of the C library' },
  {
    call: 'clock_gettime',
    where: { 0: { below: 8, named: "a clock of the kernel's own" } },
    why: 'time, where the clock source has no fast path',
  },
  { call: 'getpid', where: {}, why: 'V8 asks at each collection' },
  { call: 'restart_syscall', where: {}, why: 'a wait goes on after SIGCONT' },
  { call: 'rt_sigreturn', where: {}, why: 'the return from a signal handler' },
  { call: 'exit_group', where: {}, why: 'the end of the worker' },
];

/** More than are open before the first connection, and all connections. */
const DESCRIPTORS_END = 2 * (CONNECTIONS_MAX + 1);
/**
 * Which of them are connections is known when the descriptors are in order, the last thing the load
 * stage does. The serve stage then compares once, with the first one, and leaves it to this to
 * refuse a number with an upper half, which the kernel would cut off: both filters are asked.
 */
export const DESCRIPTOR = { below: DESCRIPTORS_END, named: 'a descriptor' };

function beforeConnections(row: Row): Row {
  const known = Object.entries(row.where).map(([argument, values]) => {
    return [argument, 'fact' in values && values.fact === 'connections' ? DESCRIPTOR : values];
  });
  return { ...row, where: Object.fromEntries(known) };
}

const LOAD_ALONE: readonly Row[] = [
  {
    call: 'fcntl',
    where: { 1: oneOf({ F_GETFD: 1, F_DUPFD_CLOEXEC: 1030 }) },
    why: 'free descriptor numbers are filled',
  },
  { call: 'prlimit64', where: { 0: { exactly: 0, named: 'itself' }, 2: NULL }, why: 'how many' },
  { call: 'seccomp', where: {}, why: 'the serve stage' },
  {
    call: 'prctl',
    where: { 0: oneOf({ PR_SET_NO_NEW_PRIVS: 38 }) },
    why: 'the serve stage',
  },
  {
    call: 'write',
    where: { 0: on('standard error') },
    why: 'what Node says when the warm-up goes wrong',
  },
];

export const LOAD: readonly Row[] = [...SERVE.map(beforeConnections), ...LOAD_ALONE];

/** Of who verifies an archive, and has nobody to serve. */
export const VERIFY: readonly Row[] = [
  ...SERVE,
  { call: 'gettimeofday', where: {}, why: 'time, where the clock source has no fast path' },
];

export interface Mode {
  readonly lockdown: Lockdown;
  readonly heapReport: boolean;
}

export function rowsOf(stage: readonly Row[], mode: Mode): readonly Row[] {
  const names = [mode.lockdown, ...(mode.heapReport ? ['heap report'] : [])];
  return stage.filter(({ only }) => only === undefined || names.includes(only));
}
