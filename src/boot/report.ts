// report.ts: what a worker says of itself to --check: what nobody else can read.
import { fstatSync, readlinkSync } from 'node:fs';
import type { SealedMap, WallAddon } from '../native.ts';
import type { FixedOrders, WorkerReport } from './orders.ts';
import { SERVE, rowsOf } from './stages.ts';

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];
/** Node opens some twenty. */
const SCAN_END = 256;

/** 1:3, as fstat(2) has it. */
const DEV_NULL = 0x103;

/** Before the load stage, which allows none of these calls. `locked`: it is about to come. */
export function reportSelf(
  wall: WallAddon,
  archive: SealedMap,
  locked: FixedOrders | undefined,
): string {
  const { start, bytes } = wall.codeRange();
  const report: WorkerReport = {
    process: wall.processFacts(),
    environment: Object.keys(process.env),
    descriptors: Array.from({ length: SCAN_END }, (_, number) => kindOf(wall, number)).filter(
      (kind) => kind !== 'closed',
    ),
    namespaces: Object.fromEntries(NAMESPACES.flatMap(linkOf)),
    seals: archive.seals,
    msealed: archive.msealed,
    ...(locked && { calls: [...new Set(rowsOf(SERVE, locked).map(({ call }) => call))] }),
    ...(locked?.lockdown === 'standard' && {
      codeRange: [start.toString(16), (start + bytes).toString(16)] as const,
    }),
  };
  return JSON.stringify(report);
}

function linkOf(name: string): [string, string][] {
  try {
    return [[name, readlinkSync(`/proc/self/ns/${name}`)]];
  } catch {
    return [];
  }
}

/** In the words that /proc/PID/fd has for them, proc(5), as far as fstat(2) knows. */
function kindOf(wall: WallAddon, number: number): string {
  const kind = wall.descriptorKind(number);
  if (kind === 'closed') return kind;
  if (kind !== 'other') return `anon_inode:[${kind === 'epoll' ? 'eventpoll' : kind}]`;
  const status = fstatSync(number);
  if (status.isSocket()) return 'socket';
  if (status.isFIFO()) return 'pipe';
  if (status.isCharacterDevice()) return status.rdev === DEV_NULL ? '/dev/null' : 'device';
  if (status.isFile()) return status.nlink === 0 ? 'memfd' : 'file';
  return status.isDirectory() ? 'directory' : 'other';
}
