// worker_plan.ts: all that a worker is told and given before it is started.
import { existsSync } from 'node:fs';
import { type FixedOrders, GIVEN_BESIDE_LISTENERS, numbersOf, workerFlags } from './boot/orders.ts';
import type { Address } from './addresses.ts';
import type { Config } from './config.ts';
import {
  CONNECTIONS_MAX,
  CONNECTIONS_SPARE,
  DESCRIPTORS_RESERVED,
  WORKER_DATA_BYTES_MAX,
  WORKER_DESCRIPTORS,
} from './limits.ts';
import type { WallAddon } from './native.ts';
import { reachOf } from './ops/adoption.ts';
import type { SpawnerPlan } from './ops/spawner.ts';
import type { User } from './ops/user.ts';

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

/** Each worker has a queue of its own there. */
export function isParted(address: Address): boolean {
  return 'port' in address;
}

export function reachIn({ addresses, workers }: Config): number {
  const parted = addresses.filter(isParted).length;
  return reachOf(workers, { addresses: addresses.length, parted }, GIVEN_BESIDE_LISTENERS);
}

export function ordersOf(config: Config, parts: Parts): FixedOrders {
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
    logsAnswers: config.accessLog !== undefined,
    heapReport: config.heapReport,
    selfReport: config.checked || config.sandbox === 'require',
  };
}

/** All that a worker is but its role: the supervisor has no say in it later. */
export function spawnerPlanOf(
  parts: Parts,
  orders: FixedOrders,
  config: Config,
  user: User,
): SpawnerPlan {
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
