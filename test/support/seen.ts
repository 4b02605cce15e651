// seen.ts: a worker as --check sees it where everything holds, for tests that take something away.
import { WORKER_DATA_BYTES_MAX } from '../../src/limits.ts';
import type { WorkerReport } from '../../src/boot/orders.ts';
import { type Facts, parseStatus } from '../../src/ops/facts.ts';
import type { Expected, Seen } from '../../src/ops/protection.ts';
import { STEPS } from '../../src/ops/steps.ts';
import type { ToldWorker } from '../../src/ops/told.ts';

const NONE = '0000000000000000';

export const STATUS = [
  'Uid:\t7\t7\t7\t7',
  'Gid:\t8\t8\t8\t8',
  'Groups:\t ',
  ...['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((set) => `Cap${set}:\t${NONE}`),
  'NoNewPrivs:\t1',
  'Seccomp:\t2',
  'Seccomp_filters:\t3',
].join('\n');

const NAMES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];
const DATA = String(WORKER_DATA_BYTES_MAX);
const LIMITS = 'file size,core file size,locked memory,msgqueue size,processes'.split(',');

export const FACTS: Facts = {
  threads: [parseStatus(STATUS), parseStatus(STATUS)],
  namespaces: new Map(NAMES.map((name) => [name, `${name}:[2]`])),
  neighbours: 0,
  mounts: [
    { place: '/', type: 'tmpfs', readOnly: true },
    { place: '/node', type: 'ext4', readOnly: true },
  ],
  limits: new Map<string, readonly [string, string]>([
    ...LIMITS.map((name) => [`Max ${name}`, ['0', '0']] as const),
    ['Max open files', ['99', '99']],
    ['Max data size', [DATA, DATA]],
  ]),
  environment: ['MALLOC_ARENA_MAX', 'TZ'],
  descriptors: ['/dev/null', 'socket', 'socket'],
  interfaces: ['lo'],
  addresses: [],
  dumpable: false,
  executable: [{ from: 0x1000n, to: 0x2000n }],
};

export const REPORT: WorkerReport = {
  process: { dumpable: 0, execGainRefused: 0, securebits: 0xef, deathSignal: 9, landlockAbi: 7 },
  environment: ['MALLOC_ARENA_MAX', 'TZ'],
  descriptors: ['pipe'],
  namespaces: Object.fromEntries(NAMES.map((name) => [name, `${name}:[2]`])),
  seals: 0x2f,
  msealed: true,
  codeRange: ['1000', '100000'],
  calls: ['close'],
};

export const TOLD: ToldWorker = { pid: 1, lacks: [], taken: STEPS, report: REPORT };

export const EXPECTED: Expected = {
  isRoot: false,
  uid: 7,
  gid: 8,
  descriptorsMax: 99,
  sandbox: 'auto',
  lockdown: 'standard',
};

const HOST: Facts = { ...FACTS, namespaces: new Map(NAMES.map((name) => [name, `${name}:[1]`])) };

export const SEEN: Seen = { facts: FACTS, host: HOST, expected: EXPECTED, told: TOLD };

export function seen(facts: Partial<Facts>, report: Partial<WorkerReport> = {}): Seen {
  const told = { ...TOLD, report: { ...REPORT, ...report } };
  return { ...SEEN, facts: { ...FACTS, ...facts }, told };
}

/** Where nothing can be read from outside. */
export const BLIND: Facts = {
  threads: [],
  namespaces: new Map(),
  neighbours: undefined,
  mounts: undefined,
  limits: undefined,
  environment: undefined,
  descriptors: undefined,
  interfaces: undefined,
  addresses: undefined,
  dumpable: undefined,
  executable: undefined,
};
