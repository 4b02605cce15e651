// watchdog.ts: tells the service manager that all is well for as long as every worker shows signs
// of life.
import type { Log } from '../log.ts';

/** A worker takes a turn each second, with requests or without. */
const STILL_MS = 5_000;
/** From its start to its first turn. */
const START_MS = 60_000;

/** By pid, a number that grows while a worker lives; 0: it does not serve yet. */
export type Beats = ReadonlyMap<number, number>;

interface Seen {
  readonly beats: number;
  /** When they were others. */
  readonly since: number;
}

/** Which workers stand still. */
export class Pulse {
  #seen: ReadonlyMap<number, Seen> = new Map();

  /** `now` in milliseconds. Gives the pids of those that stand still. */
  look(beats: Beats, now: number): number[] {
    this.#seen = new Map(
      [...beats].map(([pid, count]) => {
        const known = this.#seen.get(pid);
        return [pid, known?.beats === count ? known : { beats: count, since: now }];
      }),
    );
    return [...this.#seen]
      .filter(([, { beats: count, since }]) => now - since > (count === 0 ? START_MS : STILL_MS))
      .map(([pid]) => pid);
  }
}

/**
 * Looks twice as often as the manager asks for, and tells it by `alive` that nobody stands still;
 * whoever does is said once.
 */
export function watchOver(
  periodMs: number,
  beats: () => Beats,
  alive: () => void,
  log: Log,
): NodeJS.Timeout {
  const pulse = new Pulse();
  const said = new Set<number>();
  const look = (): void => {
    const still = pulse.look(beats(), performance.now());
    for (const pid of still) if (!said.has(pid)) warn(pid);
    if (still.length === 0) alive();
  };
  const warn = (pid: number): void => {
    said.add(pid);
    const text = `the worker with pid ${pid} stands still`;
    log.event('worker-stuck', `${text}: the service manager's watchdog is not fed`);
  };
  look();
  return setInterval(look, periodMs / 2).unref();
}
