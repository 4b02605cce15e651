// digest_index.ts: finds again what has a SHA-256, and holds no digest: eight bytes an entry.
//
// A table with open addressing. A slot has 32 bits of the digest and a place; whether the whole
// digest is that of the place, the owner knows, since it can be read there.

const SLOTS_MIN = 1024;
/** Used slots to all slots, at most: longer ways would cost more than they save. */
const LOAD_MAX = 0.6;

export class DigestIndex {
  readonly #isAt: (place: number, digest: Uint8Array) => boolean;
  /** Pairs: tag, place; a place of 0 is an empty slot. */
  #slots = new Uint32Array(2 * SLOTS_MIN);
  #used = 0;

  /** `isAt` says whether a place that was added is that of this digest. */
  constructor(isAt: (place: number, digest: Uint8Array) => boolean) {
    this.#isAt = isAt;
  }

  /** The place added with this digest; 0: none. */
  find(digest: Uint8Array): number {
    const tag = tagOf(digest);
    for (let slot = this.#first(tag); ; slot = this.#next(slot)) {
      const place = this.#slots[slot + 1]!;
      if (place === 0) return 0;
      if (this.#slots[slot] === tag && this.#isAt(place, digest)) return place;
    }
  }

  /** A place from 1 to 2^32 - 1, for a digest that find() does not know. */
  add(digest: Uint8Array, place: number): void {
    if (2 * (this.#used + 1) > this.#slots.length * LOAD_MAX) this.#grow();
    this.#put(tagOf(digest), place);
    this.#used++;
  }

  #put(tag: number, place: number): void {
    let slot = this.#first(tag);
    while (this.#slots[slot + 1] !== 0) slot = this.#next(slot);
    this.#slots[slot] = tag;
    this.#slots[slot + 1] = place;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(2 * before.length);
    for (let slot = 0; slot < before.length; slot += 2) {
      if (before[slot + 1] !== 0) this.#put(before[slot]!, before[slot + 1]!);
    }
  }

  /** The number of slots is a power of two. */
  #first(tag: number): number {
    return 2 * (tag % (this.#slots.length / 2));
  }

  #next(slot: number): number {
    return slot + 2 === this.#slots.length ? 0 : slot + 2;
  }
}

/** The bytes of a SHA-256 are as good as drawn at random. */
function tagOf(digest: Uint8Array): number {
  return ((digest[0]! << 24) | (digest[1]! << 16) | (digest[2]! << 8) | digest[3]!) >>> 0;
}
