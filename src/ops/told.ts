// told.ts: what a service that is checked says of itself, in one line: what nobody sees from
// outside.
import { READY, type WorkerReport } from '../boot/orders.ts';
import type { Lack, Step } from './steps.ts';

export interface ToldWorker {
  readonly pid: number;
  readonly lacks: readonly Lack[];
  readonly taken: readonly Step[];
  readonly report: WorkerReport;
}

export interface Told {
  /** Who started it. */
  readonly isRoot: boolean;
  /** Who serves. */
  readonly uid: number;
  readonly gid: number;
  /** RLIMIT_NOFILE of a worker. */
  readonly descriptorsMax: number;
  readonly spawner: number;
  readonly workers: readonly ToldWorker[];
}

const PREFIX = 'cdbserve tells ';

export function tell(told: Told): string {
  return `${PREFIX}${JSON.stringify(told)}\n`;
}

/** Undefined until the whole line is there. */
export function findTold(output: string): Told | undefined {
  const line = output
    .split('\n')
    .slice(0, -1)
    .find((text) => text.startsWith(PREFIX));
  return line === undefined ? undefined : (JSON.parse(line.slice(PREFIX.length)) as Told);
}

/** What came over a boot socket. Throws when that is no whole report, which is our fault. */
export function readReport(text: string): WorkerReport {
  if (!text.startsWith(READY)) throw new Error('a worker made no report of itself');
  return JSON.parse(text.slice(READY.length)) as WorkerReport;
}
