// readback.ts: what the kernel says of the workers' system call filter.
import { readFileSync, readdirSync } from 'node:fs';
import type { Config } from '../config.ts';
import { EXIT, Failure } from '../errors.ts';

/** That of the spawner, and one for each of the two stages. */
export const WORKER_FILTERS = 3;

/** For the start line. Throws a Failure when a thread of a worker has no filter. */
export function filterText(
  { sandbox, lockdown, heapReport }: Pick<Config, 'sandbox' | 'lockdown' | 'heapReport'>,
  workers: readonly number[],
): string {
  if (sandbox === 'off') return 'NO system call filter (--sandbox off)';
  const reports = heapReport ? ', workers may write heap reports to standard error' : '';
  return `system calls filtered (${lockdown}, ${readBack(workers)})${reports}`;
}

function readBack(workers: readonly number[]): string {
  const threads = statusOfThreads(workers);
  if (threads === undefined) return 'not read back: no /proc';
  const filtered = threads.filter(isFiltered).length;
  const text = `${filtered} of ${threads.length} threads`;
  if (filtered === threads.length) return text;
  throw new Failure(
    EXIT.sandboxUnavailable,
    `the workers' system call filter is in force in ${text}. Something between this program and ` +
      'the kernel does not pass seccomp(2) on. Without any protection: --sandbox off.',
  );
}

/** SECCOMP_MODE_FILTER, proc(5); how many there are Linux tells from 5.9 on. */
function isFiltered(status: string): boolean {
  const filters = /^Seccomp_filters:\t(\d+)$/m.exec(status)?.[1] ?? WORKER_FILTERS;
  return /^Seccomp:\t2$/m.test(status) && Number(filters) >= WORKER_FILTERS;
}

function statusOfThreads(workers: readonly number[]): string[] | undefined {
  try {
    return workers.flatMap((worker) =>
      readdirSync(`/proc/${worker}/task`).map((thread) =>
        readFileSync(`/proc/${worker}/task/${thread}/status`, 'utf8'),
      ),
    );
  } catch {
    return undefined;
  }
}
