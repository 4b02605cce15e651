// awaited.ts: a worker that has started waits until its archive has been found sound.
import { readSync } from 'node:fs';
import { EXIT } from '../errors.ts';
import type { WallAddon } from '../native.ts';
import { ORDER_LOAD, SITES, type SiteOrders, siteOf } from './orders.ts';

/**
 * What the archive is like, as the first order over the control socket says. Ends the process where
 * none will come; another order is a fault of ours, and thrown.
 */
export function awaitSite(wall: Pick<WallAddon, 'exit'>, control: number): SiteOrders {
  const order = new Uint8Array(1);
  if (readSync(control, order) === 0) return wall.exit(EXIT.ok);
  const number = order[0]! - ORDER_LOAD;
  if (number >= 0 && number < SITES) return siteOf(number);
  throw new Error(`the first order is ${order[0]}, which tells nothing of the archive`);
}
