// orders.test.ts: orders pass through a command line and a socket unharmed.
import { expect, test } from 'vitest';
import * as orders from '../../src/boot/orders.ts';
import { ordersWith } from '../support/orders.ts';

test('orders are different bytes, none of them what the end of the socket is told as', () => {
  const sites = Array.from({ length: orders.SITES }, (_, site) => orders.ORDER_LOAD + site);
  const bytes = [...sites, orders.ORDER_SERVE, orders.ORDER_DRAIN, orders.ORDER_HEAP];
  expect(new Set(bytes).size).toBe(bytes.length);
  for (const byte of bytes) expect(Uint8Array.of(byte)[0]).toBe(byte);
  expect(bytes).not.toContain(orders.ORDER_GONE);
  expect(orders.ORDER_GONE).toBeLessThan(0);
});

test('the report of a worker is one byte', () => {
  expect(Buffer.from(orders.READY)).toHaveLength(1);
});

test('a worker of either level is bounded alike, and jitless has no compiler', () => {
  const [standard, jitless] = orders.LOCKDOWNS.map(orders.workerFlags);
  expect(jitless).toEqual(expect.arrayContaining([...standard!]));
  expect(standard).toContain('--max-old-space-size=64');
  expect([standard, jitless].map((flags) => flags!.includes('--jitless'))).toEqual([false, true]);
});

test('what the archive is like passes through a number', () => {
  const [no, yes] = [false, true];
  for (const [hosts, rules] of [
    [no, no],
    [no, yes],
    [yes, no],
    [yes, yes],
  ] as const) {
    for (const [defaultSite, rewrites] of [
      [no, no],
      [no, yes],
      [yes, no],
      [yes, yes],
    ] as const) {
      const site = { hosts, defaultSite, rewrites, rules };
      const number = orders.numberOfSite(site);
      expect(number).toBeLessThan(orders.SITES);
      expect(orders.siteOf(number)).toEqual(site);
    }
  }
});

test('what is fixed passes through an argument', () => {
  expect(orders.readFixedOrders(JSON.stringify(ordersWith()))).toEqual(ordersWith());
});
