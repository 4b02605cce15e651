// verify.ts: has an archive read by a process of its own, which the spawner walls in, and hears
// what it says. The supervisor never reads one itself.
import { VERIFIER } from '../boot/orders.ts';
import { type Sound, readVerdict } from '../boot/verdict.ts';
import { EXIT, Failure } from '../errors.ts';
import { VERIFY_TIMEOUT_MS } from '../limits.ts';
import type { WallAddon } from '../native.ts';
import { Channels } from './channels.ts';
import { NO_TABLE, type Spawner, VERIFIER_SLOT } from './spawner.ts';

export interface Examined {
  /** As it is called where it is refused. */
  readonly path: string;
  /** Sealed memory. */
  readonly archive: number;
  /** As many as a worker would be given. */
  readonly listeners: number;
}

/** When a filter met a thread that was just beginning. */
const TRIES = 3;

/**
 * One at a time. Throws a Failure: of the archive, or why nobody could read it. Once `signal` is
 * aborted whoever reads it is ended.
 */
export async function verifySealed(
  wall: WallAddon,
  spawner: Spawner,
  examined: Examined,
  signal: AbortSignal,
  relay: (line: string) => void,
): Promise<Sound> {
  for (let tries = 1; ; tries++) {
    const { text, how, words } = await ask(wall, spawner, examined, signal, relay);
    const verdict = readVerdict(text);
    if (verdict && 'sound' in verdict) return verdict.sound;
    if (verdict) throw new Failure(EXIT.archiveRefused, `${examined.path}: ${verdict.refused}`);
    if (how !== NO_TABLE || tries === TRIES) throw unheard(examined.path, how, words);
  }
}

interface Heard {
  readonly text: string;
  readonly how: string;
  readonly words: string | undefined;
}

async function ask(
  wall: WallAddon,
  spawner: Spawner,
  { archive, listeners }: Examined,
  signal: AbortSignal,
  relay: (line: string) => void,
): Promise<Heard> {
  const channels = new Channels(wall, relay);
  // The spawner counts: where a worker has its listeners, there is the archive again.
  const instead = Array.from({ length: listeners }, () => archive);
  const end = (): void => spawner.kill(VERIFIER_SLOT);
  const late = setTimeout(end, VERIFY_TIMEOUT_MS).unref();
  signal.addEventListener('abort', end);
  try {
    const given = [...channels.given(archive), ...instead];
    const asked = spawner.start(VERIFIER_SLOT, VERIFIER, given);
    channels.handOver();
    if (signal.aborted) end();
    const how = await (await asked).ended;
    await channels.silent;
    return { text: await channels.report, how, words: channels.lastWords() };
  } finally {
    signal.removeEventListener('abort', end);
    clearTimeout(late);
    channels.close();
  }
}

function unheard(path: string, how: string, words: string | undefined): Failure {
  if (how === `exit status ${EXIT.sandboxUnavailable}` && words !== undefined) {
    return new Failure(EXIT.sandboxUnavailable, `a worker is not protected: ${words}`);
  }
  const text = words === undefined ? how : `${how}: ${words}`;
  return new Failure(
    EXIT.failure,
    `${path} could not be verified: whoever read it ended: ${text}. It is killed after ` +
      `${VERIFY_TIMEOUT_MS / 1000} s; all else is a bug, or an archive made for one: report it.`,
  );
}
