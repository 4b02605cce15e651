// crew.ts: the workers: starts them, replaces dead ones, drains and ends them.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { ORDER_DRAIN, type WorkerOrders } from '../boot/orders.ts';
import { EXIT, Failure } from '../errors.ts';
import type { Log } from '../log.ts';
import type { WallAddon } from '../native.ts';
import { DEATHS_MAX, waitBeforeRestart } from './backoff.ts';
import { readStatus } from './status.ts';

/** Descriptors of a worker; the listeners follow. */
const CONTROL = 3;
const BOOT = 4;
const ARCHIVE = 5;
const STATUS = 6;
const LISTENERS = 7;

export type Fixed = Omit<
  WorkerOrders,
  'controlDescriptor' | 'bootDescriptor' | 'archiveDescriptor' | 'statusDescriptor' | 'listeners'
>;

export interface CrewPlan {
  readonly wall: Pick<WallAddon, 'createStatus' | 'callName'>;
  readonly bundle: string;
  readonly flags: readonly string[];
  readonly orders: Fixed;
  readonly archive: number;
  /** For each worker the sockets it accepts from; never closed here. */
  readonly listeners: readonly (readonly number[])[];
}

/** The whole environment of a worker: nothing of ours may be read from inside it. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1', TZ: 'UTC' };

export class Crew {
  readonly #plan: CrewPlan;
  readonly #log: Log;
  readonly #workers = new Map<number, ChildProcess>();
  readonly #deaths: number[] = [];
  /** Until dead workers are replaced; they would keep the process alive past its end. */
  readonly #pauses = new Set<NodeJS.Timeout>();
  #ending = false;
  #finish: (failure?: Failure) => void = () => undefined;
  /** Settles when the last worker is gone: at a drain, or with a Failure when they keep dying. */
  readonly finished: Promise<void>;

  constructor(plan: CrewPlan, log: Log) {
    this.#plan = plan;
    this.#log = log;
    this.finished = new Promise((resolve, reject) => {
      this.#finish = (failure) => (failure ? reject(failure) : resolve());
    });
  }

  /** Resolves when every worker is ready to serve. */
  async start(): Promise<void> {
    await Promise.all(this.#plan.listeners.map((_, slot) => this.#startWorker(slot)));
  }

  pids(): number[] {
    return [...this.#workers.values()].map((worker) => worker.pid!);
  }

  drain(): void {
    this.#end();
    this.order(ORDER_DRAIN);
    if (this.#workers.size === 0) this.#finish();
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#end();
    for (const worker of this.#workers.values()) worker.kill('SIGKILL');
    if (this.#workers.size === 0) this.#finish();
  }

  #end(): void {
    this.#ending = true;
    for (const pause of this.#pauses) clearTimeout(pause);
  }

  order(byte: number): void {
    for (const worker of this.#workers.values()) {
      const control = worker.stdio[CONTROL] as Writable;
      control.write(Uint8Array.of(byte));
    }
  }

  /** The seam of the wall: the spawner takes the place of this plain spawn. */
  #startWorker(slot: number): Promise<void> {
    const { wall, bundle, flags, archive } = this.#plan;
    const sockets = this.#plan.listeners[slot] ?? [];
    const status = wall.createStatus();
    const worker = spawn(process.execPath, [...flags, bundle, this.#ordersFor(sockets)], {
      env: ENVIRONMENT,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe', archive, status, ...sockets],
    });
    return new Promise((resolve, reject) => {
      const bury = (how: string, code: number | null): void => {
        const words = readStatus(status, (number) => wall.callName(number));
        closeSync(status);
        this.#buried(slot, worker, words === undefined ? how : `${how}: ${words}`);
        reject(startFailure(how, code, words));
      };
      worker.once('exit', (code, signal) => bury(howItEnded(code, signal), code));
      // No process and no pipes, as for want of memory or descriptors: 'error' stands for 'exit'.
      worker.on('error', (error) => worker.pid === undefined && bury(error.message, null));
      if (worker.pid === undefined) return;
      this.#workers.set(slot, worker);
      (worker.stdio[CONTROL] as Writable).on('error', () => undefined); // 'exit' reports its death
      worker.stdio[BOOT]!.once('data', () => resolve());
    });
  }

  #ordersFor(sockets: readonly number[]): string {
    const orders: WorkerOrders = {
      ...this.#plan.orders,
      controlDescriptor: CONTROL,
      bootDescriptor: BOOT,
      archiveDescriptor: ARCHIVE,
      statusDescriptor: STATUS,
      listeners: sockets.map((_, index) => LISTENERS + index),
    };
    return JSON.stringify(orders);
  }

  #buried(slot: number, worker: ChildProcess, how: string): void {
    if (this.#workers.get(slot) === worker) this.#workers.delete(slot);
    if (this.#ending) {
      if (this.#workers.size === 0) this.#finish();
      return;
    }
    this.#deaths.push(performance.now());
    const wait = waitBeforeRestart(this.#deaths);
    this.#log.warn(`worker ${slot + 1} (pid ${worker.pid ?? 'none'}) ended: ${how}`);
    if (wait === undefined) return this.#giveUp();
    this.#pauses.add(setTimeout(() => this.#replace(slot), wait));
  }

  #replace(slot: number): void {
    if (this.#ending) return;
    this.#startWorker(slot).then(
      () => this.#log.warn(`worker ${slot + 1} replaced (pid ${this.#workers.get(slot)?.pid})`),
      () => undefined, // its exit is counted in #buried
    );
  }

  #giveUp(): void {
    const text = `${DEATHS_MAX} workers died within a minute: giving up. The lines above say how.`;
    this.#finish(new Failure(EXIT.failure, text));
    this.kill();
  }
}

function howItEnded(code: number | null, signal: string | null): string {
  if (signal === 'SIGSYS') return 'signal SIGSYS (a system call that no table can allow)';
  return signal === null ? `exit status ${code}` : `signal ${signal}`;
}

function startFailure(how: string, code: number | null, words: string | undefined): Failure {
  if (code === EXIT.sandboxUnavailable && words !== undefined) {
    return new Failure(EXIT.sandboxUnavailable, `a worker is not protected: ${words}`);
  }
  return new Failure(EXIT.failure, `a worker did not start: ${how}. The lines above may say why.`);
}
