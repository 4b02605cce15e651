// orders.ts: orders of a worker that tests start themselves, one listener and short time-outs.
import { type FixedOrders, numberOfSite, numbersOf } from '../../src/boot/orders.ts';
import { addonPath, verifierBundle } from '../../src/paths.ts';

/** As an argument of a worker. */
export const PLAIN_SITE = String(
  numberOfSite({ hosts: false, defaultSite: true, rewrites: false, rules: false }),
);

export function ordersWith(others: Partial<FixedOrders> = {}): FixedOrders {
  return {
    addon: addonPath('wall'),
    verifier: verifierBundle,
    sandbox: 'auto',
    lockdown: 'standard',
    ...numbersOf(1, 0, 0),
    lasting: [],
    connectionsMax: 20,
    headerTimeoutMs: 5_000,
    idleTimeoutMs: 5_000,
    writeTimeoutMs: 5_000,
    drainTimeoutMs: 2_000,
    healthPath: '',
    heapReport: false,
    selfReport: false,
    ...others,
  };
}
