// supervisor.ts: from a config to a running service, and to its end.
import { existsSync } from 'node:fs';
import { expectNoPage } from './boot/health.ts';
import { type Archive, loadArchive } from './boot/load.ts';
import { type Listener, listen, refuseNewcomers, urlOf } from './boot/listen.ts';
import { type FixedOrders, ORDER_HEAP, numberOfSite, workerFlags } from './boot/orders.ts';
import { lockSupervisor } from './boot/supervisor_lock.ts';
import type { Address } from './addresses.ts';
import type { Config } from './config.ts';
import { size } from './format/size.ts';
import {
  CONNECTIONS_MAX,
  CONNECTIONS_SPARE,
  DESCRIPTORS_RESERVED,
  WORKER_DATA_BYTES_MAX,
  WORKER_DESCRIPTORS,
} from './limits.ts';
import type { Log } from './log.ts';
import type { WallAddon } from './native.ts';
import { reachOf, socketsOf } from './ops/adoption.ts';
import { Crew, type CrewPlan, GIVEN_BESIDE_LISTENERS, numbersOf } from './ops/crew.ts';
import { inspect, requireAll } from './ops/inspect.ts';
import { giveUpPrivilege } from './ops/privilege.ts';
import { filterText } from './ops/readback.ts';
import { Spawner, type SpawnerPlan } from './ops/spawner.ts';
import { type Lack, summarize } from './ops/steps.ts';
import { type Told, tell } from './ops/told.ts';
import { type User, findUser, readUserFiles } from './ops/user.ts';

export interface Parts {
  readonly wall: WallAddon;
  readonly addon: string;
  readonly spawner: string;
  readonly bundle: string;
  readonly version: string;
}

const NO_MSEAL = 'kernel before 6.10, or an outer sandbox hides mseal';

/** Where the loader finds libraries outside of its own folders: ld.so(8). */
const LOADER_CACHE = '/etc/ld.so.cache';

/** Resolves when the service has ended as asked. */
export async function supervise(config: Config, parts: Parts, log: Log): Promise<void> {
  const started = performance.now();
  process.on('SIGUSR1', () => undefined); // else it opens the inspector of Node
  const isRoot = process.getuid!() === 0;
  const user = userOf(config);
  const archive = loadArchive(parts.wall, config.archivePath);
  expectNoPage(archive, config.archivePath, config.healthPath);
  const loaded = performance.now();
  const listeners = config.addresses.map((address) =>
    listen(parts.wall, address, config.workers, config.writeTimeoutMs),
  );
  const spawnerPlan = spawnerPlanOf(parts, ordersOf(config, parts), config, user);
  const spawner = new Spawner(parts.wall, spawnerPlan);
  try {
    const confined = confine(config, parts.wall, spawner, user);
    const crew = new Crew(parts.wall, spawner, planOf(config, archive, listeners), log);
    obeySignals(crew, config, () => {
      crew.drain();
      refuseNewcomers(parts.wall, listeners, config.drainTimeoutMs);
    });
    crew.finished.catch(() => undefined); // awaited below; it may settle before start does
    const toldOf = async (): Promise<Told> => {
      const { uid, gid, descriptorsMax } = spawnerPlan;
      const workers = await crew.tell();
      return { isRoot, uid, gid, descriptorsMax, spawner: spawner.pid!, workers };
    };
    const filter = await startOrEnd(crew, async () => {
      if (config.sandbox === 'require') requireAll(inspect(config, process.pid, await toldOf()));
      return filterText(config, crew.pids());
    });
    const line = startLine(config, parts, archive, listeners, crew.lacks);
    log.info([line, filter, ...confined].join(', '));
    if (config.checked) process.stdout.write(tell(await toldOf()));
    if (config.verbose) {
      const steps = `archive sealed and verified in ${milliseconds(loaded - started)}`;
      log.info(`${steps}, workers ready in ${milliseconds(performance.now() - loaded)}`);
    }
    await crew.finished;
  } finally {
    spawner.close();
  }
}

/** From here on not root, and filtered, for good, before there is a worker. For the start line. */
function confine(config: Config, wall: WallAddon, spawner: Spawner, user: User): string[] {
  if (config.sandbox === 'off') return [];
  giveUpPrivilege(wall, user);
  const threads = lockSupervisor(wall, spawner.socket);
  const found = threads === undefined ? 'not read back: no /proc' : count(threads, 'thread');
  return [`supervisor filtered (${found})`];
}

/** Who serves: as root somebody else, else whoever started it. */
function userOf(config: Config): User {
  const own = { uid: process.getuid!(), gid: process.getgid!() };
  return own.uid === 0 ? findUser(config.user, readUserFiles()) : own;
}

/**
 * A crew that does not start as a whole is ended as a whole: nothing would wait for the rest of it.
 */
async function startOrEnd(crew: Crew, readBack: () => Promise<string>): Promise<string> {
  try {
    await Promise.race([crew.start(), crew.finished]);
    return await readBack();
  } catch (error) {
    crew.kill();
    throw error;
  }
}

