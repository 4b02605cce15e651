// orders.ts: orders of a worker that tests start themselves, one listener and short time-outs.
import { type FixedOrders, ORDER_LOAD, numberOfSite, numbersOf } from '../../src/boot/orders.ts';
import { addonPath, verifierBundle } from '../../src/paths.ts';

const PLAIN = { hosts: false, defaultSite: true, rewrites: false, rules: false };

/** The first order of a worker: its archive is sound, and the plainest there is. */
export const LOAD_PLAIN = Uint8Array.of(ORDER_LOAD + numberOfSite(PLAIN));

export function ordersWith(others: Partial<FixedOrders> = {}): FixedOrders {
  return {
    addon: addonPath('wall'),
    verifier: verifierBundle,
    sandbox: 'auto',
    lockdown: 'standard',
    ...numbersOf(1, 0, 0),
    lasting: [],
    connectionsMax: 20,
    connectionsPerAddress: 0,
    trusted: [],
    requestLineBytesMax: 8_192,
    headerBytesMax: 16_384,
    headerFieldsMax: 100,
    headerTimeoutMs: 5_000,
    idleTimeoutMs: 5_000,
    writeTimeoutMs: 5_000,
    sendRateMin: 256,
    lingerTimeoutMs: 5_000,
    drainTimeoutMs: 2_000,
    healthPath: '',
    logsAnswers: false,
    heapReport: false,
    selfReport: false,
    ...others,
  };
}
