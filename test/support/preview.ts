// preview.ts: starts the real preview of a folder and ends it.
import { spawn } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd } from './cleanup.ts';
import type { Reply } from './reply.ts';
import { program } from './server.ts';
import type { Exit } from './server.ts';
import { temporaryFolder } from './site.ts';
import { exchange, get } from './wire.ts';

export interface Preview {
  readonly pid: number;
  readonly port: number;
  /** Where it keeps its archive: a folder of this preview alone, unless one was given. */
  readonly temporary: string;
  readonly exited: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
  stop(name?: NodeJS.Signals): Promise<Exit>;
  /** What the folders for archives hold. */
  leftovers(): string[];
}

export interface StartPreview {
  readonly cwd?: string;
  readonly wrapper?: readonly string[];
  readonly temporary?: string;
}

/** A loaded machine takes its time; what is waited for comes at once on one that is not. */
export const PATIENCE_MS = 25_000;

/** On a free port of 127.0.0.1 unless the arguments say otherwise; ends after the last test. */
export async function startPreview(
  site: string,
  args: readonly string[] = [],
  start: StartPreview = {},
): Promise<Preview> {
  const temporary = start.temporary ?? openFolder();
  const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  const all = [...(start.wrapper ?? []), process.execPath, program, site, ...listen, ...args];
  const child = spawn(all[0]!, all.slice(1), {
    cwd: start.cwd,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()));
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.on('close', (code, signal) => resolve((exit = { code, signal })));
  });
  const stop = async (name: NodeJS.Signals = 'SIGINT'): Promise<Exit> => {
    child.kill(name);
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    const ended = await exited;
    clearTimeout(timer);
    return ended;
  };
  onEnd(async () => void (await stop()));
  await until('its start line', () => exit !== undefined || output.stdout.includes(' preview of '));
  if (exit) throw new Error(`no preview (${JSON.stringify(exit)}):\n${output.stderr}`);
  return {
    pid: child.pid!,
    port: Number(/http:\/\/[^/\s]*:(\d+)\//.exec(output.stdout)?.[1]),
    temporary,
    exited,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    signal: (name) => void child.kill(name),
    stop,
    leftovers: () => readdirSync(temporary),
  };
}

/** Throws when it does not become so. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const last = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > last) throw new Error(`waited in vain for ${what}`);
    await sleep(20);
  }
}

/** On a connection of its own. */
export function fetchPath({ port }: Preview, path: string): Promise<Reply> {
  return exchange(port, get(path, 'Connection: close'));
}

/** Waits until a path is answered so. */
export function untilAnswer(
  preview: Preview,
  path: string,
  fits: (reply: Reply) => boolean,
): Promise<void> {
  return until(`the answer of ${path}`, async () => {
    const reply = await fetchPath(preview, path).catch(() => undefined);
    return reply !== undefined && fits(reply);
  });
}

export function untilBody(preview: Preview, path: string, body: string): Promise<void> {
  return untilAnswer(preview, path, (reply) => reply.body.toString() === body);
}

/** Whoever serves when root starts must get through to what is in it. */
function openFolder(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  return folder;
}
