// access_log.ts: looks into the workers' rings every few milliseconds and writes a line for each
// answer.
//
// A disk or a reader that is slow stops neither the supervisor nor a worker: lines are lost then,
// and counted.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import {
  JOURNAL_RING_BYTES,
  LOG_COPY_BYTES,
  LOG_POLL_MS,
  LOG_REST_TIMEOUT_MS,
  LOG_WARNING_EVERY_MS,
} from '../limits.ts';
import type { Log } from '../log.ts';
import { CopyRoom, JournalRing, RECORD_BYTES_MAX, type Taken, type Taker } from './journal.ts';
import type { JournalReader } from './journals.ts';
import { LineWriter } from './line_writer.ts';
import { openLogFile } from './log_file.ts';
import { formatterOf, lineBytesMax } from './log_formats.ts';

export type AccessLogPlan = Pick<Config, 'accessLog' | 'logFormat' | 'logAddresses'>;

/** As --access-log has it. */
const STANDARD_OUTPUT = '-';
const STDOUT = 1;
/** Each copy may leave a record that was cut for the next one. */
const COPIES_OF_A_RING = Math.ceil(JOURNAL_RING_BYTES / (LOG_COPY_BYTES - RECORD_BYTES_MAX)) + 1;

/** Of what --access-log says: does it name a file? */
export function isFile(accessLog: string | undefined): accessLog is string {
  return accessLog !== undefined && accessLog !== STANDARD_OUTPUT;
}

/** Undefined: none is wanted. Throws a Failure. */
export async function openAccessLog(plan: AccessLogPlan, log: Log): Promise<AccessLog | undefined> {
  const { accessLog: path } = plan;
  if (path === undefined) return undefined;
  if (isFile(path)) return new AccessLog(plan, log, await openLogFile(path));
  void process.stdout; // a pipe is non-blocking from its first use on: uv_pipe_open
  return new AccessLog(plan, log, STDOUT);
}

export class AccessLog implements JournalReader {
  readonly #log: Log;
  readonly #name: string;
  readonly #writer: LineWriter;
  readonly #taker: Taker;
  readonly #room = new CopyRoom(LOG_COPY_BYTES);
  readonly #rings = new Map<number, JournalRing>();
  readonly #timer: NodeJS.Timeout;
  #turn = 0;
  #isFull = false;
  /** Of rings that are no more. */
  #droppedBefore = 0;
  #damagedBefore = 0;
  /** Read, and not written. */
  #lost = 0;
  #told = { dropped: 0, damaged: 0 };
  #tellAt = 0;
  #tellFailureAt = 0;

