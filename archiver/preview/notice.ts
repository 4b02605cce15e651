// notice.ts: when to look: soon after a change was heard of, and now and then all the same.
import { setTimeout as sleep } from 'node:timers/promises';

/** Editors and build tools make a change in several steps: it is over when they pause. */
const QUIET_MS = 10;
/** Who writes on and on is not waited for longer. */
const QUIET_MS_MAX = 200;

export class Notice {
  /** Milliseconds since 1970 of the first and the last change heard of; 0: none. */
  #first = 0;
  #last = 0;
  #wake: () => void = () => undefined;

  /** Something has changed. */
  note(): void {
    this.#last = Date.now();
    if (this.#first === 0) this.#first = this.#last;
    this.#wake();
  }

  /** Whether a change was heard of since next() came back. */
  get isNew(): boolean {
    return this.#first !== 0;
  }

  /** Comes back after a change, or after so long; gives when it was first heard of. */
  async next(waitMs: number): Promise<number> {
    await this.#changeOrTimeout(waitMs);
    if (this.#first === 0) return Date.now();
    const end = this.#first + QUIET_MS_MAX;
    for (;;) {
      const left = Math.min(this.#last + QUIET_MS, end) - Date.now();
      if (left <= 0) break;
      await sleep(left);
    }
    const first = this.#first;
    this.#first = 0;
    return first;
  }

  async #changeOrTimeout(waitMs: number): Promise<void> {
    if (this.#first !== 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}
