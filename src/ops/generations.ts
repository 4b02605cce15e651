// generations.ts: the crew of the newest good archive, and until it is gone the one before: swaps
// archives without losing anybody.
//
// At most two archives are in memory: a reload waits until nobody serves the one before the present
// one, and then takes what is there.
import type { Sound } from '../boot/verdict.ts';
import { Failure } from '../errors.ts';
import { size } from '../format/size.ts';
import { WORKERS_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import type { WallAddon } from '../native.ts';
import { Crew } from './crew.ts';
import type { Journals } from './journals.ts';
import { type Sealed, sealArchive } from './load.ts';
import type { Spawner } from './spawner.ts';
import type { Lack } from './steps.ts';
import type { ToldWorker } from './told.ts';
import { verifySealed } from './verify.ts';

export interface GenerationsPlan {
  readonly path: string;
  /** As CrewPlan has them. */
  readonly listeners: readonly (readonly number[])[];
  readonly reach: number;
  readonly journals: Journals;
  /** From the end of a crew's service until its idle connections are closed. */
  readonly drainWaitMs: number;
  /** A reload begins, or is over, well or not: by turns. */
  readonly reloading: (isUnderWay: boolean) => void;
}

/** What came into service. */
export interface Loaded extends Omit<Sealed, 'descriptor'> {
  readonly files: number;
  readonly digest: string;
  readonly msealed: boolean;
  readonly verifiedMs: number;
  readonly readyMs: number;
}

/** Of a digest, in lines. */
const DIGEST_SHOWN = 12;

/** For a line. */
export function describe({ files, bytes, digest, verifiedMs, readyMs }: Loaded): string {
  const what = `${files.toLocaleString('en-US')} file${files === 1 ? '' : 's'}, ${size(bytes)}`;
  const times = `verified in ${verifiedMs} ms, workers ready in ${readyMs} ms`;
  return `${what}, digest ${digest.slice(0, DIGEST_SHOWN)}, ${times}`;
}

export class Generations {
  readonly #wall: WallAddon;
  readonly #spawner: Spawner;
  readonly #plan: GenerationsPlan;
  readonly #log: Log;
  /** That in service, those that leave and the one that is to come. */
  readonly #crews = new Set<Crew>();
  readonly #stop = new AbortController();
  #current: Crew | undefined;
  #staged: Crew | undefined;
  #firstSlot = WORKERS_MAX;
  /** Until the crew before the present one is gone. */
  #room: Promise<void> = Promise.resolve();
  #wanted = false;
  #busy = true;
  #raising = false;
  #loaded: Loaded | undefined;
  #seen = '';
  #finish: (failure?: Error) => void = () => undefined;
  /** Settles when all crews are gone, or with why they could not go on. */
  readonly finished: Promise<void>;

  constructor(wall: WallAddon, spawner: Spawner, plan: GenerationsPlan, log: Log) {
    this.#wall = wall;
    this.#spawner = spawner;
    this.#plan = plan;
    this.#log = log;
    this.finished = new Promise((resolve, reject) => {
      this.#finish = (failure) => (failure ? reject(failure) : resolve());
    });
    spawner.lost.catch((failure: unknown) => {
      this.#stop.abort();
      for (const crew of this.#crews) crew.lose(failure as Failure);
      this.#finish(failure as Failure);
    });
  }

  /** The first generation. Throws a Failure when there is none; undefined: told to end before. */
  start(sealed: Sealed): Promise<Loaded | undefined> {
    return this.#raise(sealed);
  }

  /** From now on the first generation is served, and may be replaced: nobody accepts before. */
  open(loaded: Loaded): void {
    this.#current?.open();
    this.#loaded = loaded;
    this.#busy = false;
    if (this.#wanted) this.reload();
  }

  /** What is in service; undefined: nothing yet. */
  get loaded(): Loaded | undefined {
    return this.#loaded;
  }

  /** identityOf() the file that was last looked into, whatever came of it. */
  get seen(): string {
    return this.#seen;
  }

  get lacks(): readonly Lack[] {
    return this.#current?.lacks ?? [];
  }

  pids(): number[] {
    return this.#current?.pids() ?? [];
  }

  tell(): Promise<ToldWorker[]> {
    return this.#current?.tell() ?? Promise.resolve([]);
  }

  /** Of all that serve, those that leave among them. */
  beats(): Map<number, number> {
    return new Map([...this.#crews].flatMap((crew) => [...crew.beats()]));
  }

  order(byte: number): void {
    for (const crew of this.#crews) crew.order(byte);
  }

  /** The service will be told to drain: no reload is of use any more. */
  announce(): void {
    this.#abandon();
    this.#current?.announce();
  }

  drain(): void {
    this.#abandon();
    for (const crew of this.#crews) crew.drain();
  }

  /** Ends all at once. */
  kill(): void {
    this.#abandon();
    for (const crew of this.#crews) crew.kill();
  }

  /** It has been told so. */
  get isEnding(): boolean {
    return this.#stop.signal.aborted;
  }

  #abandon(): void {
    this.#stop.abort();
    this.#staged?.kill();
    this.#settle();
  }

  /**
   * Puts what is at the path now into service, or says why not. Of many at once the last counts.
   * `identity` is that of the file, where it is known.
   */
  reload(identity = this.#seen): void {
    this.#wanted = true;
    this.#seen = identity;
    if (!this.#busy) this.#reloadAll().catch((error: unknown) => this.#finish(error as Error));
  }

  async #reloadAll(): Promise<void> {
    this.#busy = true;
    while (this.#wanted && !this.isEnding) {
      this.#plan.reloading(true);
      await this.#room;
      this.#wanted = false;
      if (!this.isEnding) await this.#reload();
      this.#plan.reloading(false);
    }
    this.#busy = false;
  }

  async #reload(): Promise<void> {
    const before = this.#current;
    this.#raising = true;
    try {
      const loaded = await this.#raise(await sealArchive(this.#wall, this.#plan.path));
      if (loaded === undefined) return;
      this.#current?.open();
      this.#loaded = loaded;
      before?.retire(this.#plan.drainWaitMs);
      this.#log.event('reloaded', describe(loaded));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const text = `${error.message} What was served before is served on.`;
      this.#log.event('not-reloaded', text);
    } finally {
      this.#raising = false;
      this.#settle();
    }
  }

  /**
   * Has it verified, and served by a new crew, which starts meanwhile, and at whose end the memory
   * is given back. Throws a Failure; undefined: told to end meanwhile.
   */
  async #raise(sealed: Sealed): Promise<Loaded | undefined> {
    this.#seen = sealed.identity;
    this.#raising = true;
    const began = performance.now();
    try {
      const verdict = this.#verify(sealed);
      const crew = this.#form(sealed, verdict);
      const ready = this.#start(crew);
      ready.catch(() => undefined); // awaited below, if they are to serve at all
      const sound = await this.#judge(verdict, crew);
      const verified = performance.now();
      crew.load(sound.site);
      await ready;
      this.#install(crew);
      const verifiedMs = Math.round(verified - began);
      const readyMs = Math.round(performance.now() - verified);
      return this.isEnding ? undefined : { ...sealed, ...sound, verifiedMs, readyMs };
    } catch (error) {
      if (this.isEnding) return undefined;
      throw error;
    } finally {
      this.#raising = false;
      this.#settle();
    }
  }

  #verify({ descriptor }: Sealed): Promise<Sound> {
    const { path, listeners } = this.#plan;
    const examined = { path, archive: descriptor, listeners: listeners[0]!.length };
    const relay = (line: string): void => this.#log.relay(line);
    return verifySealed(this.#wall, this.#spawner, examined, this.#stop.signal, relay);
  }

  /** Nobody is to serve an archive that is not sound. */
  async #judge(verdict: Promise<Sound>, crew: Crew): Promise<Sound> {
    try {
      return await verdict;
    } catch (error) {
      crew.kill();
      await crew.finished.catch(() => undefined);
      throw error;
    }
  }

  /** The memory is given back when the crew is gone, and nobody verifies any more. */
  #form({ descriptor }: Sealed, verdict: Promise<Sound>): Crew {
    const { listeners, reach, journals } = this.#plan;
    const firstSlot = this.#slotAfter();
    const lacks = this.#current?.lacks;
    const plan = { archive: descriptor, firstSlot, lacks, listeners, reach, journals };
    const crew = new Crew(this.#wall, this.#spawner, plan, this.#log);
    this.#crews.add(crew);
    const gone = async (): Promise<void> => {
      await verdict.catch(() => undefined);
      this.#crews.delete(crew);
      this.#wall.closeDescriptor(descriptor);
      this.#settle();
    };
    crew.finished.then(gone, async (failure: unknown) => {
      await gone();
      if (crew === this.#current) this.#finish(failure as Failure);
    });
    return crew;
  }

  async #start(crew: Crew): Promise<void> {
    this.#staged = crew;
    try {
      await Promise.race([crew.start(), crew.finished]);
    } catch (error) {
      crew.kill();
      await crew.finished.catch(() => undefined);
      throw error;
    } finally {
      this.#staged = undefined;
    }
  }

  #install(crew: Crew): void {
    this.#room = this.#current?.finished.catch(() => undefined) ?? this.#room;
    this.#firstSlot = this.#slotAfter();
    this.#current = crew;
  }

  /** Two generations have slots of their own, by turns. */
  #slotAfter(): number {
    return this.#firstSlot === 0 ? WORKERS_MAX : 0;
  }

  #settle(): void {
    if (this.isEnding && this.#crews.size === 0 && !this.#raising) this.#finish();
  }
}
