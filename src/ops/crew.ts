// crew.ts: the workers: starts them, replaces dead ones, drains and ends them.
import {
  ORDER_ANNOUNCE,
  ORDER_DRAIN,
  ORDER_LOAD,
  ORDER_RETIRE,
  ORDER_SERVE,
  WORKER,
} from '../boot/orders.ts';
import { EXIT, Failure } from '../errors.ts';
import type { Log } from '../log.ts';
import type { WallAddon } from '../native.ts';
import { Adoption } from './adoption.ts';
import { DEATHS_MAX, waitBeforeRestart } from './backoff.ts';
import { Channels } from './channels.ts';
import type { Journals } from './journals.ts';
import { NO_TABLE, type Spawner } from './spawner.ts';
import { type Lack, type Step, summarize } from './steps.ts';
import { type ToldWorker, readReport } from './told.ts';

/** Of a worker at the start of the service, when a filter met a thread that was just beginning. */
const FIRST_TRIES = 3;

export interface CrewPlan {
  readonly archive: number;
  /** Of the spawner's, the first of as many in a row as there are workers. */
  readonly firstSlot: number;
  /** What workers before these were not given; undefined: there were none. */
  readonly lacks?: readonly Lack[] | undefined;
  /** For each worker its listeners, then those of its neighbours; never closed here. */
  readonly listeners: readonly (readonly number[])[];
  /** How many neighbours that is. */
  readonly reach: number;
  readonly journals: Journals;
}

/** One worker: from the request for it until the spawner tells its end. */
interface Member {
  readonly channels: Channels;
  /** Undefined until it runs. */
  pid: number | undefined;
  lacks: readonly Lack[];
  taken: readonly Step[];
  isReady: boolean;
}

export class Crew {
  readonly #wall: WallAddon;
  readonly #spawner: Spawner;
  readonly #plan: CrewPlan;
  readonly #log: Log;
  readonly #workers = new Map<number, Member>();
  readonly #deaths: number[] = [];
  readonly #adoption: Adoption;
  /** Until dead workers are replaced, or idle clients left: they would outlive the crew. */
  readonly #pauses = new Set<NodeJS.Timeout>();
  #lacks: readonly Lack[] | undefined;
  #complete = false;
  /** What the archive is like; undefined: not known yet. */
  #site: number | undefined;
  #open = false;
  #announced = false;
  #ending = false;
  #finish: (failure?: Failure) => void = () => undefined;
  /** Settles when the last worker is gone: at a drain, or with a Failure when they keep dying. */
  readonly finished: Promise<void>;

