// watch.ts: looks at a file now and then, and says when it has become another and stays so.
import { type BigIntStats, stat } from 'node:fs';
import { identityOf } from './load.ts';

/** What a file is like from look to look. */
export class Looks {
  #candidate: string | undefined;

  /**
   * True once the same news is seen twice in a row: half a file is longer at the next look.
   * `now` is undefined where there is no file; `known` is what was last taken notice of.
   */
  look(now: string | undefined, known: string): boolean {
    const isNews = now !== undefined && now !== known;
    const isSettled = isNews && now === this.#candidate;
    this.#candidate = isNews && !isSettled ? now : undefined;
    return isSettled;
  }
}

/**
 * Calls `changed` with the identityOf() the file at `path` when that is no longer what `known`
 * gives. Gives what ends it. Keeps no process alive.
 */
export function watchFile(
  path: string,
  everyMs: number,
  known: () => string,
  changed: (identity: string) => void,
): () => void {
  const looks = new Looks();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return; // a file system that hangs
    isLooking = true;
    stat(path, { bigint: true }, (error: Error | null, found: BigIntStats) => {
      isLooking = false;
      const now = error === null ? identityOf(found) : undefined;
      if (looks.look(now, known())) changed(now!);
    });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
