// trace.ts: system calls of a running process, by strace.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onEnd } from './cleanup.ts';
import { temporaryFolder } from './site.ts';

export interface Call {
  readonly thread: number;
  readonly name: string;
  /** Arguments and result as strace shows them. */
  readonly text: string;
  /** -1 of an error too; undefined where the call had not ended. */
  readonly result: number | undefined;
}

const ATTACH_TIMEOUT_MS = 10_000;

/** All calls of all threads of a process while `work` runs, in order; interrupted ones once. */
export async function traceCalls(pid: number, work: () => Promise<void>): Promise<Call[]> {
  const file = join(temporaryFolder(), 'trace');
  const child = spawn('strace', ['-f', '-p', String(pid), '-o', file, '-e', 'trace=all']);
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const stop = onEnd(async () => {
    child.kill('SIGINT');
    await ended;
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const last = performance.now() + ATTACH_TIMEOUT_MS;
  while (!/attached/.test(said)) {
    if (performance.now() > last) throw new Error(`strace did not attach: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  try {
    await work();
  } finally {
    await stop();
  }
  return parseTrace(readFileSync(file, 'latin1'));
}

/**
 * Lines `TID name(arguments) = result`, `TID name(arguments <unfinished ...>`, `TID <... name
 * resumed>rest`.
 */
export function parseTrace(text: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, thread, rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (thread === undefined) continue;
    const tid = Number(thread);
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest);
    if (resumed) {
      const begun = open.get(tid);
      open.delete(tid);
      const whole = (begun ?? `${resumed[1]}(`) + resumed[2]!;
      // Its place is that of its end: there its effect is seen.
      calls.push(toCall(tid, resumed[1]!, whole));
      continue;
    }
    const name = /^(\w+)\(/.exec(rest)?.[1];
    if (name === undefined) continue;
    const unfinished = rest.indexOf(' <unfinished ...>');
    if (unfinished >= 0) open.set(tid, rest.slice(0, unfinished));
    else calls.push(toCall(tid, name, rest));
  }
  for (const [tid, start] of open) calls.push(toCall(tid, /^(\w+)/.exec(start)![1]!, start));
  return calls;
}

function toCall(thread: number, name: string, text: string): Call {
  const result = / = (-?\d+)/.exec(text.slice(text.lastIndexOf(')')))?.[1];
  return { thread, name, text, result: result === undefined ? undefined : Number(result) };
}
