// service.ts: the server of a preview: cdbserve as it serves any archive, in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { TIED } from '../config.ts';
import { EXIT, type ExitCode, Failure } from '../errors.ts';
import type { Log } from '../log.ts';
import { relayLines } from '../ops/lines.ts';

export interface ServicePlan {
  /** Options, but for --listen. */
  readonly flags: readonly string[];
  /** Listening sockets, open as long as the preview. */
  readonly sockets: readonly number[];
  /** What it says of itself is shown. */
  readonly verbose: boolean;
}

const FIRST_INHERITED = 3;
const END_MS = 3_000;
/** What it says when it has done as SIGHUP asks, or could not: src/events.ts. */
const RELOADED = 'cdbserve reloaded: ';
const NOT_RELOADED = 'cdbserve: not-reloaded: ';

export class Service {
  readonly #plan: ServicePlan;
  readonly #log: Log;
  #process: ChildProcess | undefined;
  #shown: () => void = () => undefined;
  #lose: (failure: Failure) => void = () => undefined;
  /** Rejects with a Failure when it ends and was not told to, whether it served or not. */
  readonly lost: Promise<never>;

  constructor(plan: ServicePlan, log: Log) {
    this.#plan = plan;
    this.#log = log;
    this.lost = new Promise((_, reject) => (this.#lose = reject));
    this.lost.catch(() => undefined); // whoever waits for it has it; nobody may wait yet
  }

  /**
   * Resolves when it serves what is in the archive now, or has said why not. The archive is the
   * same each time.
   */
  show(archive: string): Promise<void> {
    const shown = new Promise<void>((resolve) => (this.#shown = resolve));
    if (this.#process) this.#process.kill('SIGHUP');
    else this.#process = this.#start(archive);
    return shown;
  }

  async end(): Promise<void> {
    const service = this.#process;
    this.#process = undefined;
    if (!service || service.exitCode !== null || service.signalCode !== null) return;
    const exited = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGINT');
    const timer = setTimeout(() => service.kill('SIGKILL'), END_MS);
    await exited;
    clearTimeout(timer);
  }

  #start(archive: string): ChildProcess {
    const { flags, sockets } = this.#plan;
    const listen = sockets.map((_, index) => `--listen=fd:${FIRST_INHERITED + index}`);
    const argv = [process.argv[1]!, ...flags, ...listen, '--', archive];
    const service = spawn(process.execPath, [...process.execArgv, ...argv], {
      // Signals of the terminal are for the conductor alone. It may be killed all the same.
      detached: true,
      env: { ...process.env, [TIED]: '1' },
      stdio: ['pipe', 'pipe', 'pipe', ...sockets],
    });
    service.once('close', (code, signal) => {
      if (this.#process === service) this.#lose(lossOf(code, signal));
    });
    let isStarted = false;
    relayLines(service.stdout!, (line) => {
      if (this.#plan.verbose) this.#log.relay(line);
      if (!isStarted || line.startsWith(RELOADED)) this.#shown();
      isStarted = true;
    });
    relayLines(service.stderr!, (line) => {
      this.#log.relay(line);
      if (line.startsWith(NOT_RELOADED)) this.#shown();
    });
    return service;
  }
}

function lossOf(code: number | null, signal: string | null): Failure {
  const how = signal ?? `exit status ${code}`;
  const text = `the server of the preview has ended (${how}). The lines above may say why.`;
  return new Failure((code || EXIT.failure) as ExitCode, text);
}
