// syscalls.test.ts: a serving worker makes no system call that is not in the list, and three for a
// request.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { SERVE } from '../../src/boot/stages.ts';
import { FULL, record } from '../support/ledger.ts';
import { startServer } from '../support/server.ts';
import { noise, packSite } from '../support/site.ts';
import { traceCalls } from '../support/trace.ts';
import type { Call } from '../support/trace.ts';
import { Wire, exchange, get } from '../support/wire.ts';

/**
 * Lockdown `standard`: every call a worker may make while it serves, what its arguments must be,
 * and why.
 */
const STANDARD: readonly (readonly [name: string, allowed: RegExp, why: string])[] = [
  ['accept4', /, SOCK_CLOEXEC\|SOCK_NONBLOCK\)/, 'a new connection'],
  ['recvfrom', /, MSG_DONTWAIT, NULL, NULL\)/, 'bytes of a client; a byte of an order'],
  ['sendmsg', /, MSG_NOSIGNAL\)/, 'the answers of one connection'],
  ['shutdown', /, SHUT_WR\)/, 'a lingering close'],
  ['epoll_wait', /./, 'the turn of the loop'],
  ['epoll_pwait', /./, "V8's own descriptors"],
  ['epoll_ctl', /EPOLL_CTL_(ADD|DEL)/, 'a new connection; a listener when draining'],
  ['close', /./, 'the end of a connection'],
  ['exit_group', /./, 'the end of the worker'],
  ['rt_sigreturn', /./, 'after a signal'],
  ['restart_syscall', /./, 'after SIGSTOP and SIGCONT'],
  ['getpid', /./, 'V8'],
  ['clock_gettime', /./, 'a clock source that is no TSC'],
  ['write', /, 8\)/, 'an eventfd of V8'],
  ['futex', /FUTEX_(WAIT|WAKE)\w*_PRIVATE/, 'threads of V8'],
  ['mmap', /^(?!.*PROT_EXEC).*MAP_ANONYMOUS/, 'memory of V8'],
  ['munmap', /./, 'memory of V8'],
  ['madvise', /./, 'memory of V8'],
  ['mprotect', /./, 'code of V8, inside its own range'],
  ['brk', /./, 'memory of the C library'],
];

let archive: string;

beforeAll(async () => {
  const files = { 'small.txt': 'small\n', 'large.bin': noise(20_000_000, 1) };
  ({ archive } = await packSite(files));
});

function outsideOfList(calls: readonly Call[]): string[] {
  const strange = calls.filter(({ name, text }) => {
    const row = STANDARD.find(([known]) => known === name);
    return row === undefined || (/\) +=/.test(text) && !row[1].test(text));
  });
  return [...new Set(strange.map((call) => call.text.slice(0, 200)))];
}

function countOf(calls: readonly Call[], name: string): number {
  return calls.filter((call) => call.name === name).length;
}

async function expectAnswer(wire: Wire): Promise<void> {
  wire.send(get('/small.txt'));
  expect((await wire.reply()).body.toString()).toBe('small\n');
}

async function slowReader(port: number): Promise<void> {
  const wire = await Wire.open(port);
  wire.pause();
  wire.send(get('/large.bin').repeat(2));
  await sleep(300);
  wire.resume();
  for (let answer = 0; answer < 2; answer++) {
    expect((await wire.reply({ timeoutMs: 20_000 })).body.length).toBe(20_000_000);
  }
  wire.destroy();
}

async function everythingClientsDo(port: number): Promise<void> {
  const wire = await Wire.open(port);
  for (let times = 0; times < 50; times++) await expectAnswer(wire);
  wire.send(get('/small.txt').repeat(400));
  for (let times = 0; times < 400; times++) await wire.reply();
  for (const byte of get('/small.txt')) {
    wire.send(byte);
    await sleep(1);
  }
  await wire.reply();
  wire.destroy();
  await slowReader(port);
  for (const bad of [
    'BAD\x01',
    'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
    get('/', 'Content-Length: 9'),
  ]) {
    const lingering = await Wire.open(port);
    lingering.send(bad);
    await lingering.reply();
    lingering.send('more bytes');
    expect(await lingering.closed()).toBe('fin');
    lingering.close();
  }
  const ended = await Wire.open(port);
  ended.send('GET /sm');
  ended.halfClose();
  expect(await ended.closed()).toBe('fin');
  ended.close();
  const waves = Array.from({ length: 200 }, () => exchange(port, get('/missing')));
  expect((await Promise.all(waves)).every((reply) => reply.status === 404)).toBe(true);
}

