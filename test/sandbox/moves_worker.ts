// moves_worker.ts: a worker, or who verifies an archive, that has been taken over: starts as the
// real one, then tries one move.
//
// Bundled by locked.ts. Exit codes: WORKED, or FAILED with the errno in the status page.
import { endWith } from '../../src/boot/ending.ts';
import { harden, lockVerify } from '../../src/boot/lock.ts';
import { type FixedOrders, VERIFIER, readFixedOrders } from '../../src/boot/orders.ts';
import { startServing } from '../../src/boot/start.ts';
import { waitForThreads } from '../../src/boot/threads.ts';
import { inbox } from '../../src/hot/ring.ts';
import { type WallAddon, loadWall } from '../../src/native.ts';
import { FAILED, WORKED } from './outcome.ts';

type Word = bigint | Uint8Array;

interface Syscalls {
  call(...words: readonly Word[]): number;
  address(bytes: Uint8Array): bigint;
  store(bytes: Uint8Array): void;
}

const text = (words: string): Uint8Array => new TextEncoder().encode(`${words}\0`);
const room = (bytes: number): Uint8Array => new Uint8Array(bytes);
const AT_FDCWD = 0xffff_ff9cn;
const PAGE = 4_096n;
const ANONYMOUS = 0x22n;
const NONE = 0xffff_ffffn;

main();

function main(): void {
  const [, , fixed, role] = process.argv;
  const orders = readFixedOrders(fixed);
  const module = { exports: {} };
  process.dlopen(module, process.argv[4]!);
  const syscalls = module.exports as Syscalls;
  const wall = loadWall(orders.addon);
  wall.openStatus(orders.statusDescriptor, 70);
  const archive = new Uint8Array(wall.mapSealed(orders.archiveDescriptor).buffer);
  const { start } = wall.codeRange();
  if (role === String(VERIFIER)) startVerifying(wall, orders);
  else startServing(wall, orders);
  const name = process.argv[5]!;
  if (name === 'throw') endWith(wall, thrown());
  const result = move(name, syscalls, archive, start + 0x1000_0000n);
  wall.say(String(result));
  wall.exit(result < 0 ? FAILED : WORKED);
}

/** As src/boot/verify.ts does, up to the first byte of the archive. */
function startVerifying(wall: WallAddon, orders: FixedOrders): void {
  wall.ignoreSignals();
  if (orders.sandbox === 'off') return;
  harden(wall, orders);
  waitForThreads(wall);
  lockVerify(wall, orders);
}

/** As a slip of ours would be, deep in the hot code. */
function thrown(): unknown {
  try {
    return (undefined as unknown as { slip(): void }).slip();
  } catch (error) {
    return error;
  }
}

