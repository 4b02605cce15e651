// networks.test.ts: the rows that the ring and the hot zone read.
import { expect, test } from 'vitest';
import { openNetworks } from '../../src/boot/networks.ts';
import { NETWORKS_END, networks, trust } from '../../src/hot/networks.ts';
import { NETWORK_BYTES, TRUSTED_PROXIES_MAX } from '../../src/limits.ts';
import { type Network, readNetworks } from '../../src/networks.ts';

const zeros = (length: number): number[] => Array.from({ length }, () => 0);
const read = (...texts: string[]): readonly Network[] => readNetworks(texts) as Network[];

test('each is a row; the ring is given the rows in use', () => {
  const rows = openNetworks(read('10.0.0.0/8', 'unix'));
  expect(rows.buffer).toBe(networks.buffer);
  const bytes = [4, 8, 10, ...zeros(15), 1, ...zeros(17)];
  expect([...rows]).toEqual(bytes);
  expect(trust[NETWORKS_END]).toBe(2 * NETWORK_BYTES);
});

test('nothing is left of others', () => {
  openNetworks(read('2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'));
  expect([...openNetworks(read('unix'))].reduce((sum, byte) => sum + byte)).toBe(1);
  expect(openNetworks([]).length).toBe(0);
});

test('as many as there may be fit', () => {
  const many = Array.from({ length: TRUSTED_PROXIES_MAX }, (_, index) => `::${index}`);
  expect(openNetworks(read(...many)).length).toBe(networks.length);
  openNetworks([]);
});
