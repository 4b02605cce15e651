// spawner.ts: the supervisor's end of native/spawner/: starts it, asks it for workers, hears of
// their end.
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { Sandbox } from '../boot/orders.ts';
import { EXIT, Failure, filterRefused } from '../errors.ts';
import { WORKERS_MAX } from '../limits.ts';
import type { WallAddon } from '../native.ts';
import { type Lack, STEPS, type Step, explain } from './steps.ts';

/** Layout of struct request and struct reply in native/spawner/request.h. */
const REQUEST_BYTES = 12;
const REQUEST_START = 1;
const REQUEST_KILL = 2;
const REPLY_HEAD_FIELDS = 6;
const REPLY_BYTES = 4 * (REPLY_HEAD_FIELDS + STEPS.length);
const REPLY_HELLO = 1;
const REPLY_STARTED = 2;
const REPLY_FAILED = 3;
const REPLY_EXITED = 4;
const SLOTS = 2 * WORKERS_MAX + 1;
/** Of whoever verifies an archive; those before belong to workers of two generations. */
export const VERIFIER_SLOT = SLOTS - 1;
const GONE = ['EPIPE', 'ECONNRESET'];

export interface SpawnerPlan {
  /** The spawner's own file. */
  readonly path: string;
  readonly mode: Sandbox;
  readonly uid: number;
  readonly gid: number;
  /** RLIMIT_NOFILE of a worker. */
  readonly descriptorsMax: number;
  /** RLIMIT_DATA of a worker, which holds since Linux 4.7 for all private writable memory. */
  readonly dataBytesMax: number;
  /** How many descriptors a worker is given. */
  readonly inherited: number;
  /** Absolute; the only files a worker may see. */
  readonly files: readonly string[];
  /** Program and arguments of every worker; the role follows: WORKER or VERIFIER. */
  readonly command: readonly string[];
}

export interface Started {
  readonly pid: number;
  /** What was asked for and not given. */
  readonly lacks: readonly Lack[];
  /** What was done and read back. */
  readonly taken: readonly Step[];
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
}

interface Reply {
  readonly kind: number;
  readonly slot: number;
  readonly pid: number;
  readonly code: number;
  readonly signal: number;
  readonly step: number;
  readonly results: readonly number[];
}

interface Asked {
  started: (started: Started) => void;
  failed: (failure: Failure) => void;
}

/** One spawner process. Everything that waits for it fails when it is gone. */
export class Spawner {
  readonly #wall: WallAddon;
  readonly #control: number;
  readonly #socket: Socket;
  readonly #process: ChildProcess;
  readonly #asked = new Map<number, Asked>();
  readonly #ends = new Map<number, (how: string) => void>();
  #rest: Buffer = Buffer.alloc(0);
  #closed = false;
  #reject: (failure: Failure) => void = () => undefined;
  /** Rejects when the spawner ends and was not told to. */
  readonly lost: Promise<never>;