/** What the call gives: -errno, or how it worked. */
function move(name: string, { call, address, store }: Syscalls, archive: Uint8Array, code: bigint) {
  const map = (protection: bigint): bigint => {
    return BigInt(call(9n, 0n, PAGE, protection, ANONYMOUS, NONE, 0n));
  };
  const moves: Readonly<Record<string, () => number>> = {
    'open a file': () => call(257n, AT_FDCWD, text('/etc/passwd'), 0n, 0n),
    'make a socket': () => call(41n, 2n, 1n, 0n),
    connect: () => call(42n, 8n, Uint8Array.of(0, 0, ...room(14)), 16n),
    bind: () => call(49n, 3n, Uint8Array.of(1, 0), 2n),
    listen: () => call(50n, 8n, 5n),
    accept: () => (call(288n, 8n, 0n, 0n, 0x8_0800n) === -11 ? 0 : -1), // EAGAIN: nobody waits
    'read an order': () => (call(45n, 3n, room(8), 8n, 0x40n, 0n, 0n) === -11 ? 0 : -1),
    exec: () => call(59n, text('/bin/true'), room(8), room(8)),
    fork: () => call(57n),
    clone: () => call(56n, 17n, 0n, 0n, 0n, 0n),
    ptrace: () => call(101n, 0n, 0n, 0n, 0n),
    'read another process': () => readMemory(call, address),
    'signal another process': () => call(62n, 1n, 0n),
    'make memory executable': () => call(10n, map(3n), PAGE, 5n),
    'make memory executable and writable': () => call(10n, map(3n), PAGE, 7n),
    'map executable memory': () => Number(map(7n) > 0n ? 0 : -1),
    'map a file': () => (call(9n, 0n, PAGE, 1n, 2n, BigInt(5), 0n) > 0 ? 0 : -1),
    'make code executable': () => call(10n, code, PAGE, 7n),
    'change more than code': () => call(10n, code, 1n << 21n, 7n),
    memfd_create: () => call(319n, text('x'), 0n),
    io_uring_setup: () => call(425n, 4n, room(120)),
    userfaultfd: () => call(323n, 1n),
    bpf: () =>
      call(321n, 0n, Uint8Array.of(2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1, ...room(107)), 72n),
    setuid: () => call(105n, 0n),
    mount: () => call(165n, text('none'), text('/nowhere'), text('tmpfs'), 0n, 0n),
    unshare: () => call(272n, 0x400n),
    'pass a descriptor to the supervisor': () => sendDescriptor(call, address),
    'write to standard error': () => call(1n, 2n, text('x'), 0n),
    'write to the supervisor': () => call(1n, 3n, text('x'), 1n),
    'write a file of its own': () => call(1n, 6n, text('x'), 1n),
    'change the size of a file': () => call(77n, 6n, 4_096n),
    'read a file': () => call(17n, 5n, room(8), 8n, 0n),
    'close a listener': () => call(3n, 8n),
    'take over the handler': () => call(13n, 31n, 0n, room(32), 8n),
    'another filter': () => call(317n, 2n, 0n, Uint8Array.of(0, 0, 0xff, 0x7f)),
    'write the archive from JavaScript': () => (archive[0] = 1),
    'write the archive from native code': () => (store(archive), 0),
    'write the inbox from JavaScript': () => (inbox[0] = 1),
    'write the inbox from native code': () => (store(inbox), 0),
    'make the archive writable': () => call(10n, address(archive), PAGE, 3n),
    'make the inbox writable': () => call(10n, address(inbox) & ~(PAGE - 1n), PAGE, 3n),
    'unmap the archive': () => call(11n, address(archive), PAGE),
    'grow code': growCode,
    'allocate under pressure': allocate,
    'unmap a page': () => call(11n, map(3n), PAGE),
  };
  const family = /^make a socket of family (\d+)$/.exec(name)?.[1];
  if (family !== undefined) return call(41n, BigInt(family), 1n, 0n);
  return moves[name]!();
}

/** Functions that are compiled, optimised and kept, each another. */
function growCode(): number {
  const kept: ((times: number) => number)[] = [];
  for (let number = 0; number < 1_000; number++) {
    const body = `let s = 0; for (let i = 0; i < n; i++) s = (s * ${number} + i) | 0; return s;`;
    kept.push(new Function('n', body) as (times: number) => number);
    for (let times = 0; times < 3; times++) kept.at(-1)!(1_500);
  }
  for (const run of kept) run(1_500);
  return 0;
}

/** Young and old garbage, near the limit of the heap, for as many collections as that takes. */
function allocate(): number {
  const kept: object[] = [];
  for (let round = 0; round < 600_000; round++) {
    kept[round % 150_000] = {
      round,
      text: `${round}`,
      list: [round, kept[round % 1_000]?.valueOf],
    };
  }
  return kept.length > 0 ? 0 : -1;
}

function words(...values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer);
}

function readMemory(call: Syscalls['call'], address: Syscalls['address']): number {
  const here = room(8);
  const vector = words(address(here), 8n);
  return call(310n, BigInt(process.pid), vector, 1n, vector, 1n, 0n);
}

/** sendmsg(2) with one SCM_RIGHTS message. */
function sendDescriptor(call: Syscalls['call'], address: Syscalls['address']): number {
  const byte = room(1);
  const part = words(address(byte), 1n);
  const rights = words(20n, 1n | (1n << 32n), 2n);
  return call(46n, 3n, words(0n, 0n, address(part), 1n, address(rights), 24n, 0n), 0x4000n);
}
