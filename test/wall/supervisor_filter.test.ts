// supervisor_filter.test.ts: what somebody would try who has taken the supervisor, under its
// filter and beside it the same without.
import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { addonPath } from '../../src/paths.ts';
import { record } from '../support/ledger.ts';
import { buildBundle, buildSyscallAddon } from '../support/native.ts';
import { type Ended, runCommand, temporaryFolder } from '../support/site.ts';
import { asOrdinary, isRoot, ordinaryId } from '../support/starts.ts';
import type { Word, Words } from './taken_supervisor.ts';

const folder = temporaryFolder();
chmodSync(folder, 0o755);
const bundle = await buildBundle('test/wall/taken_supervisor.ts', folder);
const addon = buildSyscallAddon(folder);

const HERE = -100; // AT_FDCWD, of which the kernel takes 32 bits
const NONE = '/nowhere/at/all';
const NULL_DEVICE = '/dev/null';
const ROOM: Word = { bytes: 128 };
const SELF: Word = { own: 'pid' };
const PAGE: Word = { own: 'page' };
const OTHER: Word = { own: 'another socket' };

type Move = readonly [call: string, what: string, words: Words];

/** These work for anybody where there is no filter. */
const WORKING: readonly Move[] = [
  ['fork', 'a process', [57]],
  ['clone', 'a process', [56, 17, 0, 0, 0, 0]],
  ['unshare', 'a file system of its own', [272, 0x200]],
  ['openat', 'a file to write', [257, HERE, NULL_DEVICE, 1]],
  ['openat', 'a file to read and write', [257, HERE, NULL_DEVICE, 2]],
  ['openat', 'a file to cut', [257, HERE, NULL_DEVICE, 0x200]],
  ['openat', 'a file that may have to be made', [257, HERE, NULL_DEVICE, 0x40]],
  ['openat', 'a file without a name', [257, HERE, '/tmp', 0x41_0002, 0o600]],
  ['open', 'a file by an older call', [2, NULL_DEVICE, 0]],
  ['umask', 'rights of new files', [95, 0o22]],
  ['socket', 'a socket of the network', [41, 2, 1, 0]],
  ['socket', 'a socket of the machine', [41, 1, 1, 0]],
  ['socket', 'a socket to the kernel', [41, 16, 3, 0]],
  ['socketpair', 'datagrams', [53, 1, 2, 0, ROOM]],
  ['setuid', 'the user it is', [105, ordinaryId]],
  ['prlimit64', 'a limit', [302, 0, 4, { bytes: 16 }, 0]],
  ['kill', 'a signal to anybody', [62, SELF, 0]],
  ['pidfd_open', 'a process by its number', [434, SELF, 0]],
  ['mprotect', 'executable memory', [10, PAGE, 4_096, 5]],
  ['mprotect', 'executable and writable memory', [10, PAGE, 4_096, 7]],
  ['mmap', 'executable memory', [9, 0, 4_096, 7, 0x22, -1, 0]],
  ['pkey_mprotect', 'executable memory', [329, PAGE, 4_096, 5, -1]],
  ['memfd_create', 'a file that can be run', [319, 'x', 0x10]],
  ['personality', 'another personality', [135, 0xffff_ffff]],
  ['prctl', 'to be dumped', [157, 4, 1, 0, 0, 0]],
  ['inotify_init1', 'to watch files', [294, 0]],
  ['io_setup', 'asynchronous calls', [206, 1, { bytes: 8 }]],
];

/**
 * Whether these work is for the kernel, the user and the arguments to say; here they cannot, so
 * that the same without the filter does no harm.
 */
const TRIED: readonly Move[] = [
  ['execve', 'a program', [59, NONE, 0, 0]],
  ['execveat', 'a program', [322, HERE, NONE, 0, 0, 0]],
  ['clone', 'a thread in a namespace', [56, 0x103d_0f00, 0, 0, 0, 0]],
  ['setns', 'a namespace', [308, -1, 0]],
  ['mount', 'a mount', [165, 'none', NONE, 'tmpfs', 0, 0]],
  ['umount2', 'a mount less', [166, NONE, 0]],
  ['pivot_root', 'another root', [155, NONE, NONE]],
  ['chroot', 'another root', [161, NONE]],
  ['open_tree', 'a tree of files', [428, HERE, NONE, 0]],
  ['move_mount', 'a mount elsewhere', [429, -1, '', -1, NONE, 0]],
  ['fsopen', 'a file system', [430, 'nothing', 0]],
  ['setgid', 'a group', [106, 0xffff_ffff]],
  ['setresuid', 'a user', [117, 0xffff_fffe, 0xffff_fffe, 0xffff_fffe, 0]],
  ['setgroups', 'groups', [116, 70_000, ROOM]],
  ['capset', 'capabilities', [126, ROOM, ROOM]],
  ['ptrace', 'another process', [101, 0x4206, 0x3fff_ffff, 0, 0]],
  ['process_vm_readv', 'the memory of another', [310, 0x3fff_ffff, ROOM, 1, ROOM, 1, 0]],
  ['process_vm_writev', 'the memory of another', [311, 0x3fff_ffff, ROOM, 1, ROOM, 1, 0]],
  ['pidfd_getfd', 'a descriptor of another', [438, -1, 0, 0]],
  ['tgkill', 'a signal to another', [234, 0x3fff_ffff, 0x3fff_ffff, 0]],
  ['connect', 'a connection', [42, OTHER, ROOM, 2]],
  ['bind', 'an address', [49, -1, ROOM, 16]],
  ['listen', 'to listen', [50, OTHER, 1]],
  ['accept4', 'a connection', [288, OTHER, 0, 0, 0]],
  ['sendto', 'a datagram', [44, -1, ROOM, 0, 0, ROOM, 16]],
  ['sendmsg', 'descriptors to another', [46, OTHER, ROOM, 0x4040]],
  ['sendmsg', 'with other flags', [46, { own: 'socket of the spawner' }, ROOM, 0x2000_0000]],
  ['ioctl', 'keys of a terminal', [16, OTHER, 0x5412, 'x']],
  ['openat2', 'a file', [437, HERE, NONE, ROOM, 24]],
  ['creat', 'a file', [85, NONE, 0o600]],
  ['unlink', 'a file less', [87, NONE]],
  ['rename', 'a file elsewhere', [82, NONE, NONE]],
  ['mkdir', 'a folder', [83, NONE, 0o700]],
  ['chmod', 'rights of a file', [90, NONE, 0o777]],
  ['truncate', 'a shorter file', [76, NONE, 0]],
  ['mknodat', 'a device', [259, HERE, NONE, 0o20666, 0x103]],
  ['open_by_handle_at', 'a file by its handle', [304, HERE, ROOM, 0]],
  ['shmget', 'shared memory', [29, 0, 0, 0o600]],
  ['bpf', 'a program in the kernel', [321, 0, ROOM, 72]],
  ['io_uring_enter', 'calls by a queue', [426, -1, 0, 0, 0, 0]],
  ['perf_event_open', 'counters', [298, ROOM, 0, -1, -1, 0]],
  ['keyctl', 'keys', [250, 0, -99, 0, 0, 0]],
  ['add_key', 'keys', [248, 'nothing', 'x', 0, 0, -99]],
  ['userfaultfd', 'faults in its hands', [323, 0xffff]],
  ['finit_module', 'a module', [313, -1, '', 0]],
  ['delete_module', 'a module less', [176, 'nowhere', 0x800]],
  ['kexec_load', 'another kernel', [246, 0, 0, 0, 0xffff]],
  ['reboot', 'a restart', [169, 0, 0, 0, 0]],
  ['seccomp', 'another filter', [317, 99, 0, 0]],
  ['', 'memory that nobody gives back: mseal, which libseccomp does not know', [462, 0, 0, 1]],
];

