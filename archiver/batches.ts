// batches.ts: files that go to a thread together: one large one, or some small ones.

const BATCH_FILES_MAX = 64;

export interface Batch<Item> {
  readonly items: readonly Item[];
  /** Of all together. */
  readonly bytes: number;
}

export function* batches<Item extends { readonly bytes: number }>(
  items: Iterable<Item>,
  bytesMax: number,
): Generator<Batch<Item>> {
  let taken: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const isFull = taken.length === BATCH_FILES_MAX || bytes + item.bytes > bytesMax;
    if (isFull && taken.length > 0) {
      yield { items: taken, bytes };
      taken = [];
      bytes = 0;
    }
    taken.push(item);
    bytes += item.bytes;
  }
  if (taken.length > 0) yield { items: taken, bytes };
}
