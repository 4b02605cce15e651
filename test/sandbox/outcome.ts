// outcome.ts: what a worker's exit code says of its move.
export const WORKED = 10;
export const FAILED = 11;