/** Needed for weeks: collections, threads, files, channels, signals to itself. */
const ALLOWED: readonly (readonly [what: string, words: Words, result: number])[] = [
  ['clone3 is answered: the C library takes clone then', [435, ROOM, 88], -38],
  ['io_uring_setup is answered: libuv goes without', [425, 4, ROOM], -38],
  ['a file is read', [257, HERE, NULL_DEVICE, 0x8_0000], 0],
  ['it looks for its own threads', [234, SELF, SELF, 0], 0],
  ['a pair of sockets', [53, 1, 0x8_0001, 0, ROOM], 0],
  ['a pipe', [293, ROOM, 0x8_0000], 0],
  ['memory for an archive', [319, 'x', 11], 0],
];

function run(mode: 'locked' | 'free', list: readonly Words[]): Promise<Ended> {
  const program = [bundle, addonPath('wall'), addon, mode, JSON.stringify(list)];
  const [command, ...rest] = [...asOrdinary, process.execPath, ...program];
  return runCommand(command!, rest, { timeout: 20_000 });
}

interface Said {
  readonly said: readonly number[];
  readonly threads: number;
}

async function resultsOf(mode: 'locked' | 'free', list: readonly Words[]): Promise<Said> {
  const { code, stdout, stderr } = await run(mode, list);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Said;
}

const moves = [...WORKING, ...TRIED];
const chunks = Array.from({ length: Math.ceil(moves.length / 8) }, (_, at) =>
  moves.slice(at * 8, at * 8 + 8),
);

test.each(chunks.map((chunk) => [chunk] as const))(
  'refused: %j',
  { timeout: 30_000 },
  async (chunk) => {
    const ended = await Promise.all(chunk.map(([, , words]) => run('locked', [words])));
    const said = ended.map(({ code, stdout, stderr }) => [code, stdout, stderr.split(' at 0x')[0]]);
    const names = chunk.map(([call, , [number]]) => `${call} (${number})`);
    const before = 'cdbserve: the supervisor was refused the system call ';
    expect(said).toEqual(names.map((name) => [EXIT.bug, '', before + name]));
    for (const { stderr } of ended) expect(stderr).toMatch(/ The service ends\. [^\n]+\n$/);
  },
);

test('without the filter the same moves work, or are judged by the kernel', async () => {
  const { said } = await resultsOf(
    'free',
    WORKING.map(([, , words]) => words),
  );
  const failed = WORKING.filter((_, at) => said[at]! < 0).map(([call, what]) => `${call}: ${what}`);
  expect(failed).toEqual([]);
  const tried = await resultsOf(
    'free',
    TRIED.map(([, , words]) => words),
  );
  expect(tried.said).toHaveLength(TRIED.length);
  record('moves of a supervisor that was taken', { moves_refused: moves.length });
});

test('under the filter all works that it lives by, new threads too', async () => {
  const { said, threads } = await resultsOf(
    'locked',
    ALLOWED.map(([, words]) => words),
  );
  expect(said.map((result) => Math.min(result, 0))).toEqual(ALLOWED.map(([, , wanted]) => wanted));
  expect(threads).toBeGreaterThan(0);
});

test.each(isRoot ? [addonPath('wall')] : [])(
  'root that stays root is held to the same (%s)',
  async (wall) => {
    const program = [bundle, wall, addon, 'locked', JSON.stringify([[105, 0]])];
    const ended = await runCommand(process.execPath, program, { timeout: 20_000 });
    expect([ended.code, ended.stderr]).toEqual([
      EXIT.bug,
      expect.stringContaining(' setuid (105) '),
    ]);
  },
);
