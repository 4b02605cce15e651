// honest.ts: clients who ask as anybody does, all the while, and compare every answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { value } from './reply.ts';
import type { Reply } from './reply.ts';
import { Wire, get } from './wire.ts';

export interface Asked {
  readonly answers: number;
  readonly slowestMs: number;
}

type Content = Readonly<Record<string, Buffer>>;

/** No answer may take longer, connecting included; a busy machine is no excuse for a minute. */
const ANSWER_MS_MAX = 5_000;
const PAUSE_MS = 5;
const PART_AT = 100;
const PART_END = 300;

/** Asks for a path and a part of it, by turns on a connection that stays and on a new one. */
export class Honest {
  readonly #port: number;
  readonly #content: Content;
  readonly #done: Promise<void>;
  #stopped = false;
  #fault: unknown;
  #answers = 0;
  #slowestMs = 0;

  constructor(port: number, content: Content) {
    this.#port = port;
    this.#content = content;
    this.#done = this.#live().catch((error: unknown) => void (this.#fault = error));
  }

  /** Ends it. Throws what went wrong with an answer, whenever that was. */
  async stop(): Promise<Asked> {
    this.#stopped = true;
    await this.#done;
    if (this.#fault !== undefined) {
      throw new Error(`the honest client, answer ${this.#answers + 1}`, { cause: this.#fault });
    }
    return { answers: this.#answers, slowestMs: Math.round(this.#slowestMs) };
  }

  async #live(): Promise<void> {
    const names = Object.keys(this.#content);
    const staying = await Wire.open(this.#port);
    try {
      // The last answer is of a moment after the end.
      for (let turn = 0, last = false; !last; turn++) {
        last = this.#stopped;
        const name = names[turn % names.length]!;
        await this.#timed(() => this.#ask(staying, name));
        await this.#timed(() => this.#visit(name));
        await sleep(PAUSE_MS);
      }
    } finally {
      staying.destroy();
    }
  }

  async #timed(ask: () => Promise<void>): Promise<void> {
    const before = performance.now();
    await ask();
    const taken = performance.now() - before;
    this.#answers++;
    this.#slowestMs = Math.max(this.#slowestMs, taken);
    if (taken > ANSWER_MS_MAX) throw new Error(`an answer after ${Math.round(taken)} ms`);
  }

  async #visit(name: string): Promise<void> {
    const wire = await Wire.open(this.#port);
    try {
      await this.#ask(wire, name, true);
    } finally {
      wire.destroy();
    }
  }

  async #ask(wire: Wire, name: string, wantsPart = false): Promise<void> {
    const whole = this.#content[name]!;
    const part = wantsPart && whole.length >= PART_END;
    const range = `Range: bytes=${PART_AT}-${PART_END - 1}`;
    wire.send(get(`/${name}`, ...(part ? [range] : [])));
    const reply = await wire.reply({ timeoutMs: ANSWER_MS_MAX });
    compare(reply, part ? 206 : 200, part ? whole.subarray(PART_AT, PART_END) : whole);
  }
}

function compare(reply: Reply, status: number, body: Buffer): void {
  const same = reply.status === status && reply.body.equals(body);
  if (same && value(reply, 'content-length') === String(body.length)) return;
  const got = `${reply.status} with ${reply.body.length} bytes`;
  throw new Error(`${got} instead of ${status} with ${body.length}, or other bytes`);
}
