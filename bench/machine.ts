// machine.ts: what a figure depends on besides the code: commit, processor, kernel, Node.
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release } from 'node:os';
import { EXIT, Failure } from '../src/errors.ts';
import { packageRoot } from '../src/paths.ts';

export const SERVER_CORE = 0;
export const LOADER_CORE = 1;

export interface Machine {
  /** Undefined outside of a git checkout. */
  readonly commit?: string;
  /** True when files other than the ledger differ from the commit. */
  readonly dirty: boolean;
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
}

export function describeMachine(): Machine {
  const commit = git('rev-parse', '--short=12', 'HEAD');
  return {
    ...(commit !== undefined && { commit }),
    dirty: git('status', '--porcelain', '--', '.', ':!bench/ledger.jsonl') !== '',
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    kernel: release(),
    node: process.version,
  };
}

/** Moves every thread of this process to the loader's core; servers get theirs when they start. */
export function pinToLoaderCore(): void {
  if (availableParallelism() <= LOADER_CORE) {
    throw new Failure(
      EXIT.failure,
      `tried to put server and loader on CPUs ${SERVER_CORE} and ${LOADER_CORE}, but this ` +
        'process may use one CPU only. Run it where two are free.',
    );
  }
  const pin = ['-a', '-c', '-p', String(LOADER_CORE), String(process.pid)];
  const run = spawnSync('taskset', pin, { encoding: 'utf8' });
  if (run.status === 0) return;
  const cause = run.error?.message ?? run.stderr.trim();
  throw new Failure(
    EXIT.failure,
    `tried to move this process to CPU ${LOADER_CORE} with taskset: ${cause}. ` +
      'It is part of util-linux: install it.',
  );
}

function git(...command: string[]): string | undefined {
  const run = spawnSync('git', command, { cwd: packageRoot, encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim() : undefined;
}
