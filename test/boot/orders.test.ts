// orders.test.ts: orders pass through a command line and a socket unharmed.
import { expect, test } from 'vitest';
import * as orders from '../../src/boot/orders.ts';
import { ordersWith } from '../support/orders.ts';

test('orders are different bytes, none of them what the end of the socket is told as', () => {
  const bytes = [orders.ORDER_DRAIN, orders.ORDER_HEAP];
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

test('what the archive is like passes through a number, and nothing else does', () => {
  const fixed = JSON.stringify(ordersWith());
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
      const read = orders.readOrders(fixed, `${orders.numberOfSite(site)}`);
      expect(read).toEqual({ ...ordersWith(), ...site });
    }
  }
});

test.each(['', '16', '8x', '-1', '00', '1 ', '0x1', '1.0', '{"sandbox":"off"}', undefined])(
  'site %j is none',
  (site) => {
    expect(() => orders.readOrders(JSON.stringify(ordersWith()), site)).toThrow('no site');
  },
);
