// preview.ts: the packer of a preview: a program that src/preview/ starts, and that ends with it.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArguments } from '../src/cli.ts';
import { EXIT, Failure, runMain } from '../src/errors.ts';
import { loadCdb } from '../src/native.ts';
import { addonPath } from '../src/paths.ts';
import type { Message, Order } from '../src/preview/messages.ts';
import { COMMAND, readOptions } from './options.ts';
import { openPlace } from './preview/place.ts';
import type { Place } from './preview/place.ts';
import { Rounds } from './preview/rounds.ts';
import { checkTarget } from './temporary.ts';

const ARCHIVE = 'site.cdb';
const FLAGS = ['--compress', 'none', '--no-cache'];
const PROGRAM = 'cdbserve';

await runMain(PROGRAM, async () => {
  const order = (await nextMessage()) as Order;
  try {
    return await serveRounds(order);
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode === EXIT.bug) throw error;
    await tell({ kind: 'refused', text: error.message, exitCode: error.exitCode });
    return error.exitCode;
  }
});

async function serveRounds({ site, flags, group }: Order): Promise<never> {
  process.umask(group === undefined ? 0o077 : 0o027);
  const place = openPlace(tmpdir(), group, loadCdb(addonPath('cdb')));
  leaveWithConductor(place);
  const target = checkTarget(join(place.path, ARCHIVE));
  const command = { ...COMMAND, program: PROGRAM };
  const given = parseArguments(command, [...flags, ...FLAGS, '--', site, target]);
  const now = Math.floor(Date.now() / 1000);
  return new Rounds(readOptions(given, { env: process.env, now }), target, tell).run();
}

/** However the conductor ends, the channel to it does; signals of others mean the same. */
function leaveWithConductor(place: Place): void {
  const leave = () => {
    place.remove();
    process.exit(EXIT.ok);
  };
  process.on('disconnect', leave);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);
}

async function tell(message: Message): Promise<void> {
  const answer = nextMessage();
  process.send!(message);
  await answer;
}

function nextMessage(): Promise<unknown> {
  return new Promise((resolve) => process.once('message', resolve));
}
