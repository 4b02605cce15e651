// readings.ts: what is read of a worker's surroundings, from the best source there is.
import type { WorkerReport } from '../boot/orders.ts';
import type { Facts, Span } from './facts.ts';
import { type Reading, type Seen, UNREAD, countKinds, fromKernel } from './protection.ts';
import type { Step } from './steps.ts';

/** All that native/spawner/worker.c gives. */
const ENVIRONMENT = ['MALLOC_ARENA_MAX', 'TZ'];
const KINDS = [
  '/dev/null',
  'pipe',
  'socket',
  'memfd',
  'anon_inode:[eventpoll]',
  'anon_inode:[eventfd]',
];
const BYTES_A_MIB = 1 << 20;

/** What a worker alone can know. */
export function byItself(
  read: (report: WorkerReport) => readonly [value: string, holds: boolean],
): (seen: Seen) => Reading {
  return ({ told }) => {
    if (told === undefined) return UNREAD;
    const [value, holds] = read(told.report);
    return { value, holds, source: 'worker' };
  };
}

export function ofNamespace({ facts, host, told }: Seen, link: string, step: Step): Reading {
  const here = host.namespaces.get(link);
  const seen = facts.namespaces.get(link);
  const there = seen ?? told?.report.namespaces[link];
  const describe = (own: boolean): string => (own ? 'own' : 'shared with the host');
  if (here !== undefined && there !== undefined) {
    const source = seen === undefined ? 'worker' : 'kernel';
    return { value: describe(here !== there), holds: here !== there, source };
  }
  return bySpawner(told?.taken, step, describe);
}

/** What the spawner has done and tried itself. */
function bySpawner(
  taken: readonly Step[] | undefined,
  step: Step,
  describe: (taken: boolean) => string,
): Reading {
  if (taken === undefined) return UNREAD;
  const holds = taken.includes(step);
  return { value: describe(holds), holds, source: 'spawner' };
}

export function ofRoot({ facts: { mounts } }: Seen): Reading {
  const root = mounts?.find(({ place }) => place === '/');
  if (mounts === undefined || root === undefined) return UNREAD;
  const files = mounts.filter(({ place }) => place !== '/').map(({ place }) => place);
  if (root.type !== 'tmpfs') return fromKernel(`${root.type} of the host`, false);
  const writable = mounts.filter(({ readOnly }) => !readOnly).map(({ place }) => place);
  const holds = writable.length === 0;
  const text = holds ? 'read-only' : `writable: ${writable.join(' ')}`;
  return { ...fromKernel(`own, ${text}, ${files.length} files`, holds), details: files };
}

export function ofInterfaces({ facts: { interfaces, addresses } }: Seen): Reading {
  if (interfaces === undefined || addresses === undefined) return UNREAD;
  const isDown = addresses.length === 0;
  const state = isDown ? 'down' : `${addresses.length} addresses`;
  const holds = isDown && interfaces.every((name) => name === 'lo');
  return fromKernel(`${interfaces.join(' ') || 'none'}, ${state}`, holds);
}

export function ofNeighbours(seen: Seen): Reading {
  const own = ofNamespace(seen, 'pid', 'PID_NAMESPACE');
  const { neighbours } = seen.facts;
  if (own.holds === undefined) return own;
  if (!own.holds) return { ...own, value: 'those of the host' };
  if (neighbours === undefined) return { ...own, value: 'none: its pid namespace is its own' };
  return fromKernel(neighbours === 0 ? 'none' : `${neighbours}`, neighbours === 0);
}

export function ofLandlock({ told }: Seen, step: Step): Reading {
  const abi = told?.report.process.landlockAbi ?? 0;
  const known = abi > 0 ? `ABI ${abi}` : 'the kernel has none';
  return bySpawner(told?.taken, step, (taken) => `${taken ? 'closed' : 'open'} (${known})`);
}

export function ofLimit({ limits }: Facts, row: string, most: number): Reading {
  const limit = limits?.get(row);
  if (limit === undefined) return UNREAD;
  const [soft, hard] = limit;
  const value = soft === hard ? hard : `${soft}, can be raised to ${hard}`;
  return fromKernel(value, Number(soft) <= most && Number(hard) <= most);
}

export function ofEnvironment({ facts, told }: Seen): Reading {
  const names = facts.environment ?? told?.report.environment;
  if (names === undefined) return UNREAD;
  const source = facts.environment === undefined ? 'worker' : 'kernel';
  const holds = names.every((name) => ENVIRONMENT.includes(name));
  return { value: names.join(' ') || 'empty', holds, source };
}

export function ofDescriptors({ facts, told }: Seen): Reading {
  const kinds = facts.descriptors ?? told?.report.descriptors;
  if (kinds === undefined) return UNREAD;
  const source = facts.descriptors === undefined ? 'worker' : 'kernel';
  const holds = kinds.every((kind) => KINDS.includes(kind));
  return { value: `${kinds.length}: ${countKinds(kinds)}`, holds, source };
}

/** Memory that is executable and no file's: inside the compiler's range, or without one none. */
export function ofExecutable({ facts: { executable }, told, expected }: Seen): Reading {
  if (told === undefined) return UNREAD;
  const source = executable === undefined ? 'worker' : 'kernel';
  const { codeRange, process } = told.report;
  const spans = executable ?? [];
  if (expected.lockdown === 'jitless') {
    const holds = executable === undefined ? process.execGainRefused > 0 : spans.length === 0;
    return { value: holds ? 'none' : sizeOf(spans), holds, source };
  }
  if (codeRange === undefined) return { value: 'anywhere', holds: false, source };
  const [from, to] = codeRange.map((at) => BigInt(`0x${at}`)) as [bigint, bigint];
  const outside = spans.filter((span) => span.from < from || span.to > to);
  const holds = outside.length === 0;
  const room = `inside the compiler's range of ${sizeOf([{ from, to }])}`;
  const used = executable === undefined ? room : `${sizeOf(spans)} ${room}`;
  return { value: holds ? used : `${sizeOf(outside)} outside of its range`, holds, source };
}

function sizeOf(spans: readonly Span[]): string {
  const bytes = spans.reduce((sum, { from, to }) => sum + Number(to - from), 0);
  return `${(bytes / BYTES_A_MIB).toFixed(1)} MiB`;
}
