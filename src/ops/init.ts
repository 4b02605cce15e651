// init.ts: what process 1 of a container owes to it: signals have no default action there, and
// whoever loses its parent becomes its child.
import type { WallAddon } from '../native.ts';

const AGAIN_MS = 100;

/** Call it first. Signals that come before somebody obeys them are kept until then. */
export function keepSignals(): void {
  if (process.pid !== 1) return;
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => undefined);
}

/** Buries orphans when they end. `own` are children that somebody else waits for. */
export function buryOrphans(wall: WallAddon, own: () => readonly number[]): void {
  if (process.pid !== 1) return;
  const bury = (): void => {
    const isBlocked = wall.buryOthers(Int32Array.from(own()));
    if (isBlocked) setTimeout(bury, AGAIN_MS).unref();
  };
  process.on('SIGCHLD', bury);
  bury();
}
