// supervisor.ts: from a config to a running service, and to its end.
import { type Archive, loadArchive } from './boot/load.ts';
import { type Listener, listen, shutWhenEmpty, urlOf } from './boot/listen.ts';
import { ORDER_HEAP } from './boot/orders.ts';
import type { Config } from './config.ts';
import { DESCRIPTORS_RESERVED, CONNECTIONS_MAX } from './limits.ts';
import type { Log } from './log.ts';
import type { WallAddon } from './native.ts';
import { Crew } from './ops/crew.ts';
import { filterText } from './ops/readback.ts';

export interface Parts {
  readonly wall: WallAddon;
  readonly addon: string;
  readonly bundle: string;
  readonly version: string;
}

/**
 * Megabytes: enough for the code and its compiler; the hot path allocates nothing. The bounds of
 * inlining let the hot functions become two or three compiled ones; V8 knows the tables' addresses
 * there.
 */
const WORKER_FLAGS = [
  '--max-old-space-size=64',
  '--v8-pool-size=1',
  '--max-inlined-bytecode-size=1000',
  '--max-inlined-bytecode-size-cumulative=5000',
];
/** Without a compiler there is no WebAssembly either: V8 warns if it must find out itself. */
const JITLESS_FLAGS = ['--jitless', '--no-expose-wasm'];

/** Resolves when the service has ended as asked. */
export async function supervise(config: Config, parts: Parts, log: Log): Promise<void> {
  const started = performance.now();
  const archive = loadArchive(parts.wall, config.archivePath);
  const loaded = performance.now();
  const listeners = config.addresses.map((address) => listen(parts.wall, address, config.workers));
  const crew = new Crew(planOf(config, parts, archive, listeners), log);
  const sockets = listeners.flatMap((listener) => listener.sockets);
  obeySignals(crew, config, () => {
    crew.drain();
    shutWhenEmpty(parts.wall, sockets, config.drainTimeoutMs);
  });
  crew.finished.catch(() => undefined); // awaited below; it may settle before start does
  const filter = await startOrEnd(crew, () => filterText(config, crew.pids()));
  log.info(`${startLine(config, parts, archive, listeners)}, ${filter}`);
  if (config.verbose) {
    const steps = `archive sealed and verified in ${milliseconds(loaded - started)}`;
    log.info(`${steps}, workers ready in ${milliseconds(performance.now() - loaded)}`);
  }
  await crew.finished;
}

/**
 * A crew that does not start as a whole is ended as a whole: nothing would wait for the rest of it.
 */
async function startOrEnd(crew: Crew, readBack: () => string): Promise<string> {
  try {
    await Promise.race([crew.start(), crew.finished]);
    return readBack();
  } catch (error) {
    crew.kill();
    throw error;
  }
}

function planOf(config: Config, parts: Parts, archive: Archive, listeners: readonly Listener[]) {
  const descriptors = parts.wall.raiseDescriptorLimit() - DESCRIPTORS_RESERVED;
  const { hosts, defaultSite, rewrites } = archive.manifest;
  const connections = config.connectionsMax ?? Math.min(descriptors, CONNECTIONS_MAX);
  return {
    wall: parts.wall,
    bundle: parts.bundle,
    flags: [
      ...WORKER_FLAGS,
      ...(config.lockdown === 'jitless' ? JITLESS_FLAGS : []),
      ...(config.heapReport ? ['--expose-gc'] : []),
    ],
    archive: archive.descriptor,
    listeners: Array.from({ length: config.workers }, (_, worker) =>
      listeners.map((listener) => listener.sockets[worker]!),
    ),
    orders: {
      addon: parts.addon,
      sandbox: config.sandbox,
      lockdown: config.lockdown,
      connectionsMax: Math.max(1, Math.floor(connections / config.workers)),
      headerTimeoutMs: config.headerTimeoutMs,
      idleTimeoutMs: config.idleTimeoutMs,
      writeTimeoutMs: config.writeTimeoutMs,
      drainTimeoutMs: config.drainTimeoutMs,
      hosts: hosts.length > 0,
      defaultSite,
      rewrites: rewrites > 0,
      heapReport: config.heapReport,
    },
  };
}

/** SIGTERM drains, a second one and SIGINT end at once. */
function obeySignals(crew: Crew, config: Config, drain: () => void): void {
  let draining = false;
  process.on('SIGINT', () => crew.kill());
  process.on('SIGTERM', () => {
    if (draining) return crew.kill();
    draining = true;
    drain();
  });
  if (config.heapReport) process.on('SIGUSR2', () => crew.order(ORDER_HEAP));
}

function startLine(
  config: Config,
  parts: Parts,
  archive: Archive,
  listeners: readonly Listener[],
): string {
  const { files } = archive.manifest;
  return [
    `${parts.version}: ${count(files, 'file')}`,
    `${(archive.bytes / 1e6).toFixed(1)} MB`,
    listeners.map(urlOf).join(' '),
    count(config.workers, 'worker'),
    ...protections(archive),
  ].join(', ');
}

/** As read back from the kernel. */
function protections(archive: Archive): string[] {
  const { seals, msealed } = archive.map;
  const mapping = msealed ? 'mapping sealed' : 'mapping not sealed (kernel before 6.10)';
  return [`archive sealed (0x${seals.toString(16)}), ${mapping}`];
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

function milliseconds(duration: number): string {
  return `${Math.round(duration)} ms`;
}
