// deaths.test.ts: workers that die while clients are there, and what else may die.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FULL, record } from '../support/ledger.ts';
import { descendantsOf, isAlive } from '../support/proc.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packSite, temporaryFolder } from '../support/site.ts';
import { Wire, get } from '../support/wire.ts';

const { archive } = await packSite({ 'small.txt': 'small\n' });

async function until(done: () => boolean, limitMs = 20_000): Promise<void> {
  const last = performance.now() + limitMs;
  while (!done()) {
    if (performance.now() > last) throw new Error(`not so after ${limitMs} ms`);
    await sleep(5);
  }
}

/** Whether the answer came; false: the connection broke. */
async function ask(wire: Wire): Promise<boolean> {
  wire.send(get('/small.txt'));
  try {
    return (await wire.reply({ timeoutMs: 20_000 })).body.toString() === 'small\n';
  } catch (error) {
    if (wire.ending === undefined) throw error;
    return false;
  }
}

async function askAnew(server: Server): Promise<boolean> {
  const wire = await Wire.open(server.port);
  const answered = await ask(wire);
  wire.destroy();
  return answered;
}

const killed = (server: Server): number =>
  server.stderr().split('ended: signal SIGKILL').length - 1;
const replaced = (server: Server): number => server.stderr().split(' replaced (pid ').length - 1;

/** Waits until all workers serve, and kills the one in that place. */
async function kill(server: Server, workers: number, place: number): Promise<void> {
  await complete(server, workers);
  const before = killed(server);
  process.kill(server.workers()[place]!, 'SIGKILL');
  await until(() => killed(server) === before + 1);
}

function complete(server: Server, workers: number): Promise<void> {
  return until(() => replaced(server) === killed(server) && server.workers().length === workers);
}

test('while a worker is dead its neighbours accept who waits in its queue', async () => {
  const server = await startServer(archive, [], { workers: 3 });
  // After the eighth death nobody is replaced for 3.2 s, after the ninth for 5 s.
  for (let death = 1; death <= 8; death++) await kill(server, 3, 2);
  const newcomers = await Promise.all(Array.from({ length: 48 }, () => askAnew(server)));
  expect(server.workers(), 'nobody was replaced meanwhile').toHaveLength(2);
  expect(new Set(newcomers)).toEqual(new Set([true]));
  await complete(server, 3);
  const doomed = server.workers()[2]!;
  process.kill(doomed, 'SIGSTOP');
  const waiting = new Set(Array.from({ length: 48 }, () => askAnew(server)));
  const answers = Promise.all(waiting);
  for (const one of waiting) void one.then(() => waiting.delete(one));
  await sleep(300);
  expect(waiting.size).toBeGreaterThan(0);
  await kill(server, 3, 2);
  expect(new Set(await answers)).toEqual(new Set([true]));
  expect(server.workers(), 'nobody was replaced meanwhile').toHaveLength(2);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

/** A supervisor whose minutes are 30 ms long, so that it gives nobody up. */
function inHaste(): readonly string[] {
  const hook = join(temporaryFolder(), 'haste.cjs');
  writeFileSync(
    hook,
    'const now = performance.now.bind(performance);\nperformance.now = () => now() * 2_000;\n',
  );
  return ['env', `NODE_OPTIONS=--require=${hook}`];
}

/** A connection that is kept. Whose it is shows when a worker dies. */
interface Held {
  readonly wire: Wire;
  /** The worker that has it, once that is known. */
  owner: number | undefined;
}

async function hold(server: Server): Promise<Held> {
  const wire = await Wire.open(server.port);
  return { wire, owner: undefined };
}

/** Asks over and over; false: the connection broke. */
async function keepAsking(wire: Wire, isOver: () => boolean): Promise<boolean> {
  while (!isOver()) if (!(await ask(wire))) return false;
  return ask(wire);
}

/** On a new connection each time. Gives how many broke. */
async function comeAndGo(server: Server, isOver: () => boolean): Promise<number> {
  let broken = 0;
  while (!isOver()) if (!(await askAnew(server))) broken++;
  return broken;
}

const KILLS = FULL ? 50 : 5;
const HELD = 24;
const NEWCOMERS = 4;

test(
  `${KILLS} workers are killed under load, and nobody else's connections break`,
  { timeout: FULL ? 600_000 : 60_000 },
  async () => {
    const server = await startServer(archive, [], { workers: 2, wrapper: inHaste() });
    let all = await Promise.all(Array.from({ length: HELD }, () => hold(server)));
    let broken = 0;
    for (let death = 1; death <= KILLS; death++) {
      const left = await killOne(server, all);
      broken += HELD - left.length;
      await complete(server, 2);
      const others = Array.from({ length: HELD - left.length }, () => hold(server));
      all = [...left, ...(await Promise.all(others))];
    }
    expect(broken).toBeGreaterThan(0);
    expect(server.stderr().split('\n')).toHaveLength(2 * KILLS + 1);
    for (const { wire } of all) wire.close();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    record('workers killed under load', { kills: KILLS, connections: HELD, broken });
  },
);

/** Kills one of two workers at random. Gives the connections that are left: the other one's. */
async function killOne(server: Server, all: readonly Held[]): Promise<Held[]> {
  let over = false;
  const isOver = (): boolean => over;
  const asked = Promise.all(all.map(({ wire }) => keepAsking(wire, isOver)));
  const newcomers = Promise.all(Array.from({ length: NEWCOMERS }, () => comeAndGo(server, isOver)));
  await sleep(20 * Math.random());
  const place = Math.random() < 0.5 ? 0 : 1;
  const [doomed, other] = [server.workers()[place]!, server.workers()[1 - place]!];
  await kill(server, 2, place);
  over = true;
  const answered = await asked;
  const left = all.filter((_, index) => answered[index]);
  expect(left.filter(({ owner }) => owner === doomed)).toEqual([]);
  const lost = all.filter((_, index) => !answered[index]);
  expect(lost.filter(({ owner }) => owner === other)).toEqual([]);
  for (const held of left) held.owner = other;
  for (const { wire } of lost) wire.destroy();
  for (const broken of await newcomers) expect(broken).toBeLessThanOrEqual(1);
  return left;
}

test.each([
  ['supervisor', null],
  ['spawner', 1],
] as const)('when the %s is killed no process is left', async (name, code) => {
  const server = await startServer(archive, [], { workers: 2 });
  const below = descendantsOf(server.pid);
  expect(below.length).toBeGreaterThanOrEqual(3);
  const wire = await Wire.open(server.port);
  expect(await ask(wire)).toBe(true);
  process.kill(name === 'supervisor' ? server.pid : below[0]!, 'SIGKILL');
  expect((await server.exited).code).toBe(code);
  await until(() => !below.some(isAlive));
  await wire.closed();
  const words = `cdbserve: the spawner (pid ${below[0]}) ended: signal SIGKILL. `;
  if (name === 'spawner') expect(server.stderr()).toContain(words);
});
