// pool.ts: threads that read files, look into the cache, compress bodies or verify, started when
// there is work for them.
import { Worker } from 'node:worker_threads';
import { EXIT, Failure } from '../src/errors.ts';
import { addonPath, packingThread } from '../src/paths.ts';
import type { Recipe } from './effort.ts';
import type { Found, Lookup } from './lookups.ts';
import type { DigestedContent } from './read.ts';
import { buffersOf } from './slab.ts';
import type { Begun } from './verify.ts';

/** The buffer of `bytes` goes to the thread: here it is empty until the job is done. */
export interface Job {
  readonly bytes: Uint8Array;
  readonly recipes: readonly Recipe[];
}

export interface Result {
  readonly bytes: Uint8Array;
  /** SHA-256 */
  readonly digest: Uint8Array;
}

export interface Done {
  readonly bytes: Uint8Array;
  /** In the order of the recipes; undefined: it does not pay. */
  readonly results: readonly (Result | undefined)[];
  readonly seconds: number;
}

/** An archive in a file, and what it is called where it is refused. */
export interface Written {
  readonly path: string;
  readonly name: string;
}

/** What is sent to a thread at one go: a message costs as much as a small file does. */
export type Order =
  | { readonly paths: readonly string[] }
  | { readonly lookup: Lookup }
  | { readonly jobs: readonly Job[] }
  | { readonly begun: Written }
  | { readonly written: Written };

export interface ThreadData {
  /** Path of the addon. */
  readonly addon: string;
}

interface Waiting {
  readonly order: Order;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** In the order they were sent, which is that of the answers. */
  readonly sent: Waiting[];
}

/** The one it works on, and one more, so that it need not wait for us. */
const SENT_MAX = 2;

export class Pool {
  readonly #threadsMax: number;
  readonly #threads: Thread[] = [];
  #queue: Waiting[] = [];
  #failure: Error | undefined;

  constructor(threadsMax: number) {
    this.#threadsMax = threadsMax;
  }

  get threads(): number {
    return this.#threads.length;
  }

  /** Has a thread ready before there is work for it. */
  warm(): void {
    if (this.#threads.length === 0) this.#start();
  }

  /** First come, first served. Rejects with a Failure when memory runs out. */
  compress(jobs: readonly Job[]): Promise<readonly Done[]> {
    return this.#run({ jobs });
  }

  /** What could not be read is undefined. */
  read(paths: readonly string[]): Promise<readonly (DigestedContent | undefined)[]> {
    return this.#run({ paths });
  }

  /** In the order of what is sought; undefined: no pack has it. */
  lookUp(lookup: Lookup): Promise<readonly (Found | undefined)[]> {
    return this.#run({ lookup });
  }

  /** Of an archive that is still being written. */
  checkBegun(begun: Written): Promise<Begun> {
    return this.#run({ begun });
  }

  /** What is wrong with how an archive is built, in words; undefined: nothing. */
  findFault(written: Written): Promise<string | undefined> {
    return this.#run({ written });
  }

  /** Ends the threads, whatever they do. */
  async close(): Promise<void> {
    this.#fail(new Error('the pool is closed'));
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #run<Answer>(order: Order): Promise<Answer> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise<Answer>((resolve, reject) => {
      this.#queue.push({ order, resolve: (answer) => resolve(answer as Answer), reject });
      this.#feed();
    });
  }

  #feed(): void {
    for (;;) {
      const waiting = this.#queue[0];
      const thread = waiting && this.#threadFor(waiting.order);
      if (!thread) return;
      this.#queue.shift();
      const { order } = waiting;
      const bodies = 'jobs' in order ? order.jobs.map(({ bytes }) => bytes) : [];
      thread.sent.push(waiting);
      thread.worker.postMessage(order, buffersOf(bodies));
    }
  }

  /** Undefined: one that will do it soon is not yet ready for it. */
  #threadFor(order: Order): Thread | undefined {
    const idle = this.#threads.find(({ sent }) => sent.length === 0);
    if (idle) return idle;
    const soon = this.#threads.find(({ sent }) => sent.every((each) => isQuick(each.order)));
    const hasRoom = ({ sent }: Thread) => sent.length < SENT_MAX;
    if (soon && (hasRoom(soon) || isQuick(order))) return hasRoom(soon) ? soon : undefined;
    if (this.#threads.length < this.#threadsMax) return this.#start();
    return this.#threads.find(hasRoom);
  }

  #start(): Thread {
    const workerData: ThreadData = { addon: addonPath('cdb') };
    const worker = new Worker(packingThread, { workerData, execArgv: [] });
    const thread: Thread = { worker, sent: [] };
    worker.on('message', (answer) => {
      // After a failure answers still come, and nobody waits for them.
      thread.sent.shift()?.resolve(answer);
      this.#feed();
    });
    worker.on('error', (error) => this.#fail(meaningOf(error)));
    worker.on('exit', (code) => this.#fail(new Error(`a packing thread ended with ${code}`)));
    this.#threads.push(thread);
    return thread;
  }

  /** The first failure is the one to tell. */
  #fail(error: Error): void {
    this.#failure ??= error;
    const waiting = [...this.#threads.flatMap(({ sent }) => sent.splice(0)), ...this.#queue];
    this.#queue = [];
    for (const { reject } of waiting) reject(this.#failure);
  }
}

/** It is done before another thread would have started. */
function isQuick(order: Order): boolean {
  return 'lookup' in order;
}

const NO_MEMORY = ['ENOMEM', 'ERR_MEMORY_ALLOCATION_FAILED', 'ERR_WORKER_OUT_OF_MEMORY'];

function meaningOf(error: Error): Error {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!NO_MEMORY.includes(code)) return new Error('a packing thread failed', { cause: error });
  const text = `cannot compress: no memory is left (${code}). Pack with fewer --jobs.`;
  return new Failure(EXIT.failure, text, { cause: error });
}
