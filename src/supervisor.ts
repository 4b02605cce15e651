// supervisor.ts: from a config to a running service, and to its end.
import { existsSync } from 'node:fs';
import { type Listener, listen, refuseNewcomers, urlOf } from './boot/listen.ts';
import { type FixedOrders, GIVEN_BESIDE_LISTENERS, numbersOf, workerFlags } from './boot/orders.ts';
import { lockSupervisor } from './boot/supervisor_lock.ts';
import type { Address } from './addresses.ts';
import type { Config } from './config.ts';
import {
  CONNECTIONS_MAX,
  CONNECTIONS_SPARE,
  DESCRIPTORS_RESERVED,
  WORKER_DATA_BYTES_MAX,
  WATCH_EVERY_MS,
  WORKER_DESCRIPTORS,
} from './limits.ts';
import type { Log } from './log.ts';
import type { WallAddon } from './native.ts';
import { reachOf, socketsOf } from './ops/adoption.ts';
import { Generations, type GenerationsPlan, type Loaded, describe } from './ops/generations.ts';
import { buryOrphans, keepSignals } from './ops/init.ts';
import { inspect, requireAll } from './ops/inspect.ts';
import { type Sealed, sealArchive, whyNotOpened } from './ops/load.ts';
import { Journals } from './ops/journals.ts';
import { Notifier } from './ops/notify.ts';
import { giveUpPrivilege } from './ops/privilege.ts';
import { filterText } from './ops/readback.ts';
import { obeySignals } from './ops/signals.ts';
import { Spawner, type SpawnerPlan } from './ops/spawner.ts';
import { count, startLine } from './ops/start_line.ts';
import { type Told, tell } from './ops/told.ts';
import { type User, findUser, readUserFiles } from './ops/user.ts';
import { watchFile } from './ops/watch.ts';
import { watchOver } from './ops/watchdog.ts';

export interface Parts {
  readonly wall: WallAddon;
  readonly addon: string;
  readonly spawner: string;
  readonly bundle: string;
  readonly verifier: string;
  readonly version: string;
}

/** Where the loader finds libraries outside of its own folders: ld.so(8). */
const LOADER_CACHE = '/etc/ld.so.cache';

/** What there is once root is given up, and before there is a worker. */
interface Service {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  readonly listeners: readonly Listener[];
  readonly generations: Generations;
  readonly notifier: Notifier;
  /** For the start line. */
  readonly confined: readonly string[];
  readonly tell: () => Promise<Told>;
}

/** Resolves when the service has ended as asked. */
export async function supervise(config: Config, parts: Parts, log: Log): Promise<void> {
  const { wall, version } = parts;
  keepSignals();
  let isStale = false;
  process.on('SIGHUP', () => (isStale = true)); // else it ends the process
  process.on('SIGUSR1', () => undefined); // else it opens the inspector of Node
  const isRoot = process.getuid!() === 0;
  const user = userOf(config);
  const sealed = await sealArchive(wall, config.archivePath);
  const listeners = config.addresses.map((address) =>
    listen(wall, address, config.workers, config.writeTimeoutMs),
  );
  const notifier = new Notifier(wall, config.manager, log);
  const journals = new Journals(wall, 0, []);
  const spawnerPlan = spawnerPlanOf(parts, ordersOf(config, parts), config, user);
  const spawner = new Spawner(wall, spawnerPlan);
  buryOrphans(wall, () => [spawner.pid ?? 0]);
  try {
    const confined = confine(config, wall, spawner, user);
    const plan = planOf(config, listeners, log, notifier, journals);
    const generations = new Generations(wall, spawner, plan, log);
    generations.finished.catch(() => undefined); // awaited below; it may settle before start does
    const drain = (): void => {
      generations.drain();
      refuseNewcomers(wall, listeners, config.drainTimeoutMs);
    };
    obeySignals({ config, log, generations, notifier, drain });
    if (isStale) generations.reload();
    const tell = async (): Promise<Told> => {
      const { uid, gid, descriptorsMax } = spawnerPlan;
      const workers = await generations.tell();
      return { isRoot, uid, gid, descriptorsMax, spawner: spawner.pid!, workers };
    };
    const service = { config, log, version, listeners, generations, notifier, confined, tell };
    await Promise.race([start(service, sealed), generations.finished]);
    await generations.finished;
    await journals.settled();
    log.event('ended', `after ${Math.round(process.uptime())} s`);
  } finally {
    spawner.close();
    if (config.tied) process.stdin.destroy(); // else it would go on until that ends
  }
}