function planOf(config: Config, archive: Archive, listeners: readonly Listener[]): CrewPlan {
  const { hosts, defaultSite, rewrites, rules } = archive.manifest;
  const reach = reachIn(config);
  return {
    site: numberOfSite({
      hosts: hosts.length > 0,
      defaultSite,
      rewrites: rewrites > 0,
      rules: rules > 0,
    }),
    archive: archive.descriptor,
    listeners: Array.from({ length: config.workers }, (_, worker) =>
      socketsOf(worker, config.workers, reach, {
        addresses: listeners.map(({ sockets }) => sockets),
        parted: config.addresses.map(isParted),
      }),
    ),
    reach,
  };
}

/** Each worker has a queue of its own there. */
function isParted(address: Address): boolean {
  return 'port' in address;
}

function reachIn({ addresses, workers }: Config): number {
  const parted = addresses.filter(isParted).length;
  return reachOf(workers, { addresses: addresses.length, parted }, GIVEN_BESIDE_LISTENERS);
}

function ordersOf(config: Config, parts: Parts): FixedOrders {
  const descriptors = parts.wall.raiseDescriptorLimit() - DESCRIPTORS_RESERVED;
  const parted = config.addresses.filter(isParted).length;
  const numbers = numbersOf(config.addresses.length, reachIn(config), parted);
  const connections = config.connectionsMax ?? Math.min(descriptors, CONNECTIONS_MAX);
  return {
    addon: parts.addon,
    sandbox: config.sandbox,
    lockdown: config.lockdown,
    ...numbers,
    lasting: numbers.listeners.filter((_, index) => 'descriptor' in config.addresses[index]!),
    connectionsMax: Math.max(1, Math.floor(connections / config.workers)),
    headerTimeoutMs: config.headerTimeoutMs,
    idleTimeoutMs: config.idleTimeoutMs,
    writeTimeoutMs: config.writeTimeoutMs,
    drainTimeoutMs: config.drainTimeoutMs,
    healthPath: config.healthPath,
    heapReport: config.heapReport,
    selfReport: config.checked || config.sandbox === 'require',
  };
}

/** All that a worker is but the number of its site: the supervisor has no say in it later. */
function spawnerPlanOf(parts: Parts, orders: FixedOrders, config: Config, user: User): SpawnerPlan {
  const program = process.execPath;
  const files = [...parts.wall.loadedFiles(), program, parts.addon, parts.bundle, LOADER_CACHE];
  return {
    path: parts.spawner,
    mode: config.sandbox,
    ...user,
    descriptorsMax: orders.connectionsMax + CONNECTIONS_SPARE + WORKER_DESCRIPTORS,
    dataBytesMax: WORKER_DATA_BYTES_MAX,
    inherited: GIVEN_BESIDE_LISTENERS + orders.listeners.length + orders.adoptable.flat().length,
    files: [...new Set(files)].filter((file) => existsSync(file)),
    command: [
      program,
      ...workerFlags(config.lockdown),
      ...(config.heapReport ? ['--expose-gc'] : []),
      parts.bundle,
      JSON.stringify(orders),
    ],
  };
}

/** SIGTERM drains after the wait, a second one and SIGINT end at once. */
function obeySignals(crew: Crew, config: Config, drain: () => void): void {
  let draining = false;
  process.on('SIGINT', () => crew.kill());
  process.on('SIGTERM', () => {
    if (draining) return crew.kill();
    draining = true;
    crew.announce();
    setTimeout(drain, config.drainWaitMs).unref();
  });
  // Whoever checks it may be killed: nothing is left behind.
  if (config.checked) process.stdin.on('end', () => crew.kill()).resume();
  if (config.heapReport) process.on('SIGUSR2', () => crew.order(ORDER_HEAP));
}

function startLine(
  config: Config,
  parts: Parts,
  archive: Archive,
  listeners: readonly Listener[],
  lacks: readonly Lack[],
): string {
  const { files } = archive.manifest;
  return [
    `${parts.version}: ${count(files, 'file')}`,
    size(archive.bytes),
    listeners.map(urlOf).join(' '),
    count(config.workers, 'worker'),
    ...protections(config, archive, lacks),
  ].join(', ');
}

/** As read back from the kernel, and plainly what is not there. */
function protections(config: Config, archive: Archive, lacks: readonly Lack[]): string[] {
  const { seals, msealed } = archive.map;
  const mapping = msealed ? 'mapping sealed' : `mapping not sealed (${NO_MSEAL})`;
  return [`archive sealed (0x${seals.toString(16)}), ${mapping}`, sandboxText(config, lacks)];
}

function sandboxText(config: Config, lacks: readonly Lack[]): string {
  if (config.sandbox === 'off') return 'workers NOT SANDBOXED (--sandbox off)';
  return lacks.length === 0 ? 'workers sandboxed' : `workers without ${summarize(lacks)}`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

function milliseconds(duration: number): string {
  return `${Math.round(duration)} ms`;
}
