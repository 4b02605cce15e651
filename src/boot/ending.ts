// ending.ts: how a worker ends that has thrown. Holds under the lock: no file, no stream.
import { EXIT } from '../errors.ts';
import type { WallAddon } from '../native.ts';
import { Unprotected } from './lock.ts';

/** The words go to the status page, where the supervisor finds them. */
export function endWith(wall: WallAddon, error: unknown): never {
  const isOurs = !(error instanceof Unprotected);
  const { stack, message } = error as Error;
  wall.say(isOurs ? `internal error, please report it: ${stack}` : message);
  return wall.exit(isOurs ? EXIT.bug : EXIT.sandboxUnavailable);
}
