// worker.ts: main of the process that faces the network. Bundled into one CommonJS file.
//
// Inherits: listeners, the sealed archive, control socket, boot socket, status page, journal. Opens
// nothing by itself but the addon.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getHeapStatistics } from 'node:v8';
import { endWith } from './boot/ending.ts';
import {
  type FixedOrders,
  ORDER_ADOPT,
  ORDER_ANNOUNCE,
  ORDER_DRAIN,
  ORDER_GONE,
  ORDER_HEAP,
  ORDER_RELEASE,
  ORDER_RETIRE,
  ORDER_SERVE,
  VERIFIER,
  readFixedOrders,
} from './boot/orders.ts';
import { startServing } from './boot/start.ts';
import { EXIT } from './errors.ts';
import { setDraining, setLeaving } from './hot/health.ts';
import { run } from './hot/loop.ts';
import { type Ring, loadWall } from './native.ts';

const [, bundle = '', fixed, role] = process.argv;
if (role === String(VERIFIER)) createRequire(bundle)(readFixedOrders(fixed).verifier);
else main(readFixedOrders(fixed));

/** From the load stage on, no promise, timer or finaliser runs: nothing returns to libuv. */
function main(orders: FixedOrders): void {
  const wall = loadWall(orders.addon);
  wall.openStatus(orders.statusDescriptor, EXIT.bug);
  try {
    const ring = startServing(wall, orders);
    run((order) => obey(ring, orders, order));
    wall.exit(EXIT.ok);
  } catch (error) {
    endWith(wall, error);
  }
}

/** True ends the loop. */
function obey(ring: Ring, orders: FixedOrders, order: number): boolean {
  if (order === ORDER_GONE) return true;
  if (order === ORDER_SERVE) serve(ring, orders);
  if (order === ORDER_ANNOUNCE) setDraining();
  if (order === ORDER_RETIRE || order === ORDER_DRAIN) setLeaving();
  if (order === ORDER_RETIRE) ring.withdraw();
  if (order === ORDER_DRAIN) ring.drain(orders.drainTimeoutMs);
  if (order === ORDER_HEAP) reportHeap();
  if (order >= ORDER_RELEASE) release(ring, orders, order - ORDER_RELEASE);
  else if (order >= ORDER_ADOPT) adopt(ring, orders, order - ORDER_ADOPT);
  return false;
}

function serve(ring: Ring, { listeners, lasting }: FixedOrders): void {
  for (const listener of listeners) ring.listen(listener, lasting.includes(listener));
}

/** Where the kernel has no room for it, who waits there waits for the replacement. */
function adopt(ring: Ring, orders: FixedOrders, distance: number): void {
  try {
    for (const listener of orders.adoptable[distance - 1] ?? []) ring.listen(listener, false);
  } catch {
    release(ring, orders, distance);
  }
}

function release(ring: Ring, orders: FixedOrders, distance: number): void {
  for (const listener of orders.adoptable[distance - 1] ?? []) ring.unlisten(listener);
}

function reportHeap(): void {
  globalThis.gc?.();
  globalThis.gc?.();
  writeSync(2, `heap ${process.pid} ${getHeapStatistics().used_heap_size}\n`);
}
