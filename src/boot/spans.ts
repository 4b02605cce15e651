// spans.ts: where the values of one kind of record are.

export class Spans {
  readonly #at: Uint32Array;
  readonly #bytes: Uint32Array;
  #count = 0;
  /** Found last: what belongs together mostly stands together. */
  #last = -1;

  /** The system gives memory as it is used: `most` may be far too much. */
  constructor(most: number) {
    this.#at = new Uint32Array(most);
    this.#bytes = new Uint32Array(most);
  }

  /** Offsets are absolute, and ascend. */
  add(at: number, bytes: number): void {
    this.#at[this.#count] = at;
    this.#bytes[this.#count] = bytes;
    this.#count++;
  }

  /** Length of the value at exactly this offset. */
  lengthAt(offset: number): number | undefined {
    const next = this.#last + 1;
    const index = next < this.#count && this.#at[next] === offset ? next : this.#find(offset);
    if (index < 0) return undefined;
    this.#last = index;
    return this.#bytes[index];
  }

  /** -1: nowhere. */
  #find(offset: number): number {
    let low = 0;
    let high = this.#count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#at[middle]!;
      if (found === offset) return middle;
      if (found < offset) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
