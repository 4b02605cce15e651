// ledger.ts: what a test of the full tier measured, kept in test/full-ledger.jsonl.
import { appendToLedger } from '../../scripts/ledger.mjs';

/** Full counts are wanted; otherwise small ones. */
export const FULL = process.env['CDBSERVE_FULL'] === '1';

/**
 * Call it after the assertions, or with `passed`. Figures have their unit in the name. Nothing in
 * the quick run.
 */
export function record(
  name: string,
  figures: Readonly<Record<string, number | string>>,
  passed = true,
): void {
  if (FULL) appendToLedger(name, figures, passed);
}
