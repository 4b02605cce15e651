// health.test.ts: nothing that may happen to a healthy worker makes a call that is refused.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { LOCKDOWNS } from '../../src/boot/orders.ts';
import { onEnd } from '../support/cleanup.ts';
import { openFreezer } from '../support/freezer.ts';
import { FULL, record } from '../support/ledger.ts';
import { descendantsOf, groupOf, isAlive, nameOf } from '../support/proc.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { noise, packSite } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';
import { tryMove } from './locked.ts';
import { oddRequest } from './odd.ts';

const ROUNDS = FULL ? 100 : 2;
const GROWTHS = FULL ? 100 : 1;
const ODD_REQUESTS = FULL ? 100_000 : 3_000;
const COLLECTIONS = FULL ? 300 : 20;
const MIXED_MS = FULL ? 600_000 : 3_000;
const CONNECTIONS = FULL ? 300_000 : 200;

let archive: string;

beforeAll(async () => {
  const files = { 'small.txt': 'small\n', 'large.bin': noise(3_000_000, 1), 'a/b.html': '<p>b' };
  ({ archive } = await packSite(files));
});

/** The same worker, and it serves. */
async function expectHealthy(server: Server, worker: number): Promise<void> {
  expect((await exchange(server.port, get('/small.txt'))).body.toString()).toBe('small\n');
  expect([server.stderr().replaceAll(/^heap .*\n/gm, ''), server.workers()]).toEqual([
    '',
    [worker],
  ]);
}

async function start(level: string, environment = {}): Promise<readonly [Server, number]> {
  const wrapper = [
    'env',
    ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
  ];
  const server = await startServer(archive, ['--lockdown', level], { wrapper });
  return [server, server.workers()[0]!];
}

/** Sends without waiting for answers, on as many connections as the server ends. */
async function sendAll(port: number, requests: readonly string[]): Promise<void> {
  for (const request of requests) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.end(request, 'latin1');
    await once(socket, 'close');
  }
}

test.each(LOCKDOWNS)('%s: stopped and continued, frozen, signalled, traced', async (level) => {
  const freezer = openFreezer();
  const [server, worker] = await start(level);
  freezer?.take(worker);
  for (let round = 0; round < ROUNDS; round++) {
    process.kill(worker, 'SIGSTOP');
    await sleep(30);
    process.kill(worker, 'SIGCONT');
    await expectHealthy(server, worker);
    await freezer?.freeze();
    await sleep(30);
    freezer?.thaw();
    await expectHealthy(server, worker);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGPIPE'] as const) {
      process.kill(worker, signal);
    }
    await expectHealthy(server, worker);
    const strace = spawn('strace', ['-f', '-p', String(worker), '-o', '/dev/null']);
    await once(strace.stderr, 'data');
    await exchange(server.port, get('/small.txt'));
    strace.kill('SIGINT');
    await once(strace, 'close');
    await expectHealthy(server, worker);
  }
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  const frozen = freezer === undefined ? 0 : ROUNDS;
  record(`health, ${level}: stopped, frozen, signalled, traced`, { rounds: ROUNDS, frozen });
});

/** Starts a neighbour in its process group and becomes the server. */
const withNeighbour = ['sh', '-c', 'sleep 60 > /dev/null 2>&1 & exec "$0" "$@"'];

test.each(LOCKDOWNS)('%s: SIGTERM to its process groups drains as one does', async (level) => {
  const flags = ['--lockdown', level];
  const server = await startServer(archive, flags, { wrapper: withNeighbour, detached: true });
  const neighbour = descendantsOf(server.pid).find((pid) => nameOf(pid) === 'sleep')!;
  onEnd(() => void (isAlive(neighbour) && process.kill(neighbour, 'SIGKILL')));
  const groups = new Set([server.pid, neighbour, ...server.workers()].map(groupOf));
  // Spawner and workers have one of their own: no key of a terminal reaches them.
  expect([groups.size, groups.has(server.pid)]).toEqual([2, true]);
  const wire = await Wire.open(server.port);
  wire.send(get('/large.bin'));
  for (const group of groups) process.kill(-group, 'SIGTERM');
  const { status, body } = await wire.reply();
  expect([status, body.length]).toEqual([200, 3_000_000]);
  wire.destroy();
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect([server.stderr(), isAlive(neighbour)]).toEqual(['', false]);
});

test.each(LOCKDOWNS)('%s: odd requests, which throw compiled code away', async (level) => {
  const [server, worker] = await start(level);
  const requests = Array.from({ length: ODD_REQUESTS }, (_, index) => oddRequest(index));
  for (let at = 0; at < requests.length; at += 500) {
    const some = requests.slice(at, at + 500);
    await Promise.all(
      [0, 1, 2, 3].map((part) =>
        sendAll(
          server.port,
          some.filter((_, i) => i % 4 === part),
        ),
      ),
    );
    await expectHealthy(server, worker);
  }
  await server.stop();
  record(`health, ${level}: odd requests`, { requests: ODD_REQUESTS });
});

test.each(LOCKDOWNS)('%s: full collections between requests', async (level) => {
  const [server, worker] = await start(level, { CDBSERVE_HEAP_REPORT: '1' });
  for (let round = 1; round <= COLLECTIONS; round++) {
    server.signal('SIGUSR2');
    await sendAll(server.port, [oddRequest(round), get('/small.txt')]);
    await expectHealthy(server, worker);
  }
  expect(server.stdout()).toMatch(/workers may write heap reports to standard error/);
  expect(server.stderr().match(/^heap \d+ \d+$/gm)?.length).toBeGreaterThan(COLLECTIONS / 2);
  await server.stop();
  record(`health, ${level}: full collections`, { collections: COLLECTIONS });
});

test.each(LOCKDOWNS)(
  '%s: code that grows, a heap that fills',
  async (level) => {
    for (let round = 0; round < GROWTHS; round++) {
      expect(await tryMove('grow code', level)).toBe('worked');
      expect(await tryMove('allocate under pressure', level)).toBe('worked');
    }
    record(`health, ${level}: code grows, heap fills`, { growths: GROWTHS });
  },
  GROWTHS * 20_000,
);

test.each(LOCKDOWNS)(
  '%s: mixed load',
  async (level) => {
    const [server, worker] = await start(level);
    const last = performance.now() + MIXED_MS;
    let connections = 0;
    const client = async (seed: number): Promise<void> => {
      for (let at = seed; performance.now() < last || connections < CONNECTIONS; at += 8) {
        const paths = ['/small.txt', '/large.bin', '/a/b', '/missing'];
        const request = get(
          paths[at % 4]!,
          'Connection: close',
          ...(at % 3 ? [] : ['Range: bytes=1-9']),
        );
        await sendAll(server.port, [at % 5 ? request : oddRequest(at)]);
        connections++;
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, seed) => client(seed)));
    await expectHealthy(server, worker);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    record(`health, ${level}: mixed load`, { milliseconds: MIXED_MS, connections });
  },
  MIXED_MS * 3 + 60_000,
);
