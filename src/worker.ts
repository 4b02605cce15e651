// worker.ts: main of the process that faces the network. Bundled into one CommonJS file.
//
// Inherits: listeners, the sealed archive, control socket, boot pipe. Opens nothing by itself but
// the addon.
import { closeSync, writeSync } from 'node:fs';
import { writeCanned } from './boot/canned.ts';
import { ORDER_DRAIN, ORDER_GONE, ORDER_HEAP, READY, type WorkerOrders } from './boot/orders.ts';
import { openSites } from './boot/sites.ts';
import { openTables } from './boot/tables.ts';
import { warmUp } from './boot/warm.ts';
import { openWindows } from './boot/windows.ts';
import { EXIT } from './errors.ts';
import { run, setDraining } from './hot/loop.ts';
import { openRing } from './hot/ring.ts';
import { loadWall, type Ring } from './native.ts';
import { getHeapStatistics } from 'node:v8';

main(JSON.parse(process.argv[2] ?? '') as WorkerOrders);

function main(orders: WorkerOrders): void {
  const wall = loadWall(orders.addon);
  wall.ignoreSignals();
  const archive = wall.mapSealed(orders.archiveDescriptor).buffer;
  openWindows(archive);
  openSites(orders);
  writeCanned();
  warmUp();
  const ring = openTables(wall, archive, orders);
  openRing(ring);
  for (const listener of orders.listeners) ring.listen(listener, false);
  // The seam of the wall: the load stage is installed here, the serve stage after the report.
  writeSync(orders.bootDescriptor, READY);
  closeSync(orders.bootDescriptor);
  wall.exit(serve(ring, orders));
}

/** From here on no promise, timer or finaliser runs: the loop never returns to libuv. */
function serve(ring: Ring, orders: WorkerOrders): number {
  try {
    run((order) => obey(ring, orders, order));
    return EXIT.ok;
  } catch (error) {
    writeSync(2, `cdbserve: worker: internal error, please report it: ${(error as Error).stack}\n`);
    return EXIT.bug;
  }
}

/** True ends the loop. */
function obey(ring: Ring, orders: WorkerOrders, order: number): boolean {
  if (order === ORDER_GONE) return true;
  if (order === ORDER_DRAIN) {
    setDraining();
    ring.drain(orders.drainTimeoutMs, false);
  }
  if (order === ORDER_HEAP) reportHeap();
  return false;
}

function reportHeap(): void {
  globalThis.gc?.();
  globalThis.gc?.();
  writeSync(2, `heap ${process.pid} ${getHeapStatistics().used_heap_size}\n`);
}
