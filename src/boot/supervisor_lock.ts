// supervisor_lock.ts: puts the supervisor under its filter, and looks whether it is there.
import { readFileSync, readdirSync } from 'node:fs';
import { EXIT, Failure, filterRefused } from '../errors.ts';
import type { WallAddon } from '../native.ts';
import { type Block, descriptors, flatten, range, rulesOf } from './rules.ts';
import { CODE_CHANGE_BYTES } from './stages.ts';
import { SUPERVISOR, type SupervisorFact } from './supervisor_rows.ts';

/** Where V8 does not tell where its code lies: all a process can have, 2^47 bytes on x86-64. */
const ANYWHERE = range(0n, 1n << 47n);

/** As the kernel compares it: 32 bits. What path goes with it no filter sees. */
const AT_FDCWD = 2 ** 32 - 100;

const BEFORE = 'cdbserve: the supervisor was refused the system call ';
const AFTER =
  '. It has no use for that call: this is a bug, or somebody else runs in its place. ' +
  'The service ends. Report it with this line.\n';

/** What may be done for the sake of options, and else not. */
export interface FilteredOptions {
  /** Listener of --admin. */
  readonly admin: number | undefined;
  /** A log is opened again. */
  readonly logsToFile: boolean;
}

/**
 * For all threads and for good. `socket` joins it with the spawner. Gives how many threads are
 * filtered; undefined: no /proc tells. Throws a Failure (sandboxUnavailable) when the kernel
 * refuses.
 */
export function lockSupervisor(
  wall: WallAddon,
  socket: number,
  options: FilteredOptions,
): number | undefined {
  // Opened at their first use, by a call that is gone then: uv_tty_init opens the terminal anew.
  void [process.stdout, process.stderr];
  const before = Math.max(0, ...(filtersOfThreads() ?? []));
  try {
    wall.tellRefusals(BEFORE, AFTER, EXIT.bug);
    wall.allowOnly(...flatten(rulesOf(SUPERVISOR, factsOf(wall, socket, options))));
  } catch (error) {
    throw refusal((error as Error).message, error);
  }
  // From Node 22 on libuv has an io_uring, by which calls go around every filter.
  wall.renewLoop();
  // A thread of Node's has one of its own, which it would use in an orderly end.
  process.on('exit', (code) => wall.exit(code));
  const filters = filtersOfThreads();
  const without = filters?.filter((count) => count <= before).length ?? 0;
  if (without > 0) throw refusal(`${without} of ${filters?.length} threads have none`);
  return filters?.length;
}

export function factsOf(
  wall: WallAddon,
  socket: number,
  { admin, logsToFile }: FilteredOptions,
): Readonly<Record<SupervisorFact, readonly Block[]>> {
  const { start, bytes } = wall.codeRange();
  const end = start + bytes - BigInt(CODE_CHANGE_BYTES);
  return {
    'own process': descriptors([process.pid]),
    'socket of the spawner': descriptors([socket]),
    'listener of --admin': descriptors(admin === undefined ? [] : [admin]),
    'folder of --access-log': descriptors(logsToFile ? [AT_FDCWD] : []),
    'code range': end > start ? range(start, end) : ANYWHERE,
  };
}

/** proc_pid_status(5), Seccomp_filters: Linux 5.9. */
function filtersOfThreads(): number[] | undefined {
  try {
    return readdirSync('/proc/self/task').map((thread) => {
      const status = readFileSync(`/proc/self/task/${thread}/status`, 'latin1');
      return Number(/^Seccomp_filters:\t(\d+)$/m.exec(status)?.[1] ?? 0);
    });
  } catch {
    return undefined;
  }
}

function refusal(what: string, cause?: unknown): Failure {
  return new Failure(EXIT.sandboxUnavailable, filterRefused('the supervisor', what), { cause });
}
