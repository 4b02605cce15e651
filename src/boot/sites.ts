// sites.ts: tells the hot zone which kinds of keys the archive has, so that it looks for no others.
import { HAS_REWRITES, HAS_RULES, lookup } from '../hot/lookup.ts';
import { HAS_DEFAULT, HAS_HOSTS, site } from '../hot/site.ts';
import type { SiteOrders } from './orders.ts';

export function openSites(orders: SiteOrders): void {
  site[HAS_HOSTS] = Number(orders.hosts);
  site[HAS_DEFAULT] = Number(orders.defaultSite);
  lookup[HAS_REWRITES] = Number(orders.rewrites);
  lookup[HAS_RULES] = Number(orders.rules);
}
