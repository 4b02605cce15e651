// adoption.ts: who accepts from the sockets of a worker that is dead, until another takes its
// place: one of its neighbours, which was given them at its own start.
import { ORDER_ADOPT, ORDER_RELEASE } from '../boot/orders.ts';

/** What a worker can be given at its start: DESCRIPTORS_MAX of native/spawner/descriptors.h. */
const GIVEN_MAX = 128;

/** The sockets of a service, as its workers hold them. */
export interface Sockets {
  /** By address, one for each worker. */
  readonly addresses: readonly (readonly number[])[];
  /** Of these addresses each worker has a socket, and a queue, of its own. */
  readonly parted: readonly boolean[];
}

/**
 * The sockets of how many neighbours a worker can be given, beside other descriptors and its own:
 * one for each address, of which `parted` have another one for each worker.
 */
export function reachOf(
  workers: number,
  { addresses, parted }: { readonly addresses: number; readonly parted: number },
  beside: number,
): number {
  const room = GIVEN_MAX - beside - addresses;
  return parted === 0 ? 0 : Math.max(0, Math.min(workers - 1, Math.floor(room / parted)));
}

/** All of a worker's: its own, then those of the next one, and so on as far as the reach goes. */
export function socketsOf(
  worker: number,
  workers: number,
  reach: number,
  sockets: Sockets,
): number[] {
  const own = sockets.addresses.map((address) => address[worker]!);
  const parted = sockets.addresses.filter((_, index) => sockets.parted[index]);
  const others = Array.from({ length: reach }, (_, index) =>
    parted.map((address) => address[(worker + index + 1) % workers]!),
  );
  return [...own, ...others.flat()];
}

type Order = (byte: number) => void;

export class Adoption {
  readonly #workers: number;
  readonly #reach: number;
  readonly #serving = new Map<number, Order>();
  /** Slots of dead workers, and of who accepts for them; undefined: nobody. */
  readonly #dead = new Map<number, number | undefined>();

  constructor(workers: number, reach: number) {
    this.#workers = workers;
    this.#reach = reach;
  }

  /** It accepts for itself again, and perhaps for somebody else. */
  serves(slot: number, order: Order): void {
    this.#serving.set(slot, order);
    const adopter = this.#dead.get(slot);
    this.#dead.delete(slot);
    if (adopter !== undefined) {
      this.#serving.get(adopter)?.(ORDER_RELEASE + this.#distance(adopter, slot));
    }
    this.#adoptAll();
  }

  died(slot: number): void {
    this.#serving.delete(slot);
    for (const [dead, adopter] of this.#dead) if (adopter === slot) this.#dead.set(dead, undefined);
    if (!this.#dead.has(slot)) this.#dead.set(slot, undefined);
    this.#adoptAll();
  }

  #adoptAll(): void {
    for (const [dead, adopter] of this.#dead) {
      if (adopter === undefined) this.#dead.set(dead, this.#adopt(dead));
    }
  }

  #adopt(dead: number): number | undefined {
    const near = [...this.#serving.keys()]
      .map((slot) => ({ slot, distance: this.#distance(slot, dead) }))
      .filter(({ distance }) => distance <= this.#reach)
      .sort((one, other) => one.distance - other.distance);
    const [nearest] = near;
    if (nearest) this.#serving.get(nearest.slot)!(ORDER_ADOPT + nearest.distance);
    return nearest?.slot;
  }

  /** How many slots after `from`, in a ring of all of them. */
  #distance(from: number, to: number): number {
    return (to - from + this.#workers) % this.#workers;
  }
}
