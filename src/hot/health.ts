// health.ts: whether the worker is leaving, and the path at which a load balancer asks for it.
import { HEALTH_PATH_BYTES_MAX } from '../limits.ts';
import { GET, HEAD } from './methods.ts';
import { decoded, path, PATH_AT, PATH_DECODED, PATH_END } from './path.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';

const { request } = R;

/** Written at boot. */
export const healthPath = new Uint8Array(HEALTH_PATH_BYTES_MAX);

/**
 * How many of its bytes count, 0: there is none; 1: the service comes to its end; 1: every answer
 * is its connection's last.
 */
export const health = new Int32Array(3);
export const HEALTH_BYTES = 0;
export const DRAINING = 1;
export const LEAVING = 2;

export function setDraining(): void {
  health[DRAINING] = 1;
  setLeaving();
}

/** Others may serve on: health is what it is. */
export function setLeaving(): void {
  health[LEAVING] = 1;
}

/** Does the path last read ask for health, by a method that gets an answer? */
export function asksHealth(): boolean {
  const bytes = health[HEALTH_BYTES]!;
  const at = path[PATH_AT]!;
  if (bytes === 0 || path[PATH_END]! - at !== bytes) return false;
  if (request[R.METHOD] !== GET && request[R.METHOD] !== HEAD) return false;
  const keys = path[PATH_DECODED] === 1 ? decoded : inbox;
  for (let index = 0; index < bytes; index++) {
    if (keys[at + index] !== healthPath[index]) return false;
  }
  return true;
}