  constructor(wall: WallAddon, spawner: Spawner, plan: CrewPlan, log: Log) {
    this.#wall = wall;
    this.#spawner = spawner;
    this.#plan = plan;
    this.#log = log;
    this.#adoption = new Adoption(plan.listeners.length, plan.reach);
    this.#lacks = plan.lacks;
    this.finished = new Promise((resolve, reject) => {
      this.#finish = (failure) => {
        this.#rest();
        if (failure) reject(failure);
        else resolve();
      };
    });
  }

  /** Protections that the first worker asked for and was not given. */
  get lacks(): readonly Lack[] {
    return this.#lacks ?? [];
  }

  /** Resolves when every worker is ready: none before load(), and none accepts before open(). */
  async start(): Promise<void> {
    await Promise.all(this.#plan.listeners.map((_, slot) => this.#startFirst(slot)));
    this.#complete = true;
  }

  /** The archive is sound, and of this numberOfSite(): from now on workers look into it. */
  load(site: number): void {
    this.#site = site;
    this.order(ORDER_LOAD + site);
  }

  /** From now on whoever is ready accepts. */
  open(): void {
    this.#open = true;
    for (const slot of this.#plan.listeners.keys()) {
      const member = this.#workers.get(slot);
      if (member?.isReady) this.#serve(slot, member);
      else this.#adoption.died(slot);
    }
  }

  #serve(slot: number, { channels }: Member): void {
    channels.order(ORDER_SERVE);
    this.#adoption.serves(slot, (byte) => channels.order(byte));
  }

  async #startFirst(slot: number): Promise<number> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#startWorker(slot);
      } catch (error) {
        const isLast = tries === FIRST_TRIES || this.#ending;
        if (isLast || !(error instanceof Stillborn)) throw error;
      }
    }
  }

  pids(): number[] {
    return [...this.#workers.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** The signs of life of every worker, by pid; nobody's before load(). */
  beats(): Map<number, number> {
    if (this.#site === undefined) return new Map();
    const running = [...this.#workers.values()].filter(({ pid }) => pid !== undefined);
    return new Map(running.map(({ pid, channels }) => [pid!, channels.beats()]));
  }

  /** What the spawner and each worker say of it. */
  tell(): Promise<ToldWorker[]> {
    return Promise.all(
      [...this.#workers.values()].map(async ({ channels, pid, lacks, taken }) => {
        const report = readReport(await channels.report);
        return { pid: pid!, lacks, taken, report };
      }),
    );
  }

  /** Workers go on, those that replace dead ones too, and say that it will not be for long. */
  announce(): void {
    this.#announced = true;
    this.order(ORDER_ANNOUNCE);
  }

  /** Others serve from now on: nobody new is taken, and after `waitMs` the crew drains. */
  retire(waitMs: number): void {
    this.#end();
    this.order(ORDER_RETIRE);
    if (this.#workers.size === 0) return this.#finish();
    this.#pauses.add(setTimeout(() => this.order(ORDER_DRAIN), waitMs));
  }

  drain(): void {
    this.#end();
    this.order(ORDER_DRAIN);
    if (this.#workers.size === 0) this.#finish();
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#end();
    for (const slot of this.#workers.keys()) this.#spawner.kill(this.#plan.firstSlot + slot);
    if (this.#workers.size === 0) this.#finish();
  }

  /** The spawner is gone, and whoever it started. */
  lose(failure: Failure): void {
    this.#end();
    this.#finish(failure);
  }

  #end(): void {
    this.#ending = true;
    this.#rest();
  }

  #rest(): void {
    for (const pause of this.#pauses) clearTimeout(pause);
    this.#pauses.clear();
  }

  /** Nobody hears it before load(). */
  order(byte: number): void {
    if (this.#site === undefined) return;
    for (const worker of this.#workers.values()) worker.channels.order(byte);
  }

  /** Resolves with its pid when the worker is ready; rejects when it is gone before. */
  async #startWorker(slot: number): Promise<number> {
    const channels = this.#openChannels(slot);
    const member: Member = { channels, pid: undefined, lacks: [], taken: [], isReady: false };
    this.#workers.set(slot, member);
    const sockets = this.#plan.listeners[slot] ?? [];
    const given = [...channels.given(this.#plan.archive), ...sockets];
    try {
      const asked = this.#spawner.start(this.#plan.firstSlot + slot, WORKER, given);
      channels.handOver();
      if (this.#site !== undefined) channels.order(ORDER_LOAD + this.#site);
      if (this.#announced) channels.order(ORDER_ANNOUNCE);
      const born = await asked;
      Object.assign(member, { pid: born.pid, lacks: born.lacks, taken: born.taken });
      this.#noteLacks(slot, born.lacks);
      const gone = this.#watch(slot, member, born.ended);
      await Promise.race([channels.ready, gone]);
      member.isReady = true;
      this.#log.event('worker-started', `worker ${slot + 1} is ready (pid ${born.pid})`);
      if (this.#open) this.#serve(slot, member);
      return born.pid;
    } catch (error) {
      channels.close();
      if (this.#workers.get(slot) === member) this.#unborn(slot, error as Error);
      throw error;
    }
  }

  #openChannels(slot: number): Channels {
    try {
      return new Channels(this.#wall, (line) => this.#log.relay(line), this.#plan.journals);
    } catch (error) {
      this.#unborn(slot, error as Error);
      throw error;
    }
  }

  /** At the start of all that is the end of all, and said by whoever waits for it. */
  #unborn(slot: number, error: Error): void {
    if (this.#complete) return this.#buried(slot, undefined, error.message);
    this.#workers.delete(slot);
    if (this.#ending && this.#workers.size === 0) this.#finish();
  }

  /** Rejects when the worker has ended, and has it replaced. */
  async #watch(slot: number, member: Member, ended: Promise<string>): Promise<never> {
    const how = await ended;
    await member.channels.silent;
    const words = member.channels.lastWords();
    member.channels.close();
    const isFirst = !this.#complete && !member.isReady;
    this.#buried(slot, member.pid, words === undefined ? how : `${how}: ${words}`, isFirst);
    throw startFailure(how, words);
  }

  /** A worker with less than the first one had is served by, and said. */
  #noteLacks(slot: number, lacks: readonly Lack[]): void {
    const known = (this.#lacks ??= lacks);
    const less = lacks.filter(({ step }) => !known.some((lack) => lack.step === step));
    if (less.length === 0) return;
    this.#log.event('worker-weaker', `worker ${slot + 1} has no ${summarize(less)}`);
  }

  /** One that was `isFirst` is not replaced: start() waits for it. */
  #buried(slot: number, pid: number | undefined, how: string, isFirst = false): void {
    this.#workers.delete(slot);
    if (this.#ending) {
      if (this.#workers.size === 0) this.#finish();
      return;
    }
    if (this.#open) this.#adoption.died(slot);
    this.#deaths.push(performance.now());
    const wait = waitBeforeRestart(this.#deaths);
    this.#log.event('worker-ended', `worker ${slot + 1} (pid ${pid ?? 'none'}) ended: ${how}`);
    if (wait === undefined) return this.#giveUp();
    if (isFirst) return;
    this.#pauses.add(setTimeout(() => this.#replace(slot), wait));
  }

  #replace(slot: number): void {
    if (this.#ending) return;
    this.#startWorker(slot).then(
      (pid) => this.#log.event('worker-replaced', `worker ${slot + 1} replaced (pid ${pid})`),
      () => undefined, // its exit is counted in #buried
    );
  }

  #giveUp(): void {
    const text = `${DEATHS_MAX} workers died within a minute: giving up. The lines above say how.`;
    this.#finish(new Failure(EXIT.failure, text));
    this.kill();
  }
}

/** Dead before its first word, while a thread of it began: another try may do. */
class Stillborn extends Failure {}

function startFailure(how: string, words: string | undefined): Failure {
  if (how === `exit status ${EXIT.sandboxUnavailable}` && words !== undefined) {
    return new Failure(EXIT.sandboxUnavailable, `a worker is not protected: ${words}`);
  }
  const kind = how === NO_TABLE ? Stillborn : Failure;
  return new kind(EXIT.failure, `a worker did not start: ${how}. The lines above may say why.`);
}