/** Until it serves, and has said so. What does not start as a whole is ended as a whole. */
async function start(service: Service, sealed: Sealed): Promise<void> {
  const { config, log, generations } = service;
  const loaded = await generations.start(sealed);
  if (loaded === undefined) return;
  try {
    if (config.sandbox === 'require') {
      requireAll(inspect(config, process.pid, await service.tell()));
    }
    generations.open();
    const filter = filterText(config, generations.pids());
    log.event('started', [describeStart(service, loaded), filter, ...service.confined].join(', '));
    if (config.checked) process.stdout.write(tell(await service.tell()));
  } catch (error) {
    generations.kill();
    throw error;
  }
  tellManager(service);
  log.event('loaded', describe(loaded));
  await keepFresh(service);
}

function describeStart(service: Service, loaded: Loaded): string {
  const { config, version, generations, listeners } = service;
  return startLine(
    { config, version, lacks: generations.lacks, urls: listeners.map(urlOf) },
    loaded,
  );
}

/** That it serves, and from now on that its workers live. */
function tellManager({ config, log, listeners, generations, notifier }: Service): void {
  const { manager, workers } = config;
  notifier.ready(`serving ${listeners.map(urlOf).join(' ')} with ${count(workers, 'worker')}`);
  if (manager.watchdogMs === undefined) return;
  watchOver(
    manager.watchdogMs,
    () => generations.beats(),
    () => notifier.alive(),
    log,
  );
}

/** What a reload will need, and what asks for one. */
async function keepFresh({ config, log, generations }: Service): Promise<void> {
  const { archivePath } = config;
  const failure = await whyNotOpened(archivePath);
  if (failure) log.event('reload-at-risk', `a reload will fail: ${failure.message}`);
  if (!config.watch) return;
  const known = (): string => generations.seen;
  watchFile(archivePath, WATCH_EVERY_MS, known, (identity) => generations.reload(identity));
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

function planOf(
  config: Config,
  listeners: readonly Listener[],
  log: Log,
  notifier: Notifier,
  journals: Journals,
): GenerationsPlan {
  const { archivePath, workers, drainWaitMs } = config;
  const reach = reachIn(config);
  return {
    path: archivePath,
    listeners: Array.from({ length: workers }, (_, worker) =>
      socketsOf(worker, workers, reach, {
        addresses: listeners.map(({ sockets }) => sockets),
        parted: config.addresses.map(isParted),
      }),
    ),
    reach,
    journals,
    drainWaitMs,
    reloading: (isUnderWay) => {
      notifier.reloading(isUnderWay);
      if (isUnderWay) log.event('reloading', archivePath);
    },
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
    verifier: parts.verifier,
    sandbox: config.sandbox,
    lockdown: config.lockdown,
    ...numbers,
    lasting: numbers.listeners.filter((_, index) => 'descriptor' in config.addresses[index]!),
    connectionsMax: Math.max(1, Math.floor(connections / config.workers)),
    connectionsPerAddress: config.connectionsPerAddress,
    trusted: config.trusted,
    requestLineBytesMax: config.requestLineBytesMax,
    headerBytesMax: config.headerBytesMax,
    headerFieldsMax: config.headerFieldsMax,
    headerTimeoutMs: config.headerTimeoutMs,
    idleTimeoutMs: config.idleTimeoutMs,
    writeTimeoutMs: config.writeTimeoutMs,
    sendRateMin: config.sendRateMin,
    lingerTimeoutMs: config.lingerTimeoutMs,
    drainTimeoutMs: config.drainTimeoutMs,
    healthPath: config.healthPath,
    logsAnswers: false,
    heapReport: config.heapReport,
    selfReport: config.checked || config.sandbox === 'require',
  };
}

/** All that a worker is but its role: the supervisor has no say in it later. */
function spawnerPlanOf(parts: Parts, orders: FixedOrders, config: Config, user: User): SpawnerPlan {
  const program = process.execPath;
  const files = [
    ...parts.wall.loadedFiles(),
    program,
    parts.addon,
    parts.bundle,
    parts.verifier,
    LOADER_CACHE,
  ];
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
