// counters.ts: what a process tree costs: perf where it counts, else the scheduler's clock.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';

/** The figure that is quoted: cycles where perf counts them, else nanoseconds of server CPU. */
export type Metric = 'cycles' | 'cpu_ns';

export interface Counts {
  /** From /proc/PID/task/TID/schedstat: run time of all threads. */
  readonly cpuNs: number;
  /** Of those, what the root of the tree had: supervisor or master, which answers nobody. */
  readonly rootNs: number;
  readonly cycles?: number;
  readonly instructions?: number;
}

const PERF_EVENTS = 'cycles,instructions';

/** Processes of a tree, the root first. Empty when the root is gone. */
export function processTree(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = parentOf(root) === undefined ? [] : [root];
  for (let at = 0; at < tree.length; at++) tree.push(...(children.get(tree[at]!) ?? []));
  return tree;
}

/** Nanoseconds on a CPU of all living threads of the processes. */
export function cpuNanoseconds(processes: readonly number[]): number {
  let sum = 0;
  for (const process of processes) {
    for (const thread of listOrEmpty(`/proc/${process}/task`)) {
      const text = readOrEmpty(`/proc/${process}/task/${thread}/schedstat`);
      sum += Number(text.split(' ')[0]);
    }
  }
  return sum;
}

/** True when perf counts cycles and instructions on this machine: not in most virtual machines. */
export function perfCounts(): boolean {
  const run = spawnSync('perf', ['stat', '-x,', '-e', PERF_EVENTS, '--', 'true'], {
    encoding: 'utf8',
  });
  if (run.status !== 0) return false;
  const counts = parsePerf(run.stderr);
  return counts.has('cycles') && counts.has('instructions');
}

/**
 * Event name to count, of `perf stat -x,`. What was not counted or not supported is left out;
 * user-space counts keep their `:u`, so that they never pass for the whole.
 */
export function parsePerf(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [count = '', , event = ''] = line.split(',');
    if (/^\d+(\.\d+)?$/.test(count)) counts.set(event, Number(count));
  }
  return counts;
}

/** perf attached to processes; counts between its making and `stop`. */
export class PerfWindow {
  readonly #perf: ChildProcess;
  #output = '';

  private constructor(perf: ChildProcess) {
    this.#perf = perf;
    perf.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    // A perf that ends early is told by its end and its words, not by its pipes.
    for (const pipe of perf.stdio.slice(3)) pipe!.on('error', () => undefined);
  }

  /** Resolves once perf counts. */
  static async open(processes: readonly number[], events = PERF_EVENTS): Promise<PerfWindow> {
    const list = processes.join(',');
    // Started disabled and enabled over a pipe that answers: else nobody knows when it is attached.
    const options = ['-x,', '-e', events, '-D', '-1', '--control', 'fd:3,4', '-p', list];
    const perf = spawn('perf', ['stat', ...options], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    const window = new PerfWindow(perf);
    await window.#command('enable');
    return window;
  }

  async stop(): Promise<ReadonlyMap<string, number>> {
    await this.#command('disable');
    const closed = once(this.#perf, 'close');
    this.#perf.kill('SIGINT');
    await closed;
    return parsePerf(this.#output);
  }

  async #command(word: string): Promise<void> {
    const answer = once(this.#perf.stdio[4] as Duplex, 'data');
    (this.#perf.stdio[3] as Duplex).write(`${word}\n`);
    const ended = once(this.#perf, 'close').then(() => {
      throw new Error(`perf ended early: ${this.#output.trim()}`);
    });
    await Promise.race([answer, ended]);
    // The loser of the race may still lose later; nobody waits for it then.
    ended.catch(() => undefined);
  }
}

/** Counts of the tree below `root` while `work` runs, and what `work` gave. */
export async function countWhile<T>(
  root: number,
  metric: Metric,
  work: () => Promise<T>,
): Promise<{ readonly counts: Counts; readonly result: T }> {
  const tree = processTree(root);
  const perf = metric === 'cycles' ? await PerfWindow.open(tree) : undefined;
  const before = cpuNanoseconds(tree);
  const rootBefore = cpuNanoseconds([root]);
  const result = await work();
  const cpuNs = cpuNanoseconds(tree) - before;
  const rootNs = cpuNanoseconds([root]) - rootBefore;
  const counted = await perf?.stop();
  const cycles = counted?.get('cycles');
  const instructions = counted?.get('instructions');
  if (cycles === undefined || instructions === undefined) {
    return { counts: { cpuNs, rootNs }, result };
  }
  return { counts: { cpuNs, rootNs, cycles, instructions }, result };
}

/** Undefined for what is gone, or dead and not waited for yet. */
function parentOf(process: number): number | undefined {
  // The name in parentheses may hold anything, so fields count from the last parenthesis.
  const fields = readOrEmpty(`/proc/${process}/stat`).split(') ').at(-1)!.split(' ');
  return fields.length > 1 && fields[0] !== 'Z' ? Number(fields[1]) : undefined;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function listOrEmpty(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
