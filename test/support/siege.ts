// siege.ts: an attack on a running server while honest clients go on asking, and what must hold
// during it and after it.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { memoryBound } from './bound.ts';
import { Honest } from './honest.ts';
import type { Asked } from './honest.ts';
import { FULL, record } from './ledger.ts';
import { descendantsOf, openDescriptors, privateBytes } from './proc.ts';
import { startServer } from './server.ts';
import type { Server } from './server.ts';
import { noise, packSite } from './site.ts';
import { Wire, get } from './wire.ts';

export interface Town {
  readonly server: Server;
  readonly port: number;
  readonly worker: number;
  readonly connectionsMax: number;
  /** Of the worker, with no connection open. */
  readonly descriptors: number;
  /** Every process of the service but the supervisor. */
  readonly processes: readonly number[];
  /** Open at one time so far: a worker keeps the memory it took. */
  mostOpen: number;
}

export interface Siege {
  readonly name: string;
  /** The attacker's connections at any one time, at most. */
  readonly connections: number;
  /** What the attack counted is recorded with the rest. */
  attack(): Promise<Readonly<Record<string, number>>>;
}

interface Watched extends Asked {
  readonly beforeBytes: number;
  readonly peakBytes: number;
  readonly afterBytes: number;
}

export const CONTENT = {
  'small.txt': Buffer.from('small\n'),
  'page.html': Buffer.from('<p>A page like any other.\n'.repeat(200)),
  'medium.bin': noise(70_000, 1),
};
export const LARGE = noise(10_000_000, 2);

/** Short in the quick tier, those of the server in the full one. */
export const TIMES = FULL
  ? { headerMs: 10_000, idleMs: 60_000, writeMs: 30_000 }
  : { headerMs: 1_500, idleMs: 4_000, writeMs: 2_000 };
/** How late a time-out may come on a busy machine. */
export const LATE_MS = 3_000;
export const LINGER_TOTAL_MS = 5_000;

/** The honest client's two connections: one stays, one comes and goes. */
const HONEST_CONNECTIONS = 2;
const SAMPLE_MS = 50;
const QUIET_MS_MAX = 12_000;

export async function startTown(connectionsMax: number): Promise<Town> {
  const files = { ...CONTENT, 'large.bin': LARGE, 'sub/index.html': 'below\n' };
  const { archive } = await packSite(files);
  const times = ['--header-timeout', TIMES.headerMs, '--idle-timeout', TIMES.idleMs];
  const bounds = ['--write-timeout', TIMES.writeMs, '--max-connections', connectionsMax];
  const server = await startServer(archive, [...times, ...bounds].map(String));
  const worker = server.workers()[0]!;
  const descriptors = openDescriptors(worker);
  const processes = descendantsOf(server.pid);
  return { server, port: server.port, worker, connectionsMax, descriptors, processes, mostOpen: 0 };
}

/**
 * The honest client is right all the time, memory stays within its bound, and afterwards everything
 * is as before: the same worker, no further process, no descriptor, no word on standard error.
 */
export async function expectWithstood(town: Town, siege: Siege): Promise<void> {
  const open = Math.min(siege.connections + HONEST_CONNECTIONS, town.connectionsMax);
  town.mostOpen = Math.max(town.mostOpen, open);
  const bound = memoryBound(town.connectionsMax, town.mostOpen);
  const { counted, watched } = await watch(town, siege);
  await expectQuiet(town);
  expect(watched.beforeBytes, 'memory before').toBeLessThan(bound);
  expect(watched.peakBytes, 'memory during').toBeLessThan(bound);
  expect(watched.afterBytes, 'memory after').toBeLessThan(bound);
  record(`abuse: ${siege.name}`, { ...counted, ...watched, boundBytes: bound });
}

/** No connection is left, and nothing else changed either. */
export async function expectQuiet(town: Town): Promise<void> {
  const open = (): number => openDescriptors(town.worker);
  await until(() => open() === town.descriptors, QUIET_MS_MAX, 'the descriptors are as before');
  expect(town.server.workers(), 'workers').toEqual([town.worker]);
  expect(descendantsOf(town.server.pid), 'processes').toEqual(town.processes);
  expect(town.server.stderr(), 'standard error').toBe('');
}

/**
 * The worker counts no connection too many and none too few: exactly as many as may be open are
 * held, and one more costs the one that is idle longest its place.
 */
export async function expectAllPlaces(town: Town): Promise<void> {
  await expectQuiet(town);
  const wires: Wire[] = [];
  while (wires.length < town.connectionsMax) {
    const wire = await Wire.open(town.port);
    wires.push(wire);
    await expectSmall(wire);
  }
  const [oldest, ...others] = wires;
  expect(oldest!.ending).toBeUndefined();
  const newcomer = await Wire.open(town.port);
  await expectSmall(newcomer);
  expect(await oldest!.closed()).toBe('fin');
  for (const wire of others) expect([wire.ending, wire.waiting]).toEqual([undefined, 0]);
  for (const wire of [...wires, newcomer]) wire.destroy();
  await expectQuiet(town);
}

export async function openMany(port: number, count: number): Promise<Wire[]> {
  const wires: Wire[] = [];
  while (wires.length < count) {
    const batch = Math.min(100, count - wires.length);
    wires.push(...(await Promise.all(Array.from({ length: batch }, () => Wire.open(port)))));
  }
  return wires;
}

/** At least `leastMs` and not much later. Gives the time taken in milliseconds. */
export async function within(leastMs: number, work: () => Promise<void>): Promise<number> {
  const before = performance.now();
  await work();
  const taken = performance.now() - before;
  expect(taken).toBeGreaterThan(leastMs - 100);
  expect(taken).toBeLessThan(leastMs + LATE_MS);
  return Math.round(taken);
}

/** Waits until it is so, for `timeoutMs` at most. */
export async function until(done: () => boolean, timeoutMs: number, what: string): Promise<void> {
  const last = performance.now() + timeoutMs;
  while (!done()) {
    if (performance.now() > last) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(10);
  }
}

async function expectSmall(wire: Wire): Promise<void> {
  wire.send(get('/small.txt'));
  expect((await wire.reply()).body.equals(CONTENT['small.txt'])).toBe(true);
}

async function watch(town: Town, siege: Siege) {
  const beforeBytes = privateBytes(town.worker);
  let peakBytes = beforeBytes;
  const sample = (): void => void (peakBytes = Math.max(peakBytes, privateBytes(town.worker)));
  const timer = setInterval(sample, SAMPLE_MS);
  const honest = new Honest(town.port, CONTENT);
  try {
    const counted = await siege.attack();
    sample();
    const asked = await honest.stop();
    const watched: Watched = {
      ...asked,
      beforeBytes,
      peakBytes,
      afterBytes: privateBytes(town.worker),
    };
    return { counted, watched };
  } finally {
    clearInterval(timer);
    await honest.stop().catch(() => undefined);
  }
}