  /** Inherits every right the caller has at this moment. */
  constructor(wall: WallAddon, plan: SpawnerPlan) {
    const [own, theirs] = wall.socketPair();
    this.#wall = wall;
    this.#control = own;
    const { mode, uid, gid, descriptorsMax, dataBytesMax, inherited } = plan;
    const args = [mode, uid, gid, descriptorsMax, dataBytesMax, inherited].map(String);
    this.#process = spawn(plan.path, [...args, ...plan.files, '--', ...plan.command], {
      env: {},
      cwd: '/',
      stdio: ['ignore', 'ignore', 'inherit', theirs],
    });
    wall.closeDescriptor(theirs);
    this.#socket = new Socket({ fd: own, readable: true, writable: true });
    this.#socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    this.#socket.on('error', () => undefined); // the end of the process tells of it
    this.lost = new Promise((_, reject) => (this.#reject = reject));
    const lose = (how: string): void => this.#lose(this.#lossOf(how));
    this.#process.once('exit', (code, signal) => lose(howItEnded(code ?? 0, signal)));
    this.#process.on('error', (error) => lose(`${error.message} (${plan.path})`));
    this.lost.catch(() => undefined); // whoever waits for it has it; nobody may wait yet
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Requests go out by it. */
  get socket(): number {
    return this.#control;
  }

  /** The descriptors become 2, 3, 4 … of the worker; the caller keeps and closes its own. */
  start(slot: number, role: number, descriptors: readonly number[]): Promise<Started> {
    return new Promise((started, failed) => {
      this.#asked.set(slot, { started, failed });
      this.#send(REQUEST_START, slot, role, descriptors);
    });
  }

  kill(slot: number): void {
    if (!this.#closed) this.#send(REQUEST_KILL, slot, 0, []);
  }

  /** The spawner ends, and with it whatever worker is left. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #send(kind: number, slot: number, role: number, descriptors: readonly number[]): void {
    const request = Buffer.alloc(REQUEST_BYTES);
    [kind, slot, role].forEach((field, index) => request.writeUInt32LE(field, index * 4));
    try {
      this.#wall.sendDescriptors(this.#control, request, Int32Array.from(descriptors));
    } catch (error) {
      // Nobody there any more: the end of the process, which is about to be told, says more.
      if (!GONE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }

  #receive(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= REPLY_BYTES) {
      const reply = readReply(this.#rest);
      this.#rest = this.#rest.subarray(REPLY_BYTES);
      this.#obey(reply);
    }
  }

  #obey(reply: Reply): void {
    if (reply.kind === REPLY_HELLO) {
      checkHello(reply);
      if (reply.signal !== 0) this.#lose(unfilteredOf(reply.signal));
      return;
    }
    if (reply.kind === REPLY_EXITED) {
      this.#ends.get(reply.slot)?.(howItEnded(reply.code, signalName(reply.signal)));
      this.#ends.delete(reply.slot);
      return;
    }
    const asked = this.#asked.get(reply.slot);
    this.#asked.delete(reply.slot);
    if (reply.kind === REPLY_FAILED) asked?.failed(failureOf(reply));
    if (reply.kind === REPLY_STARTED) asked?.started(this.#started(reply));
  }

  #started(reply: Reply): Started {
    const ended = new Promise<string>((resolve) => this.#ends.set(reply.slot, resolve));
    const taken = STEPS.filter((_, step) => reply.results[step] === 0);
    return { pid: reply.pid, lacks: lacksOf(reply), taken, ended };
  }

  #lossOf(how: string): Failure {
    return new Failure(
      EXIT.failure,
      `the spawner (pid ${this.pid ?? 'none'}) ended: ${how}. Its workers ended with it. ` +
        'Start again; the lines above may say more.',
    );
  }

  /** Nobody waits for ever. */
  #lose(failure: Failure): void {
    if (this.#closed) return;
    this.close();
    this.#reject(failure);
    for (const asked of this.#asked.values()) asked.failed(failure);
    for (const end of this.#ends.values()) end('the spawner is gone');
    this.#asked.clear();
    this.#ends.clear();
  }
}

function readReply(bytes: Buffer): Reply {
  const field = (index: number): number => bytes.readInt32LE(index * 4);
  return {
    kind: field(0),
    slot: field(1),
    pid: field(2),
    code: field(3),
    signal: field(4),
    step: field(5),
    results: STEPS.map((_, step) => field(REPLY_HEAD_FIELDS + step)),
  };
}

/** The spawner tells the numbers it was built with. */
function checkHello({ slot, pid, code }: Reply): void {
  const same = slot === SLOTS && pid === REQUEST_BYTES && code === STEPS.length;
  if (!same) throw new Error(`spawner contract: ${slot}, ${pid}, ${code} there`);
}

function unfilteredOf(error: number): Failure {
  return new Failure(EXIT.sandboxUnavailable, filterRefused('the spawner', codeName(error)));
}

function lacksOf({ results }: Reply): Lack[] {
  return STEPS.flatMap((step, index) =>
    results[index]! > 0 ? [{ step, code: codeName(results[index]!) }] : [],
  );
}

/** Steps without which there is nothing to run; all others are protections. */
const PLAIN: readonly Step[] = ['REQUEST', 'CLONE', 'DESCRIPTORS', 'EXEC'];

function failureOf(reply: Reply): Failure {
  const step = STEPS[reply.step] ?? 'REQUEST';
  if (PLAIN.includes(step)) {
    const lack = { step, code: codeName(reply.results[reply.step] ?? 0) };
    return new Failure(EXIT.failure, `a worker did not start: ${explain([lack])}`);
  }
  const text = `a worker cannot be protected as it must be. Missing: ${explain(lacksOf(reply))}`;
  return new Failure(EXIT.sandboxUnavailable, text);
}

function codeName(error: number): string {
  return error > 0 ? getSystemErrorName(-error) : 'none';
}

function signalName(number: number): string | null {
  if (number === 0) return null;
  const entry = Object.entries(constants.signals).find(([, value]) => value === number);
  return entry?.[0] ?? `${number}`;
}

/** A thread with signals blocked, or a filter that kills: the handler was not asked. */
export const NO_TABLE =
  'signal SIGSYS (a call that no table can allow: audit record 1326 names it)';

function howItEnded(code: number, signal: string | null): string {
  if (signal === 'SIGSYS') return NO_TABLE;
  return signal === null ? `exit status ${code}` : `signal ${signal}`;
}
