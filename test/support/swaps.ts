// swaps.ts: clients who ask without a pause while archives are swapped: each answer must be wholly
// of one of two editions.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from './reply.ts';
import { value } from './reply.ts';
import { Wire, get } from './wire.ts';

/** Body and entity-tag of one page in one archive. */
export interface Edition {
  readonly body: Buffer;
  readonly tag: string;
}

const PATH = '/page.txt';
const ANSWER_MS_MAX = 10_000;
/** Between two requests of one client, so that many of them leave time for anybody else. */
const PAUSE_MS = 2;

export async function editionAt(port: number): Promise<Edition> {
  const wire = await Wire.open(port);
  try {
    wire.send(get(PATH));
    const reply = await wire.reply({ timeoutMs: ANSWER_MS_MAX });
    return { body: reply.body, tag: value(reply, 'etag') ?? '' };
  } finally {
    wire.destroy();
  }
}

export interface Swapped {
  readonly answers: number;
  readonly connections: number;
  /** How often a client went from one edition to another. */
  readonly changes: number;
}

/** Any answer that is wrong, late or missing is kept, and thrown by stop(). */
export class Clients {
  readonly #port: number;
  readonly #editions: readonly Edition[];
  readonly #done: Promise<void>;
  #stopped = false;
  #fault: unknown;
  #answers = 0;
  #connections = 0;
  #changes = 0;

  constructor(
    port: number,
    editions: readonly Edition[],
    counts: { readonly staying: number; readonly closing: number },
  ) {
    this.#port = port;
    this.#editions = editions;
    const many = (count: number, closes: boolean): Promise<void>[] =>
      Array.from({ length: count }, () => this.#live(closes));
    const all = [...many(counts.staying, false), ...many(counts.closing, true)];
    this.#done = Promise.all(all).then(() => undefined);
    this.#done.catch((error: unknown) => {
      this.#fault ??= error;
      this.#stopped = true;
    });
  }

  get answers(): number {
    return this.#answers;
  }

  async stop(): Promise<Swapped> {
    this.#stopped = true;
    await this.#done.catch(() => undefined);
    if (this.#fault !== undefined) {
      throw new Error(`after ${this.#answers} answers`, { cause: this.#fault });
    }
    return { answers: this.#answers, connections: this.#connections, changes: this.#changes };
  }

  async #live(closes: boolean): Promise<void> {
    let last: Edition | undefined;
    while (!this.#stopped) {
      const wire = await Wire.open(this.#port);
      this.#connections++;
      // Whoever sees the end of a connection asks on another one: any client does.
      while (!this.#stopped && wire.ending === undefined) {
        const { edition, isLast } = await this.#ask(wire, closes);
        if (last !== undefined && last !== edition) this.#changes++;
        last = edition;
        if (isLast) break;
        await sleep(PAUSE_MS);
      }
      if (wire.ending === 'reset') throw new Error('a reset');
      wire.close();
    }
  }

  async #ask(wire: Wire, closes: boolean): Promise<{ edition: Edition; isLast: boolean }> {
    wire.send(get(PATH, ...(closes ? ['Connection: close'] : [])));
    const reply = await wire.reply({ timeoutMs: ANSWER_MS_MAX });
    const edition = this.#editionOf(reply);
    this.#answers++;
    const isLast = value(reply, 'connection') === 'close';
    if (isLast && (await wire.closed(ANSWER_MS_MAX)) !== 'fin') throw new Error('a reset');
    return { edition, isLast };
  }

  #editionOf(reply: Reply): Edition {
    const tag = value(reply, 'etag');
    const found = this.#editions.find((one) => one.tag === tag && one.body.equals(reply.body));
    if (reply.status === 200 && found) return found;
    throw new Error(`${reply.status} with ${reply.body.length} bytes of no edition`);
  }
}
