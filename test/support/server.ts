// server.ts: starts the real server and ends it.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/paths.ts';
import { onEnd } from './cleanup.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Server {
  readonly pid: number;
  readonly port: number;
  /** The line on standard output that says what is served. */
  readonly startLine: string;
  readonly exited: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  /** Pids of the processes that serve, the oldest first. */
  workers(): number[];
  signal(name: NodeJS.Signals): void;
  /** Sends a signal, waits for the end (SIGKILL after 15 s) and gives it. */
  stop(name?: NodeJS.Signals): Promise<Exit>;
}

export interface Start {
  /** Default 1. */
  readonly workers?: number;
  readonly cwd?: string;
  /** Path of the Node that runs it; default the one that runs the tests. */
  readonly node?: string;
  /** Path of cdbserve.js as the wrapper's command sees it; default the one of this package. */
  readonly program?: string;
  /** Descriptors that it finds as 3, 4 and so on. */
  readonly inherited?: readonly number[];
  /** Program and arguments put before node, such as prlimit. */
  readonly wrapper?: readonly string[];
  /** In a process group of its own, whose number is the pid. */
  readonly detached?: boolean;
  /** How long it may take to verify the archive and to start; default 20 s. */
  readonly startMs?: number;
}

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 15_000;

export const program = join(packageRoot, 'dist', 'src', 'cdbserve.js');

/**
 * Serves on a free port of 127.0.0.1 and drains without a wait unless the arguments say otherwise;
 * ends after the file's last test.
 */
export async function startServer(
  archive: string,
  args: readonly string[] = [],
  start: Start = {},
): Promise<Server> {
  const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  const workers = ['--workers', String(start.workers ?? 1)];
  const wait = args.includes('--drain-wait') ? [] : ['--drain-wait', '0'];
  const all = [...(start.wrapper ?? []), start.node ?? process.execPath];
  const run = [...all, start.program ?? program, archive];
  const [command, ...rest] = [...run, ...listen, ...workers, ...wait, ...args];
  const child = spawn(command!, rest, {
    cwd: start.cwd,
    detached: start.detached === true,
    stdio: ['ignore', 'pipe', 'pipe', ...(start.inherited ?? [])],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (text: Buffer) => (output.stdout += text.toString()));
  child.stderr!.on('data', (text: Buffer) => (output.stderr += text.toString()));
  const exited = new Promise<Exit>((resolve) => {
    child.on('error', () => resolve({ code: null, signal: null }));
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  onEnd(async () => void (await end(child, exited, 'SIGINT')));
  const line = await startLine(exited, output, start.startMs ?? START_TIMEOUT_MS);
  return {
    pid: child.pid!,
    port: Number(/http:\/\/[^/\s]*:(\d+)\//.exec(line)?.[1] ?? 80),
    startLine: line,
    exited,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    workers: () => workersOf(child.pid!),
    signal: (name) => void child.kill(name),
    stop: (name = 'SIGTERM') => end(child, exited, name),
  };
}

async function startLine(
  exited: Promise<Exit>,
  output: Readonly<{ stdout: string; stderr: string }>,
  timeoutMs: number,
): Promise<string> {
  let exit: Exit | undefined;
  void exited.then((value) => (exit = value));
  const last = performance.now() + timeoutMs;
  while (performance.now() < last) {
    const said = output.stdout + output.stderr; // on the latter where a log has the former
    const line = /^cdbserve \S+: .* workers?, .*(?=\n)/m.exec(said)?.[0];
    if (line !== undefined) return line;
    if (exit) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(
    `the server did not start (${JSON.stringify(exit)}):\n${output.stdout}${output.stderr}`,
  );
}

async function end(
  child: ChildProcess,
  exited: Promise<Exit>,
  name: NodeJS.Signals,
): Promise<Exit> {
  child.kill(name);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  const exit = await exited;
  clearTimeout(timer);
  return exit;
}

/** Descendants that run the worker's bundle; the spawner has its name among its arguments too. */
function workersOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readProc(`/proc/${name}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] !== 'Z') parents.set(Number(name), Number(fields[1]));
  }
  const pids = [...parents.keys()].filter((pid) => {
    const line = readProc(`/proc/${pid}/cmdline`);
    const isWorker = line.includes('worker.cjs') && !/^[^\0]*\/spawner\0/.test(line);
    return isWorker && descends(parents, pid, root);
  });
  return pids.sort((left, right) => left - right);
}

function descends(parents: ReadonlyMap<number, number>, pid: number, root: number): boolean {
  const parent = parents.get(pid);
  return parent !== undefined && (parent === root || descends(parents, parent, root));
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
