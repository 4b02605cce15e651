// orders.ts: what the supervisor tells a worker, at its start and later.
//
// At start: numbers and the addon's path, as the worker's only argument. Later: single bytes over
// the control socket.

export interface WorkerOrders {
  readonly addon: string;
  readonly controlDescriptor: number;
  /** The worker writes READY into it and closes it. */
  readonly bootDescriptor: number;
  readonly archiveDescriptor: number;
  /** Listening sockets this worker accepts from. */
  readonly listeners: readonly number[];
  readonly connectionsMax: number;
  readonly headerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** As the archive's manifest says: sites by host, a site for every other host, a 200.html. */
  readonly hosts: boolean;
  readonly defaultSite: boolean;
  readonly rewrites: boolean;
}

export const READY = 'R';

export const ORDER_DRAIN = 0x44;
/**
 * Measures the heap after two full collections; only where the worker was started with --expose-gc.
 */
export const ORDER_HEAP = 0x48;
/** The supervisor is gone. */
export const ORDER_GONE = -1;
