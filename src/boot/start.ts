// start.ts: takes a worker from its orders to the locked, warm ring.
import { noting } from '../hot/note.ts';
import { openRing } from '../hot/ring.ts';
import type { Ring, WallAddon } from '../native.ts';
import { awaitSite } from './awaited.ts';
import { openBounds } from './bounds.ts';
import { writeCanned } from './canned.ts';
import { openHealth } from './health.ts';
import { findFacts, harden, lockLoad, lockServe } from './lock.ts';
import { type FixedOrders, READY } from './orders.ts';
import { reportSelf } from './report.ts';
import { openSites } from './sites.ts';
import { openTables } from './tables.ts';
import { waitForThreads } from './threads.ts';
import { warmUp } from './warm.ts';
import { openWindows } from './windows.ts';

/**
 * Throws Unprotected when a protection is refused that must be there. From the load stage on no
 * promise, timer or finaliser runs: nothing returns to libuv.
 */
export function startServing(wall: WallAddon, orders: FixedOrders): Ring {
  const isLocked = orders.sandbox !== 'off';
  wall.ignoreSignals();
  if (isLocked) harden(wall, orders);
  const site = awaitSite(wall, orders.controlDescriptor);
  const sealed = wall.mapSealed(orders.archiveDescriptor);
  const archive = sealed.buffer;
  const ring = openTables(wall, archive, orders);
  if (isLocked) waitForThreads(wall);
  const facts = isLocked ? findFacts(wall, ring, orders) : undefined;
  const report = orders.selfReport ? reportSelf(wall, sealed, facts && orders) : '';
  if (facts) lockLoad(wall, facts, orders);
  openWindows(archive);
  openSites(site);
  openBounds(orders);
  openHealth(orders.healthPath);
  noting[0] = orders.logsAnswers ? 1 : 0;
  writeCanned();
  warmUp();
  openRing(ring);
  const socket = wall.moveToTop(orders.bootDescriptor, orders.archiveDescriptor);
  if (facts) lockServe(wall, facts, orders, socket);
  wall.sendLast(socket, READY + report);
  return ring;
}
