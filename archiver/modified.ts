// modified.ts: the time of Last-Modified, made from a file's own and the packing clock.

export interface ModifiedPolicy {
  /** mtime: the file's own time; none: no Last-Modified at all. */
  readonly source: 'mtime' | 'none';
  /**
   * Seconds since 1970 of SOURCE_DATE_EPOCH: no time is later.
   * https://reproducible-builds.org/specs/source-date-epoch
   */
  readonly clamp: number | undefined;
  /** Seconds since 1970: the packing clock. */
  readonly now: number;
}

/**
 * Seconds since 1970, or 0 for none: too old for the archive's field, later than the clock, or not
 * wanted.
 */
export function modifiedSeconds(policy: ModifiedPolicy, modifiedMs: number): number {
  if (policy.source === 'none') return 0;
  const seconds = Math.min(Math.floor(modifiedMs / 1000), policy.clamp ?? Infinity);
  return seconds < 0 || seconds > policy.now ? 0 : seconds;
}

/** Whether the file's time cannot be told to clients because it has not come yet. */
export function isInFuture(policy: ModifiedPolicy, modifiedMs: number): boolean {
  if (policy.source === 'none') return false;
  return Math.min(Math.floor(modifiedMs / 1000), policy.clamp ?? Infinity) > policy.now;
}
