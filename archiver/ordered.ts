// ordered.ts: does work for many items at once and gives the results in the order of the items.
import { setImmediate } from 'node:timers/promises';

export interface Bounds {
  /** Items under way at one time. */
  readonly itemsMax: number;
  /** Sum of their costs; one item that costs more goes alone. */
  readonly costMax: number;
}

interface Pending<Result> {
  readonly result: Promise<Result>;
  readonly cost: number;
  settled: boolean;
}

/** A failure of one item is thrown where its result would have come. */
export async function* mapOrdered<Item, Result>(
  items: Iterable<Item>,
  bounds: Bounds,
  cost: (item: Item) => number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const pending: Pending<Result>[] = [];
  let spent = 0;
  for (const item of items) {
    const price = cost(item);
    const isFull = () => pending.length >= bounds.itemsMax || spent + price > bounds.costMax;
    while (pending.length > 0 && (pending[0]!.settled || isFull())) {
      const first = pending.shift()!;
      yield await first.result;
      spent -= first.cost;
    }
    pending.push(start(work(item), price));
    spent += price;
    // Starting many in a row would keep those that do the work waiting for their next piece.
    await setImmediate();
  }
  for (const { result } of pending) yield await result;
}

function start<Result>(result: Promise<Result>, cost: number): Pending<Result> {
  const pending = { result, cost, settled: false };
  const settle = () => void (pending.settled = true);
  // Whoever awaits it sees the error; until then it must not count as unhandled.
  result.then(settle, settle);
  return pending;
}
