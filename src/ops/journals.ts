// journals.ts: the memory in which workers note what they answered, from before their start until
// all of it is read.
import type { WallAddon } from '../native.ts';

/** Reads journals, each by its descriptor. */
export interface JournalReader {
  /** A worker is about to be given it. */
  born(journal: number): void;
  /** That worker is dead, or was never there. Resolves when all is read that is worth it. */
  gone(journal: number): Promise<void>;
}

export class Journals {
  readonly #wall: WallAddon;
  readonly #ringBytes: number;
  readonly #readers: readonly JournalReader[];
  readonly #going = new Set<Promise<void>>();

  /** `ringBytes`: room for records in each; 0: answers are only counted. */
  constructor(wall: WallAddon, ringBytes: number, readers: readonly JournalReader[]) {
    this.#wall = wall;
    this.#ringBytes = ringBytes;
    this.#readers = readers;
  }

  create(): number {
    const journal = this.#wall.createJournal(this.#ringBytes);
    for (const reader of this.#readers) reader.born(journal);
    return journal;
  }

  retire(journal: number): void {
    const going = this.#close(journal).finally(() => this.#going.delete(going));
    this.#going.add(going);
  }

  /** All that were retired have been read. */
  async settled(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going);
  }

  async #close(journal: number): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.gone(journal)));
    this.#wall.closeDescriptor(journal);
  }
}