test('whatever clients do, a worker makes no call outside the list', async () => {
  const server = await startServer(archive);
  const calls = await traceCalls(server.workers()[0]!, () => everythingClientsDo(server.port));
  expect(outsideOfList(calls)).toEqual([]);
  for (const name of ['accept4', 'recvfrom', 'sendmsg', 'shutdown', 'epoll_wait', 'close']) {
    expect(countOf(calls, name), name).toBeGreaterThan(0);
  }
  await server.stop();
});

test('stopped, continued and drained it makes none either', async () => {
  const server = await startServer(archive);
  const [worker] = server.workers();
  const calls = await traceCalls(worker!, async () => {
    const wire = await Wire.open(server.port);
    await expectAnswer(wire);
    process.kill(worker!, 'SIGSTOP');
    await sleep(200);
    process.kill(worker!, 'SIGCONT');
    await expectAnswer(wire);
    wire.pause();
    wire.send(get('/large.bin'));
    await sleep(200);
    server.signal('SIGTERM');
    await sleep(200);
    wire.resume();
    expect((await wire.reply({ timeoutMs: 20_000 })).body.length).toBe(20_000_000);
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });
  expect(outsideOfList(calls)).toEqual([]);
  expect(countOf(calls, 'exit_group')).toBe(1);
});

/**
 * The descriptor limit that leaves a process so many free numbers: a new descriptor takes the
 * lowest.
 */
function limitFor(pid: number, free: number): number {
  const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let limit = 0;
  for (let left = free; left > 0; limit++) if (!taken.has(limit)) left--;
  return limit;
}

/** As the worker's own user: another one needs CAP_SYS_RESOURCE. */
function limitDescriptors(pid: number, soft: string): void {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const idOf = (name: string): string => new RegExp(`^${name}:\\t(\\d+)`, 'm').exec(status)![1]!;
  const uid = ['--reuid', idOf('Uid'), '--regid', idOf('Gid'), '--keep-groups'];
  const change = ['prlimit', '--pid', String(pid), `--nofile=${soft}:`];
  execFileSync('setpriv', [...uid, ...change]);
}

test('without free descriptors accepting pauses, never spins, and resumes', async () => {
  const server = await startServer(archive);
  const worker = server.workers()[0]!;
  limitDescriptors(worker, String(limitFor(worker, 5)));
  const wires: Wire[] = [];
  const calls = await traceCalls(worker, async () => {
    for (let index = 0; index < 30; index++) wires.push(await Wire.open(server.port));
    await sleep(1_000);
    await expectAnswer(wires[0]!);
  });
  expect(outsideOfList(calls)).toEqual([]);
  const refused = calls.filter((call) => call.name === 'accept4' && / EMFILE /.test(call.text));
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(40);
  expect(countOf(calls, 'epoll_wait')).toBeLessThan(200);
  for (const wire of wires.splice(0, 10)) wire.destroy();
  await sleep(300);
  limitDescriptors(worker, '20000');
  await Promise.all(wires.map(expectAnswer));
  expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
  for (const wire of wires) wire.destroy();
  await server.stop();
});

test('the list is the policy, name for name', () => {
  const names = new Set(SERVE.map(({ call }) => call));
  expect([...new Set(STANDARD.map(([name]) => name))].sort()).toEqual([...names].sort());
});

test('a request on a live connection costs one wait, one receive and one send', async () => {
  const requests = FULL ? 10_000 : 1_000;
  const server = await startServer(archive);
  const wire = await Wire.open(server.port);
  for (let times = 0; times < 2_000; times++) await expectAnswer(wire);
  const all = await traceCalls(server.workers()[0]!, async () => {
    await sleep(50);
    for (let times = 0; times < requests; times++) await expectAnswer(wire);
  });
  const first = all.findIndex((call) => call.name === 'recvfrom' && (call.result ?? 0) > 0);
  const last = all.findLastIndex((call) => call.name === 'sendmsg');
  const thread = all[first]!.thread;
  const calls = all.slice(first, last + 1).filter((call) => call.thread === thread);
  // A wait that ends without an event is the clock's tick and belongs to no request; the first
  // request's wait stands before the window.
  const waits = calls.filter((call) => call.name === 'epoll_wait' && call.result !== 0);
  expect(waits.length).toBe(requests - 1);
  expect(countOf(calls, 'recvfrom')).toBe(requests);
  expect(countOf(calls, 'sendmsg')).toBe(requests);
  const others = calls.filter(({ name }) => !['epoll_wait', 'recvfrom', 'sendmsg'].includes(name));
  const memory = /^(futex|madvise|mprotect|munmap|mmap|brk|getpid|write|restart_syscall)$/;
  expect(others.filter((call) => !memory.test(call.name)).map((call) => call.text)).toEqual([]);
  expect(others.length).toBeLessThan(requests / 20);
  const figures = { requests, waits: waits.length + 1, receives: requests, sends: requests };
  record('system calls of requests on a live connection', figures);
  wire.destroy();
  await server.stop();
});
