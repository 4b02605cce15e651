// counters.ts: totals over all workers that ever were, from their journals.
//
// A stranger may have a worker and write there what they like: each number is taken at its
// highest, so that no total ever falls, as long as a worker can have come so far: more would hide
// what others count, since whoever reads the page has no more than 53 bits for it.
import { readSync } from 'node:fs';
import type { JournalReader } from './journals.ts';

/** Layout of native/journal.h, in numbers of 8 bytes. */
const DROPPED = 1;
const BODY_BYTES = 2;
const DURATION = 3;
const DURATIONS = 4;
const DURATIONS_END = 20;
const STATS = 32;
const SLOTS = 64;
const NUMBERS = 2_564;
const NUMBER_BYTES = 8;
const COUNT_MAX = 1n << 48n;
const AMOUNT_MAX = 1n << 60n;

/** Of struct ring_stats in native/ring.h, with its number there. */
export const RING_STATS = { accepted: 0, closed: 1, refused: 2, evicted: 3, refusedAddress: 9 };
export type RingStat = keyof typeof RING_STATS;

export interface Totals {
  /** Answers by slot: (status - 100) * 5 + method. */
  readonly answers: readonly bigint[];
  readonly bodyBytes: bigint;
  readonly microseconds: bigint;
  /** Answers by how long they took: less than 2^(2n + 5) microseconds, the last all others. */
  readonly durations: readonly bigint[];
  /** Answers that no line of the access log tells of. */
  readonly dropped: bigint;
  readonly ring: Readonly<Record<RingStat, bigint>>;
  /** Open now. */
  readonly connections: bigint;
}

export class Counters implements JournalReader {
  /** By journal, its numbers as they were at their highest. */
  readonly #living = new Map<number, BigUint64Array>();
  /** Of all that are gone. */
  readonly #dead = Array.from({ length: NUMBERS }, () => 0n);

  born(journal: number): void {
    this.#living.set(journal, new BigUint64Array(NUMBERS));
  }

  gone(journal: number): Promise<void> {
    const numbers = this.#living.get(journal)!;
    raise(numbers, journal);
    add(this.#dead, numbers);
    this.#living.delete(journal);
    return Promise.resolve();
  }

  /** As they are now. */
  totals(): Totals {
    const sums = [...this.#dead];
    let connections = 0n;
    for (const [journal, numbers] of this.#living) {
      raise(numbers, journal);
      add(sums, numbers);
      connections += openIn(numbers);
    }
    const ringStats = Object.entries(RING_STATS).map(([name, index]) => [
      name,
      sums[STATS + index]!,
    ]);
    return {
      answers: sums.slice(SLOTS),
      bodyBytes: sums[BODY_BYTES]!,
      microseconds: sums[DURATION]!,
      durations: sums.slice(DURATIONS, DURATIONS_END),
      dropped: sums[DROPPED]!,
      ring: Object.fromEntries(ringStats) as Totals['ring'],
      connections,
    };
  }
}

/** What is there now, where it is more than what was seen before. */
function raise(numbers: BigUint64Array, journal: number): void {
  const bytes = new Uint8Array(NUMBERS * NUMBER_BYTES);
  readSync(journal, bytes, 0, bytes.length, 0);
  const found = new BigUint64Array(bytes.buffer);
  for (const [at, number] of found.entries()) {
    if (number > numbers[at]! && number <= mostOf(at)) numbers[at] = number;
  }
}

/** Bytes and microseconds grow by many at a time. */
function mostOf(at: number): bigint {
  return at === BODY_BYTES || at === DURATION ? AMOUNT_MAX : COUNT_MAX;
}

function add(sums: bigint[], numbers: BigUint64Array): void {
  for (const [at, number] of numbers.entries()) if (number > 0n) sums[at] = sums[at]! + number;
}

/** The two are not read in one moment. */
function openIn(numbers: BigUint64Array): bigint {
  const open = numbers[STATS + RING_STATS.accepted]! - numbers[STATS + RING_STATS.closed]!;
  return open > 0n ? open : 0n;
}
