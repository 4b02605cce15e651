// servers.ts: starts and stops one server, pinned to its core.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree } from './counters.ts';
import { open } from './exchange.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const OUTPUT_CHARACTERS_MAX = 4_096;

export interface Server {
  /** Root of the process tree. */
  readonly pid: number;
  readonly port: number;
  /** The end of what it has printed so far, both streams. */
  output(): string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Resolves once it takes connections; throws with the output of a server that ends before. */
export async function startServer(
  command: readonly string[],
  port: number,
  core: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
    });
  }
  child.once('close', () => running.delete(child));
  const server = { pid: child.pid!, port, output: () => output, stop: () => stop(child) };
  try {
    await untilReady(child, port, () => output);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** For the end of a run that was interrupted: every server still there ends at once. */
export function killServers(): void {
  for (const child of running) killTree(child);
}

/** A master that is killed leaves its workers: nginx does. */
function killTree(child: ChildProcess): void {
  for (const pid of processTree(child.pid!)) process.kill(pid, 'SIGKILL');
}

async function untilReady(child: ChildProcess, port: number, output: () => string): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS;
  while (!(await listens(port))) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new Error(`it ended (${ended}) before it served: ${output().trim()}`);
    if (Date.now() > until) throw new Error(`nothing listens after ${START_TIMEOUT_MS} ms`);
    await sleep(20);
  }
}

async function listens(port: number): Promise<boolean> {
  try {
    (await open(port)).destroy();
    return true;
  } catch {
    return false;
  }
}

/** SIGTERM, and SIGKILL for what does not end by it. */
async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const late = setTimeout(() => killTree(child), STOP_TIMEOUT_MS);
  await closed;
  clearTimeout(late);
}
