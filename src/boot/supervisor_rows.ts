// supervisor_rows.ts: which system calls the supervisor may make once it has given up root, and
// why. Data alone.
//
// Wider than a worker's: Node goes on with its loop, timers and collections, reads files, and
// makes channels for workers. docs/lockdown.md is made from here.
import { JOURNAL_READ_AT } from './orders.ts';
import { CODE_CHANGE_BYTES, EXECUTABLE, NOT_EXECUTABLE, NULL, type Row, oneOf } from './stages.ts';

export type SupervisorFact =
  | 'own process'
  | 'socket of the spawner'
  | 'code range'
  | 'listener of --admin'
  | 'folder of --access-log';
export type SupervisorRow = Row<SupervisorFact>;

const O_CLOEXEC = 0x8_0000;
/** What open(2) may be asked for beside reading: nothing that writes, creates or cuts. */
const READING = {
  O_CLOEXEC,
  O_NONBLOCK: 0x800,
  O_DIRECTORY: 0x1_0000,
  O_NOFOLLOW: 0x2_0000,
  O_LARGEFILE: 0x8000,
  O_NOCTTY: 0x100,
};
/** CLONE_* of pthread_create(3), all of them and no other: a thread, never a process. */
const THREAD = 0x3d_0f00;

/** Calls without a constraint, all for one reason. */
function free(why: string, calls: string): SupervisorRow[] {
  return calls.split(' ').map((call) => ({ call, where: {}, why }));
}

const MEMORY: readonly SupervisorRow[] = [
  { call: 'mmap', where: { 2: NOT_EXECUTABLE }, why: 'memory of V8 and of the C library' },
  { call: 'mprotect', where: { 2: NOT_EXECUTABLE }, why: 'memory of V8 and of the C library' },
  {
    call: 'mprotect',
    where: {
      0: { fact: 'code range' },
      1: { below: CODE_CHANGE_BYTES, named: 'less than 1 MiB' },
      2: oneOf(EXECUTABLE),
    },
    why: 'code that V8 compiles',
  },
  ...free('memory of V8 and of the C library', 'munmap mremap madvise brk membarrier'),
];

const THREADS: readonly SupervisorRow[] = [
  {
    call: 'clone',
    where: { 0: oneOf({ 'CLONE_THREAD and what belongs to it': THREAD }) },
    why: 'a thread of libuv: no process',
  },
  {
    call: 'clone3',
    where: {},
    why: 'its flags lie where no filter looks: the C library takes clone then',
    answer: 'ENOSYS',
  },
  ...free('threads begin, wait and end', 'set_robust_list rseq futex exit sched_yield'),
  ...free(
    'threads begin, wait and end',
    'sched_getaffinity sched_getparam sched_getscheduler gettid sigaltstack',
  ),
  {
    call: 'prctl',
    where: { 0: oneOf({ PR_SET_NAME: 15, PR_SET_VMA: 0x5356_4d41 }) },
    why: 'names of threads and of their memory',
  },
];

const FILES: readonly SupervisorRow[] = [
  {
    call: 'openat',
    where: { 2: { oneOf: { O_RDONLY: 0 }, ignoring: READING } },
    why: 'a new archive; what /proc tells of workers',
  },
  ...free('what is open is read and looked at', 'read pread64 lseek close fstat getdents64'),
  ...free('files are looked at', 'newfstatat statx access faccessat readlink readlinkat getcwd'),
  ...free('lines for the operator; libuv wakes its loop', 'write writev'),
  {
    call: 'fcntl',
    where: {
      1: oneOf({
        F_GETFD: 1,
        F_SETFD: 2,
        F_GETFL: 3,
        F_SETFL: 4,
        F_DUPFD_CLOEXEC: 1030,
        F_ADD_SEALS: 1033,
        F_GET_SEALS: 1034,
      }),
    },
    why: 'flags of descriptors; seals of memory',
  },
  {
    call: 'ioctl',
    where: {
      1: oneOf({ FIONBIO: 0x5421, TCGETS: 0x5401, TCSETS: 0x5402, TIOCGWINSZ: 0x5413 }),
    },
    why: 'streams of libuv; a terminal is left as it was found',
  },
  {
    call: 'memfd_create',
    where: {
      1: {
        oneOf: { 'MFD_CLOEXEC|MFD_ALLOW_SEALING': 3 },
        ignoring: { MFD_NOEXEC_SEAL: 8 },
      },
    },
    why: "a worker's last words; an archive in memory",
  },
  ...free('such memory is sized and filled', 'ftruncate sendfile'),
];

