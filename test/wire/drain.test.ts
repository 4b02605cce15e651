// drain.test.ts: how a service that is told to end says so, and what becomes of who is there.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { DRAIN_WAIT_MS } from '../../src/limits.ts';
import { FULL, record } from '../support/ledger.ts';
import { isAlive } from '../support/proc.ts';
import type { Reply } from '../support/reply.ts';
import { value } from '../support/reply.ts';
import { program, startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { noise, packSite, runCommand } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const HEALTH = '/healthz';
const LARGE = noise(20_000_000, 1);
const { archive } = await packSite({ 'small.txt': 'small\n', 'large.bin': LARGE });
const withHealth = ['--health-path', HEALTH];

const statusOf = async (server: Server, path: string): Promise<[number, string | undefined]> => {
  const reply = await exchange(server.port, get(path));
  return [reply.status, value(reply, 'connection')];
};

async function until(done: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const last = performance.now() + limitMs;
  while (!(await done())) {
    if (performance.now() > last) throw new Error(`not so after ${limitMs} ms`);
    await sleep(10);
  }
}

const isUnhealthy = async (server: Server): Promise<boolean> =>
  (await statusOf(server, HEALTH))[0] === 503;

async function isRefused(server: Server): Promise<boolean> {
  try {
    (await Wire.open(server.port)).close();
    return false;
  } catch (error) {
    return String(error).includes('ECONNREFUSED');
  }
}

test('health is 503 at once, and for the wait newcomers are served, none for long', async () => {
  const server = await startServer(archive, [...withHealth, '--drain-wait', '2500']);
  expect(await statusOf(server, HEALTH)).toEqual([200, undefined]);
  const idle = await Wire.open(server.port);
  idle.send(get('/small.txt'));
  expect(value(await idle.reply(), 'connection')).toBeUndefined();
  server.signal('SIGTERM');
  await until(() => isUnhealthy(server));
  expect(await statusOf(server, HEALTH)).toEqual([503, 'close']);
  expect(await statusOf(server, '/small.txt')).toEqual([200, 'close']);
  expect(idle.ending).toBeUndefined();
  expect(await idle.closed()).toBe('fin');
  // The worker may be faster than its supervisor, which shuts the door.
  await until(() => isRefused(server));
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(server.stderr()).toBe('');
});

test('a worker that takes the place of one that dies in the wait says the same', async () => {
  const args = [...withHealth, '--drain-wait', '60000'];
  const server = await startServer(archive, args);
  server.signal('SIGTERM');
  await until(() => isUnhealthy(server));
  process.kill(server.workers()[0]!, 'SIGKILL');
  await until(() => server.stderr().includes(' replaced (pid '));
  expect(await statusOf(server, HEALTH)).toEqual([503, 'close']);
  const before = performance.now();
  server.signal('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeLessThan(10_000);
});

test('a reader that is stuck ends at the time-out, which the wait does not shorten', async () => {
  const times = ['--drain-wait', '500', '--drain-timeout', '1000'];
  const server = await startServer(archive, times);
  const wire = await Wire.open(server.port);
  wire.send(get('/large.bin'));
  await until(() => wire.waiting > 0);
  wire.pause();
  const before = performance.now();
  server.signal('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeGreaterThan(1_400);
  wire.destroy();
});

test('Ctrl-C, a signal to the whole group, ends at once and leaves nothing', async () => {
  const args = ['--drain-wait', '60000'];
  const server = await startServer(archive, args, { detached: true, workers: 2 });
  const workers = server.workers();
  const busy = await Wire.open(server.port);
  busy.send(get('/large.bin'));
  await until(() => busy.waiting > 0);
  busy.pause();
  process.kill(-server.pid, 'SIGINT');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  await until(() => !workers.some(isAlive));
  expect(server.stderr()).toBe('');
  busy.destroy();
});

test('a page at the path of health ends the start', async () => {
  const args = [program, archive, '--listen', '127.0.0.1:0', '--health-path', '/small.txt'];
  const ended = await runCommand(process.execPath, args, { timeout: 20_000 });
  const words = `${archive}: refused at record "/small.txt": a page where --health-path is.`;
  expect(ended.stderr).toBe(`cdbserve: ${words} Take another path for one of the two.\n`);
  expect([ended.code, ended.stdout]).toEqual([EXIT.archiveRefused, '']);
});

/** Asks over and over on connections that it keeps, and goes to others once health is no more. */
class Client {
  answers = 0;
  connections = 0;
  readonly #server: Server;
  readonly #isLeaving: () => boolean;
  readonly done: Promise<void>;

  constructor(server: Server, isLeaving: () => boolean) {
    this.#server = server;
    this.#isLeaving = isLeaving;
    this.done = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#isLeaving()) {
      const wire = await Wire.open(this.#server.port);
      this.connections++;
      while (!isLast(await this.#ask(wire)));
      if ((await wire.closed()) !== 'fin') throw new Error('a reset');
      wire.close();
    }
  }

  async #ask(wire: Wire): Promise<Reply> {
    wire.send(get('/small.txt'));
    const reply = await wire.reply();
    if (reply.body.toString() !== 'small\n') throw new Error('another body');
    this.answers++;
    return reply;
  }
}

function isLast(reply: Reply): boolean {
  return value(reply, 'connection') === 'close';
}

const ENDINGS = FULL ? 20 : 2;
const CLIENTS = 16;

test(
  `no request fails through ${ENDINGS} endings under load, with the default wait`,
  { timeout: FULL ? 300_000 : 60_000 },
  async () => {
    let answers = 0;
    for (let ending = 0; ending < ENDINGS; ending++) answers += await endUnderLoad();
    expect(answers).toBeGreaterThan(CLIENTS * ENDINGS);
    record('SIGTERM under load: no request failed', {
      endings: ENDINGS,
      clients: CLIENTS,
      answers,
    });
  },
);

/** Gives the number of answers; throws when a request failed. */
async function endUnderLoad(): Promise<number> {
  const wait = ['--drain-wait', String(DRAIN_WAIT_MS)];
  const server = await startServer(archive, [...withHealth, ...wait], { workers: 2 });
  let leaving = false;
  const clients = Array.from({ length: CLIENTS }, () => new Client(server, () => leaving));
  const ended = Promise.all(clients.map(({ done }) => done));
  ended.catch(() => undefined);
  await until(() => clients.every(({ answers }) => answers > 0));
  server.signal('SIGTERM');
  await until(async () => (leaving = await isUnhealthy(server)));
  await ended;
  expect(await server.exited).toEqual({ code: 0, signal: null });
  return clients.reduce((sum, { answers }) => sum + answers, 0);
}
