// backoff.ts: how long to wait before a dead worker is replaced, and when to give up. Pure.

export const DEATHS_MAX = 10;
export const WINDOW_MS = 60_000;
const FIRST_WAIT_MS = 50;
const WAIT_MS_MAX = 5_000;

/**
 * Times of death in milliseconds, the newest last. Gives the wait in milliseconds, or undefined:
 * give up.
 */
export function waitBeforeRestart(deaths: readonly number[]): number | undefined {
  const newest = deaths.at(-1) ?? 0;
  const recent = deaths.filter((time) => newest - time < WINDOW_MS).length;
  if (recent >= DEATHS_MAX) return undefined;
  return recent <= 1 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (recent - 2), WAIT_MS_MAX);
}
