// inspect.ts: looks at every process of a running service: rows for --check, and for a start that
// requires everything.
import type { Config } from '../config.ts';
import { EXIT, Failure } from '../errors.ts';
import { readFacts } from './facts.ts';
import { type Row, failing, judge } from './judge.ts';
import { SPAWNER, SUPERVISOR } from './protect_keepers.ts';
import { WORKER } from './protect_worker.ts';
import type { Expected, Protection } from './protection.ts';
import type { Inspected } from './report.ts';
import type { Told, ToldWorker } from './told.ts';

export function inspect(
  { sandbox, lockdown }: Pick<Config, 'sandbox' | 'lockdown'>,
  supervisor: number,
  told: Told,
): Inspected[] {
  const host = readFacts(process.pid);
  const { isRoot, uid, gid, descriptorsMax } = told;
  const expected: Expected = { isRoot, uid, gid, descriptorsMax, sandbox, lockdown };
  const look = (
    process: Inspected['process'],
    number: number,
    pid: number,
    rows: readonly Protection[],
    worker?: ToldWorker,
  ): Inspected => {
    const seen = { facts: readFacts(pid), host, expected, ...(worker && { told: worker }) };
    return { process, number, pid, protections: judge(rows, seen) };
  };
  return [
    look('supervisor', 1, supervisor, SUPERVISOR),
    look('spawner', 1, told.spawner, SPAWNER),
    ...told.workers.map((worker, slot) => look('worker', slot + 1, worker.pid, WORKER, worker)),
  ];
}

/**
 * For --sandbox require, in the supervisor itself: what it may not read, no longer being root, it
 * leaves to --check. Throws a Failure (sandboxUnavailable) with all that is missing.
 */
export function requireAll(processes: readonly Inspected[]): void {
  const missing = processes.flatMap(({ process, protections }) =>
    failing(protections, 'require')
      .filter(({ state }) => state === 'missing')
      .map((row) => sentencesOf(process, row)),
  );
  if (missing.length === 0) return;
  const text = [...new Set(missing)].join(' ');
  throw new Failure(EXIT.sandboxUnavailable, `--sandbox require, and not all is there. ${text}`);
}

function sentencesOf(process: string, { name, value, cause, remedy }: Row): string {
  return `Missing: ${process}, ${name}: ${value}. Likely cause: ${cause}. Remedy: ${remedy}.`;
}
