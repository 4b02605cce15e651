// property.ts: looks for a value for which something does not hold.
import * as fc from 'fast-check';

/**
 * The smallest value found for which `holds` is false or throws; undefined: none in so many runs.
 */
export function counterexample<T>(
  values: fc.Arbitrary<T>,
  runs: number,
  holds: (value: T) => boolean,
): T | undefined {
  return fc.check(fc.property(values, holds), { numRuns: runs }).counterexample?.[0];
}
