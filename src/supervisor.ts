// supervisor.ts: from a config to a running service, and to its end.
import { type Listener, listen, refuseNewcomers, urlOf } from './boot/listen.ts';
import { lockSupervisor } from './boot/supervisor_lock.ts';
import type { Config } from './config.ts';
import { JOURNAL_RING_BYTES, WATCH_EVERY_MS } from './limits.ts';
import type { Log } from './log.ts';
import type { WallAddon } from './native.ts';
import { type AccessLog, isFile, openAccessLog } from './ops/access_log.ts';
import { Admin } from './ops/admin.ts';
import { socketsOf } from './ops/adoption.ts';
import { Counters } from './ops/counters.ts';
import { Generations, type GenerationsPlan, type Loaded, describe } from './ops/generations.ts';
import { buryOrphans, keepSignals } from './ops/init.ts';
import { inspect, requireAll } from './ops/inspect.ts';
import { type Sealed, sealArchive, whyNotOpened } from './ops/load.ts';
import { Journals } from './ops/journals.ts';
import { Notifier } from './ops/notify.ts';
import { giveUpPrivilege } from './ops/privilege.ts';
import { questionsOf } from './ops/questions.ts';
import { filterText } from './ops/readback.ts';
import { obeySignals } from './ops/signals.ts';
import { Spawner } from './ops/spawner.ts';
import { count, startLine } from './ops/start_line.ts';
import type { Tally } from './ops/tally.ts';
import { type Told, tell } from './ops/told.ts';
import { type User, findUser, readUserFiles } from './ops/user.ts';
import { watchFile } from './ops/watch.ts';
import { watchOver } from './ops/watchdog.ts';
import { type Parts, isParted, ordersOf, reachIn, spawnerPlanOf } from './worker_plan.ts';

/** For the last line and the exit code, which are made without a wait. */
const LEAVE_MS = 50;

/** What there is once root is given up, and before there is a worker. */
interface Service {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  readonly listeners: readonly Listener[];
  readonly admin: Listener | undefined;
  readonly generations: Generations;
  readonly notifier: Notifier;
  /** For the start line. */
  readonly confined: readonly string[];
  readonly tell: () => Promise<Told>;
}

/** Resolves when the service has ended as asked. */
export async function supervise(config: Config, parts: Parts, tally: Tally): Promise<void> {
  const { wall, version } = parts;
  const { log } = tally;
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
  const admin = config.admin && listen(wall, config.admin, 1, config.writeTimeoutMs);
  const notifier = new Notifier(wall, config.manager, log);
  const counters = new Counters();
  const spawnerPlan = spawnerPlanOf(parts, ordersOf(config, parts), config, user);
  const spawner = new Spawner(wall, spawnerPlan);
  buryOrphans(wall, () => [spawner.pid ?? 0]);
  let answering: Admin | undefined;
  try {
    const confined = confine(config, wall, spawner, user, admin?.sockets[0]);
    const accessLog = await openAccessLog(config, log);
    const journals = journalsOf(wall, counters, accessLog);
    const plan = planOf(config, listeners, log, notifier, journals);
    const generations = new Generations(wall, spawner, plan, log);
    generations.finished.catch(() => undefined); // awaited below; it may settle before start does
    const drain = (): void => {
      generations.drain();
      refuseNewcomers(wall, listeners, config.drainTimeoutMs);
    };
    obeySignals({ config, log, generations, notifier, accessLog, drain });
    if (isStale) generations.reload();
    const questions = questionsOf({ generations, counters, tally, accessLog, version });
    answering = admin && new Admin(wall, admin.sockets[0]!, questions);
    const tell = async (): Promise<Told> => {
      const { uid, gid, descriptorsMax } = spawnerPlan;
      const workers = await generations.tell();
      return { isRoot, uid, gid, descriptorsMax, spawner: spawner.pid!, workers };
    };
    const service = {
      config,
      log,
      version,
      listeners,
      admin,
      generations,
      notifier,
      confined,
      tell,
    };
    await Promise.race([start(service, sealed), generations.finished]);
    await endOf(wall, generations, journals, accessLog);
    log.event('ended', `after ${Math.round(process.uptime())} s`);
  } finally {
    answering?.close();
    spawner.close();
    if (config.tied) process.stdin.destroy(); // else it would go on until that ends
  }
}

/** All workers are gone, and what they noted is read and written. */
async function endOf(
  wall: WallAddon,
  generations: Generations,
  journals: Journals,
  accessLog: AccessLog | undefined,
): Promise<void> {
  try {
    await generations.finished;
  } finally {
    await journals.settled();
    if ((await accessLog?.end()) === false) leaveSoon(wall);
  }
}

/** A write that hangs would keep the process, and its thread an exit that waits for threads. */
function leaveSoon(wall: WallAddon): void {
  setTimeout(() => wall.exit(Number(process.exitCode)), LEAVE_MS).unref();
}

/** Records are noted where somebody writes them down. */
function journalsOf(
  wall: WallAddon,
  counters: Counters,
  accessLog: AccessLog | undefined,
): Journals {
  if (accessLog === undefined) return new Journals(wall, 0, [counters]);
  return new Journals(wall, JOURNAL_RING_BYTES, [counters, accessLog]);
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
    generations.open(loaded);
    const filter = filterText(config, generations.pids());
    const rest = [filter, ...service.confined, ...adminText(service)];
    log.event('started', [describeStart(service, loaded), ...rest].join(', '));
    if (config.checked) process.stdout.write(tell(await service.tell()));
  } catch (error) {
    generations.kill();
    throw error;
  }
  tellManager(service);
  log.event('loaded', describe(loaded));
  await keepFresh(service);
}

function adminText({ admin }: Service): string[] {
  return admin === undefined ? [] : [`admin ${urlOf(admin)}`];
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
function confine(
  config: Config,
  wall: WallAddon,
  spawner: Spawner,
  user: User,
  admin: number | undefined,
): string[] {
  if (config.sandbox === 'off') return [];
  giveUpPrivilege(wall, user);
  const options = { admin, logsToFile: isFile(config.accessLog) };
  const threads = lockSupervisor(wall, spawner.socket, options);
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
