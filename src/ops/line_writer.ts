// line_writer.ts: writes lines to a file or a pipe, beside the loop and one write at a time.
//
// What is slow or broken fills the memory here, and no more than that: whoever makes the lines
// looks whether there is room.
import { close, fstat, write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LOG_BUFFER_BYTES, LOG_POLL_MS, LOG_RETRY_MS } from '../limits.ts';
import { LineBuffer } from './line_buffer.ts';

export interface WriterPlan {
  readonly descriptor: number;
  /** Opens the same name anew; none: there is no name. */
  readonly open?: () => Promise<number>;
  /** A write was made: there may be room. */
  readonly wrote: () => void;
  /** By an errno, at each try. */
  readonly failed: (code: string) => void;
  /** What had failed goes well. */
  readonly recovered: () => void;
  /** With why, when the old file is written on. */
  readonly reopened: (failure?: Error) => void;
}

const LF = 0x0a;

export class LineWriter {
  readonly #plan: WriterPlan;
  #descriptor: number;
  #filling = new LineBuffer(LOG_BUFFER_BYTES);
  #writing = new LineBuffer(LOG_BUFFER_BYTES);
  /** Bytes of `writing` that are written. */
  #sent = 0;
  #isBusy = false;
  #isWanted = false;
  #hasFailed = false;
  #isStuck = false;
  #retryAt = 0;

  constructor(plan: WriterPlan) {
    this.#plan = plan;
    this.#descriptor = plan.descriptor;
  }

  /** Where whole lines are added. */
  get lines(): LineBuffer {
    return this.#filling;
  }

  /** After the end: a write came to none, and the process cannot either as long as it waits. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Writes what there is, unless a write is under way; to be called again and again. */
  flush(): void {
    if (this.#isBusy || performance.now() < this.#retryAt) return;
    if (this.#isWanted && (this.#isWritten || this.#hasFailed)) return void this.#reopen();
    if (this.#isWritten) this.#swap();
    if (this.#isWritten) return;
    this.#isBusy = true;
    const { bytes, length } = this.#writing;
    write(this.#descriptor, bytes, this.#sent, length - this.#sent, null, (error, written) => {
      this.#isBusy = false;
      if (error) this.#fail(error.code ?? 'EIO');
      else this.#advance(written);
    });
  }

  /** Lines go to a file of that name as it is now, from the next line on. */
  reopen(): void {
    if (this.#plan.open === undefined) return;
    this.#isWanted = true;
    this.#retryAt = 0;
    this.flush();
  }

  /** Writes what is left, for at most so long, and gives how many lines it could not. */
  async end(timeoutMs: number): Promise<number> {
    const last = performance.now() + timeoutMs;
    this.#retryAt = 0;
    this.flush();
    while (this.#isUnderWay && performance.now() < last) {
      await sleep(LOG_POLL_MS);
      this.flush();
    }
    if (!this.#isBusy && this.#plan.open) await promisify(close)(this.#descriptor);
    this.#isStuck = this.#isBusy;
    this.#retryAt = Infinity;
    return countLines(this.#writing, this.#sent) + countLines(this.#filling, 0);
  }

  get #isWritten(): boolean {
    return this.#sent === this.#writing.length;
  }

  /** Is something left that may still be written? */
  get #isUnderWay(): boolean {
    const isLeft = !this.#isWritten || this.#filling.length > 0;
    return this.#isBusy || (isLeft && performance.now() >= this.#retryAt);
  }

  #swap(): void {
    [this.#filling, this.#writing] = [this.#writing, this.#filling];
    this.#filling.length = 0;
    this.#sent = 0;
  }

  #advance(written: number): void {
    this.#sent += written;
    if (!this.#isWritten) return this.flush();
    if (this.#hasFailed) {
      this.#hasFailed = false;
      this.#plan.recovered();
    }
    this.#plan.wrote();
  }

  /** A pipe that is full is only slow: the next look will do. */
  #fail(code: string): void {
    if (code === 'EAGAIN') return;
    this.#hasFailed = true;
    this.#retryAt = performance.now() + LOG_RETRY_MS;
    this.#plan.failed(code);
  }

  async #reopen(): Promise<void> {
    this.#isBusy = true;
    this.#isWanted = false;
    try {
      const before = this.#descriptor;
      this.#descriptor = await this.#plan.open!();
      if (!(await isSame(before, this.#descriptor))) {
        this.#sent = beginOfLine(this.#writing, this.#sent);
      }
      this.#plan.reopened();
      await promisify(close)(before);
    } catch (error) {
      this.#plan.reopened(error as Error);
    }
    this.#isBusy = false;
    this.flush();
  }
}

/** Did both names lead to the same file? */
async function isSame(one: number, other: number): Promise<boolean> {
  const [before, now] = await Promise.all([one, other].map((file) => promisify(fstat)(file)));
  return before!.dev === now!.dev && before!.ino === now!.ino;
}

/** Of the line that goes on at `at`: what the old file has of it is of no use in the new one. */
function beginOfLine({ bytes }: LineBuffer, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(LF, at - 1) + 1;
}

function countLines({ bytes, length }: LineBuffer, from: number): number {
  let lines = 0;
  for (let at = from; at < length; at++) if (bytes[at] === LF) lines++;
  return lines;
}
