// ordered.ts: does work for many items at once and gives the results in the order of the items.

export interface Bounds {
  /** Items under way at one time. */
  readonly itemsMax: number;
  /** Sum of their costs; one item that costs more goes alone. */
  readonly costMax: number;
}

/** A failure of one item is thrown where its result would have come. */
export async function* mapOrdered<Item, Result>(
  items: Iterable<Item>,
  bounds: Bounds,
  cost: (item: Item) => number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const pending: { readonly result: Promise<Result>; readonly cost: number }[] = [];
  let spent = 0;
  for (const item of items) {
    const price = cost(item);
    while (
      pending.length > 0 &&
      (pending.length >= bounds.itemsMax || spent + price > bounds.costMax)
    ) {
      const first = pending.shift()!;
      yield await first.result;
      spent -= first.cost;
    }
    const result = work(item);
    // Whoever awaits it sees the error; until then it must not count as unhandled.
    result.catch(() => undefined);
    pending.push({ result, cost: price });
    spent += price;
  }
  for (const { result } of pending) yield await result;
}
