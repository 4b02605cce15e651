// tiering.ts: has V8 optimize later.
//
// Packing again after a change takes a second, in which most functions run a few thousand times:
// a third of its CPU time went into optimizing them. What runs for longer is still optimized.
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs before it is optimized; V8's own: 67,584. */
const BUDGET_BYTES = 1_000_000;

/** In all threads; before there is much that could be optimized. */
export function optimizeLater(): void {
  setFlagsFromString(`--interrupt-budget=${BUDGET_BYTES}`);
}