  constructor(plan: AccessLogPlan, log: Log, descriptor: number) {
    const path = plan.accessLog!;
    const format = formatterOf(plan.logFormat, plan.logAddresses);
    this.#log = log;
    this.#name = isFile(path) ? path : 'standard output';
    this.#writer = new LineWriter({
      descriptor,
      ...(isFile(path) && { open: () => openLogFile(path) }),
      wrote: () => {
        if (this.#isFull) this.#poll();
      },
      failed: (code) => this.#tellFailure(code),
      recovered: () => {
        this.#tellFailureAt = 0;
        log.event('access-log-works', `${this.#name} is written again`);
      },
      reopened: (failure) => this.#tellReopened(failure),
    });
    this.#taker = (record) => {
      const { lines } = this.#writer;
      if (lines.room < lineBytesMax(record)) return false;
      format(record, lines);
      return true;
    };
    this.#timer = setInterval(() => this.#poll(), LOG_POLL_MS).unref();
  }

  /** Answers without a line, since the start of the service. */
  get dropped(): number {
    return this.#sum(this.#droppedBefore + this.#lost, ({ dropped }) => dropped);
  }

  /** Of those, what was read and could not be written. */
  get lost(): number {
    return this.#lost;
  }

  /** How often what a worker had written made no sense. */
  get damaged(): number {
    return this.#sum(this.#damagedBefore, ({ damaged }) => damaged);
  }

  born(journal: number): void {
    this.#rings.set(journal, new JournalRing(journal, this.#room));
  }

  async gone(journal: number): Promise<void> {
    const ring = this.#rings.get(journal)!;
    const last = performance.now() + LOG_REST_TIMEOUT_MS;
    while (!this.#take(ring) && performance.now() < last) {
      this.#writer.flush();
      await sleep(LOG_POLL_MS);
    }
    this.#forsake(ring);
    this.#rings.delete(journal);
    this.#droppedBefore += ring.dropped;
    this.#damagedBefore += ring.damaged;
  }

  /** For whoever has moved the file away. */
  reopen(): void {
    this.#writer.reopen();
  }

  /**
   * Writes what is left, as far as that can be written soon. False: a write is under way that does
   * not come to its end.
   */
  async end(): Promise<boolean> {
    clearInterval(this.#timer);
    this.#lost += await this.#writer.end(LOG_REST_TIMEOUT_MS);
    this.#tell();
    return !this.#writer.isStuck;
  }

  #sum(before: number, of: (ring: JournalRing) => number): number {
    return [...this.#rings.values()].reduce((sum, ring) => sum + of(ring), before);
  }

  /** Each time another ring is the first: room may be short. */
  #poll(): void {
    const rings = [...this.#rings.values()];
    this.#turn = (this.#turn + 1) % Math.max(1, rings.length);
    const inTurn = [...rings.slice(this.#turn), ...rings.slice(0, this.#turn)];
    this.#isFull = inTurn.filter((ring) => !this.#take(ring)).length > 0;
    this.#writer.flush();
    if (performance.now() >= this.#tellAt) this.#tell();
  }

  /** False: there is more than there is room for. */
  #take(ring: JournalRing): boolean {
    return takeAll(ring, this.#taker) === 'all';
  }

  /** Memory for a dead worker's records is not kept for a disk that hangs. */
  #forsake(ring: JournalRing): void {
    takeAll(ring, () => {
      this.#lost++;
      return true;
    });
  }

  #tell(): void {
    const { dropped, damaged } = this;
    const lost = dropped - this.#told.dropped;
    if (lost > 0) this.#log.event('access-log-lost', `${count(lost)} without a line: ${WHY_LOST}`);
    if (damaged > this.#told.damaged) this.#log.event('access-log-damaged', WHY_DAMAGED);
    if (lost > 0 || damaged > this.#told.damaged) {
      this.#tellAt = performance.now() + LOG_WARNING_EVERY_MS;
    }
    this.#told = { dropped, damaged };
  }

  #tellFailure(code: string): void {
    if (performance.now() < this.#tellFailureAt) return;
    this.#tellFailureAt = performance.now() + LOG_WARNING_EVERY_MS;
    const remedy = REMEDIES[code] ?? 'The disk or its file system may have failed.';
    const what = `cannot write ${this.#name}: ${code}. ${remedy}`;
    this.#log.event('access-log-failed', `${what} It is tried again each second.`);
  }

  #tellReopened(failure?: Error): void {
    if (!failure) return this.#log.event('access-log-reopened', this.#name);
    const what = `${failure.message} Lines go to the file that was open before.`;
    this.#log.event('access-log-kept', what);
  }
}

/** As often as a full ring needs: whoever goes on writing there is not read for ever. */
function takeAll(ring: JournalRing, taker: Taker): Taken {
  let taken = ring.take(taker);
  for (let turn = 0; turn < COPIES_OF_A_RING && taken === 'more'; turn++) taken = ring.take(taker);
  return taken;
}

const REMEDIES: Readonly<Record<string, string>> = {
  EPIPE: 'Nobody reads it any more.',
  ENOSPC: 'The disk is full. Make room.',
  EDQUOT: 'The quota is used up. Make room.',
  EFBIG: 'The file is as large as a file may be here. Move it away, and send SIGHUP.',
};
const WHY_LOST = 'what the log is written to was slower than the answers, or failed.';
const WHY_DAMAGED =
  'a worker has left records that make no sense, which were passed over. Somebody may have taken ' +
  'that worker: look at what it was asked.';

function count(answers: number): string {
  return `${answers.toLocaleString('en-US')} ${answers === 1 ? 'answer' : 'answers'}`;
}