/** Where --access-log names a file, to which calls that are there anyway write. */
const ACCESS_LOG: readonly SupervisorRow[] = [
  {
    call: 'openat',
    where: {
      0: { fact: 'folder of --access-log' },
      2: {
        oneOf: { 'O_WRONLY|O_APPEND|O_CREAT': 0x441 },
        ignoring: { O_CLOEXEC, O_NONBLOCK: 0x800, O_LARGEFILE: 0x8000, O_NOCTTY: 0x100 },
      },
    },
    why: 'with --access-log FILE alone: the log, again when it was moved away',
  },
  {
    call: 'pwrite64',
    where: {
      2: { exactly: 8, named: '8' },
      3: { exactly: JOURNAL_READ_AT, named: String(JOURNAL_READ_AT) },
    },
    why: "how far a worker's records are read",
  },
];

const CHANNELS: readonly SupervisorRow[] = [
  {
    call: 'socketpair',
    where: { 0: oneOf({ AF_UNIX: 1 }), 1: oneOf({ 'SOCK_STREAM|SOCK_CLOEXEC': O_CLOEXEC | 1 }) },
    why: 'channels to a worker: connected, and to nothing else',
  },
  {
    call: 'pipe2',
    where: { 1: { oneOf: { O_CLOEXEC }, ignoring: { O_NONBLOCK: 0x800 } } },
    why: "a worker's standard error; signals of libuv",
  },
  {
    call: 'sendmsg',
    where: {
      0: { fact: 'socket of the spawner' },
      2: oneOf({ 'MSG_NOSIGNAL|MSG_DONTWAIT': 0x4040 }),
    },
    why: 'a request for a worker, with its descriptors',
  },
  ...free('orders one way; listeners at a drain', 'shutdown'),
  ...free('what a descriptor is; how many wait', 'getsockopt getsockname'),
  ...free('the loop of libuv', 'epoll_create1 eventfd2 epoll_wait epoll_pwait epoll_ctl poll'),
  {
    call: 'io_uring_setup',
    where: {},
    why: 'what a queue is asked for no filter sees: libuv goes without',
    answer: 'ENOSYS',
  },
];

/** Where --admin is given. What comes by a connection is read by calls that are there anyway. */
const ADMIN: readonly SupervisorRow[] = [
  {
    call: 'accept4',
    where: {
      0: { fact: 'listener of --admin' },
      1: NULL,
      2: NULL,
      3: oneOf({ 'SOCK_NONBLOCK|SOCK_CLOEXEC': O_CLOEXEC | 0x800 }),
    },
    why: 'with --admin alone: an operator asks how the service is',
  },
];

const PROCESS: readonly SupervisorRow[] = [
  ...free('signals', 'rt_sigaction rt_sigprocmask rt_sigreturn restart_syscall'),
  { call: 'tgkill', where: { 0: { fact: 'own process' } }, why: 'abort(3) and its own threads' },
  ...free('the end of the spawner', 'wait4'),
  ...free('as process 1: the end of orphans', 'waitid'),
  {
    call: 'prlimit64',
    where: { 0: { exactly: 0, named: 'itself' }, 2: NULL },
    why: 'limits are read',
  },
  ...free('time', 'clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time'),
  ...free('facts about itself', 'getpid getppid getuid geteuid getgid getegid getgroups capget'),
  ...free('facts about itself and the machine', 'getrusage times sysinfo uname getcpu getrandom'),
  ...free('the end', 'exit_group'),
];

export const SUPERVISOR: readonly SupervisorRow[] = [
  ...MEMORY,
  ...THREADS,
  ...FILES,
  ...ACCESS_LOG,
  ...CHANNELS,
  ...ADMIN,
  ...PROCESS,
];
