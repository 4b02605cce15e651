// verify.ts: reads an archive that nobody has read yet, behind the wall of a worker, and says
// whether it is sound.
//
// Whoever made the archive may have this process: it has no file, no socket but the one it answers
// by, no listener, and an end.
import { hash } from 'node:crypto';
import { EXIT, Failure } from '../errors.ts';
import type { SealedMap, WallAddon } from '../native.ts';
import { verifyArchive } from './archive.ts';
import { endWith } from './ending.ts';
import { expectNoPage } from './health.ts';
import { harden, lockVerify } from './lock.ts';
import { type FixedOrders, numberOfSite } from './orders.ts';
import { waitForThreads } from './threads.ts';
import { type Verdict, writeVerdict } from './verdict.ts';

/** The path is not known here; whoever reads the verdict puts it there. */
const NAME = 'archive';

export function verify(wall: WallAddon, orders: FixedOrders): never {
  wall.openStatus(orders.statusDescriptor, EXIT.bug);
  try {
    wall.ignoreSignals();
    const isLocked = orders.sandbox !== 'off';
    if (isLocked) harden(wall, orders);
    const map = wall.mapSealed(orders.archiveDescriptor);
    openLibraries();
    if (isLocked) {
      waitForThreads(wall);
      lockVerify(wall, orders);
    }
    wall.sendLast(orders.bootDescriptor, writeVerdict(judge(map, orders.healthPath)));
    return wall.exit(EXIT.ok);
  } catch (error) {
    return endWith(wall, error);
  }
}

/** What opens files at its first use has that behind it. */
function openLibraries(): void {
  hash('sha256', ''); // OpenSSL
  new Date(0).getHours(); // time zones
}

/** Throws what is no Failure: our own fault. */
export function judge(map: Pick<SealedMap, 'buffer' | 'msealed'>, healthPath: string): Verdict {
  try {
    const { buffer, msealed } = map;
    const manifest = verifyArchive(new Uint8Array(buffer), NAME);
    expectNoPage(buffer, manifest, NAME, healthPath);
    const { files, digest, hosts, defaultSite, rewrites, rules } = manifest;
    const site = numberOfSite({
      hosts: hosts.length > 0,
      defaultSite,
      rewrites: rewrites > 0,
      rules: rules > 0,
    });
    return { sound: { files, digest, site, msealed } };
  } catch (error) {
    if (error instanceof Failure) return { refused: error.message.slice(`${NAME}: `.length) };
    if (isShortOfMemory(error)) return { refused: SHORT_OF_MEMORY };
    throw error;
  }
}

const SHORT_OF_MEMORY =
  'refused: the tables of its records need more memory than whoever verifies them may have. ' +
  'Pack fewer files.';

function isShortOfMemory(error: unknown): boolean {
  return error instanceof RangeError && /allocation failed/i.test(error.message);
}
