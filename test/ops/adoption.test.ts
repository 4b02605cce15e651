// adoption.test.ts: whose sockets a worker holds, and who accepts for whom after which deaths.
import { expect, test } from 'vitest';
import { ORDER_ADOPT, ORDER_RELEASE } from '../../src/boot/orders.ts';
import { Adoption, reachOf, socketsOf } from '../../src/ops/adoption.ts';

const SOCKETS = {
  addresses: [
    [10, 11, 12],
    [20, 20, 20],
    [30, 31, 32],
  ],
  parted: [true, false, true],
};

test('every worker has its own sockets first, then those of the next ones', () => {
  expect(socketsOf(0, 3, 2, SOCKETS)).toEqual([10, 20, 30, 11, 31, 12, 32]);
  expect(socketsOf(2, 3, 2, SOCKETS)).toEqual([12, 20, 32, 10, 30, 11, 31]);
  expect(socketsOf(2, 3, 1, SOCKETS)).toEqual([12, 20, 32, 10, 30]);
});

test('the reach is as far as descriptors go', () => {
  const reach = (workers: number, addresses: number, parted = addresses): number =>
    reachOf(workers, { addresses, parted }, 5);
  expect([reach(1, 1), reach(2, 1), reach(64, 1), reach(64, 2)]).toEqual([0, 1, 63, 60]);
  expect([reach(64, 61), reach(64, 62), reach(64, 64)]).toEqual([1, 0, 0]);
  expect([reach(3, 3, 2), reach(4, 1, 0)]).toEqual([2, 0]);
});

/** Workers that note their orders, as `slot: what distance`. */
function company(workers: number, reach = workers - 1) {
  const said: string[] = [];
  const adoption = new Adoption(workers, reach);
  const serves = (slot: number): void =>
    adoption.serves(slot, (byte) => {
      const kind = byte >= ORDER_RELEASE ? ORDER_RELEASE : ORDER_ADOPT;
      said.push(`${slot}: ${kind === ORDER_ADOPT ? 'adopt' : 'release'} ${byte - kind}`);
    });
  for (let slot = 0; slot < workers; slot++) serves(slot);
  const taken = (): string[] => said.splice(0);
  return { serves, died: (slot: number) => adoption.died(slot), taken };
}

test('the nearest one before accepts for a dead worker, until it is replaced', () => {
  const { serves, died, taken } = company(3);
  expect(taken()).toEqual([]);
  died(0);
  died(0);
  expect(taken()).toEqual(['2: adopt 1']);
  serves(0);
  expect(taken()).toEqual(['2: release 1']);
});

test('when that one dies too another takes over both', () => {
  const { serves, died, taken } = company(3);
  died(1);
  expect(taken()).toEqual(['0: adopt 1']);
  died(0);
  expect(taken().sort()).toEqual(['2: adopt 1', '2: adopt 2']);
  serves(1);
  expect(taken()).toEqual(['2: release 2']);
  serves(0);
  expect(taken()).toEqual(['2: release 1']);
});

test('when nobody is left the first that comes accepts for all', () => {
  const { serves, died, taken } = company(2);
  died(0);
  died(1);
  expect(taken()).toEqual(['1: adopt 1']);
  serves(0);
  expect(taken()).toEqual(['0: adopt 1']);
  serves(1);
  expect(taken()).toEqual(['0: release 1']);
});

test('nobody accepts from what was not given to it', () => {
  const { died, taken } = company(4, 1);
  died(1);
  died(0);
  expect(taken()).toEqual(['0: adopt 1', '3: adopt 1']);
  const alone = company(1);
  alone.died(0);
  expect(alone.taken()).toEqual([]);
});
