// awaited.test.ts: the first order of a worker, its absence, and what cannot be one.
import { closeSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { awaitSite } from '../../src/boot/awaited.ts';
import { ORDER_LOAD, ORDER_SERVE, SITES, siteOf } from '../../src/boot/orders.ts';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';

const wall = loadWall(addonPath('wall'));

class Ended extends Error {}

function hear(...orders: readonly number[]) {
  const [ours, theirs] = wall.socketPair();
  if (orders.length > 0) writeSync(ours, Uint8Array.from(orders));
  closeSync(ours);
  try {
    const exit = (code: number): never => {
      throw new Ended(`${code}`);
    };
    return awaitSite({ exit }, theirs);
  } finally {
    closeSync(theirs);
  }
}

test('what the archive is like, and no order after that', () => {
  for (let site = 0; site < SITES; site++) {
    expect(hear(ORDER_LOAD + site, ORDER_SERVE)).toEqual(siteOf(site));
  }
});

test('without a supervisor it ends', () => {
  expect(() => hear()).toThrow(new Ended('0'));
});

test.each([0, ORDER_LOAD - 1, ORDER_LOAD + SITES, ORDER_SERVE, 255])('%i is none', (order) => {
  expect(() => hear(order)).toThrow(`the first order is ${order},`);
});
