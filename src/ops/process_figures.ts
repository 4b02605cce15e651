// process_figures.ts: what this process uses of the machine.
import { readdirSync } from 'node:fs';

export interface ProcessFigures {
  readonly cpuSeconds: number;
  /** Since 1970-01-01. */
  readonly startSeconds: number;
  /** Undefined, as the next: no /proc tells. */
  readonly residentBytes: number | undefined;
  readonly descriptors: number | undefined;
}

export function processFigures(): ProcessFigures {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    startSeconds: performance.timeOrigin / 1e3,
    residentBytes: known(() => process.memoryUsage.rss()),
    descriptors: known(() => readdirSync('/proc/self/fd').length - 1), // the folder's own
  };
}

function known(read: () => number): number | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
