// moves.test.ts: what somebody would try who has taken a worker, in each level, and beside it the
// same move without the filter, or one of its kind that is allowed: it works.
import { afterAll, expect, test } from 'vitest';
import { LOCKDOWNS, VERIFIER } from '../../src/boot/orders.ts';
import { FULL, record } from '../support/ledger.ts';
import { tryMove } from './locked.ts';

/** Move; the call that is refused; what the move does without the filter. */
const REFUSED: readonly (readonly [move: string, call: string, without: string])[] = [
  ['open a file', 'openat', 'worked'],
  ['make a socket', 'socket', 'worked'],
  ['connect', 'connect', 'worked'],
  ['bind', 'bind', 'worked'],
  ['listen', 'listen', 'worked'],
  ['exec', 'execve', 'exit code 0'],
  ['fork', 'fork', 'worked'],
  ['clone', 'clone', 'worked'],
  ['ptrace', 'ptrace', 'worked'],
  ['read another process', 'process_vm_readv', 'worked'],
  ['signal another process', 'kill', 'worked'],
  ['make memory executable', 'mprotect', 'worked'],
  ['make memory executable and writable', 'mprotect', 'worked'],
  ['map executable memory', 'mmap', 'worked'],
  ['map a file', 'mmap', 'worked'],
  ['change more than code', 'mprotect', 'worked'],
  ['memfd_create', 'memfd_create', 'worked'],
  ['io_uring_setup', 'io_uring_setup', 'worked'],
  ['userfaultfd', 'userfaultfd', 'worked'],
  ['bpf', 'bpf', 'worked'],
  ['setuid', 'setuid', 'worked'],
  ['mount', 'mount', 'failed: -2'], // ENOENT: only the folder was missing
  ['unshare', 'unshare', 'worked'],
  ['pass a descriptor to the supervisor', 'sendmsg', 'worked'],
  ['write to standard error', 'write', 'worked'],
  ['write to the supervisor', 'write', 'worked'],
  ['write a file of its own', 'write', 'worked'],
  ['change the size of a file', 'ftruncate', 'worked'],
  ['read a file', 'pread64', 'worked'],
  ['close a listener', 'close', 'worked'],
  ['take over the handler', 'rt_sigaction', 'worked'],
  ['another filter', 'seccomp', 'worked'],
];

let moves = 0;

test.each(REFUSED)('%s: refused in each level, and not without', async (move, call, without) => {
  const [standard, jitless, off] = await Promise.all([
    tryMove(move, 'standard'),
    tryMove(move, 'jitless'),
    tryMove(move, 'off'),
  ]);
  const refused = `refused system call ${call}`;
  expect([standard, jitless, off]).toEqual([refused, refused, without]);
  moves++;
});

/** What a worker has and who verifies has not. */
const WORKERS_ALONE: readonly (readonly [move: string, call: string])[] = [
  ['accept', 'accept4'],
  ['read an order', 'recvfrom'],
];

test('who verifies an archive may do nothing that a worker may not, and serves nobody', async () => {
  for (const [move, call] of [...REFUSED, ...WORKERS_ALONE]) {
    const [level = 'standard'] = LOCKDOWNS.slice(moves++ % LOCKDOWNS.length);
    expect([move, await tryMove(move, level, VERIFIER)]).toEqual([
      move,
      `refused system call ${call}`,
    ]);
  }
  for (const [move] of WORKERS_ALONE) {
    expect([move, await tryMove(move, 'standard')]).toEqual([move, 'worked']);
    expect([move, await tryMove(move, 'off', VERIFIER)]).toEqual([move, 'worked']);
  }
  expect(await tryMove('write the archive from native code', 'standard', VERIFIER)).toBe('SIGSEGV');
  expect(await tryMove('allocate under pressure', 'standard', VERIFIER)).toBe('worked');
  expect(await tryMove('grow code', 'standard', VERIFIER)).toBe('worked');
});

/** All there are, sockets(7) and linux/socket.h; some of them in the quick tier. */
const FAMILIES = FULL
  ? Array.from({ length: 46 }, (_, family) => family)
  : [1, 2, 10, 16, 17, 38, 40];

test('no family of sockets is left', async () => {
  for (const family of FAMILIES) {
    const outcome = await tryMove(`make a socket of family ${family}`, 'standard');
    expect([family, outcome]).toEqual([family, 'refused system call socket']);
  }
  record('families of sockets refused', { families: FAMILIES.length });
});

test('code becomes executable where the compiler places it, and nowhere without compiler', async () => {
  const name = 'make code executable';
  expect(await tryMove(name, 'standard')).toBe('worked');
  expect(await tryMove(name, 'jitless')).toBe('refused system call mprotect');
});

test.each(['standard', 'jitless', 'off'] as const)(
  '%s: the archive cannot be changed',
  async (level) => {
    expect(await tryMove('write the archive from JavaScript', level)).toBe('SIGSEGV');
    expect(await tryMove('write the archive from native code', level)).toBe('SIGSEGV');
    expect(await tryMove('write the inbox from JavaScript', level)).toBe('worked');
    expect(await tryMove('write the inbox from native code', level)).toBe('worked');
    expect(await tryMove('make the archive writable', level)).toMatch(/^failed: -(1|13)$/);
    expect(await tryMove('make the inbox writable', level)).toBe('worked');
    expect(await tryMove('unmap the archive', level)).toBe('failed: -1');
    expect(await tryMove('unmap a page', level)).toBe('worked');
  },
);

afterAll(() => record('moves of a worker that was taken', { moves_refused: moves }));

test.each(LOCKDOWNS)('%s: a throw under the lock is told with its stack', async (level) => {
  expect(await tryMove('throw', level)).toMatch(/^bug: internal error.*TypeError.* at thrown/);
});
