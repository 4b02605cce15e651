// networks.test.ts: is an address in a network? With the platform's BlockList as oracle.
import { BlockList, isIPv4 } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openNetworks } from '../../src/boot/networks.ts';
import { IPV4, IPV6, readIpv4, readIpv6 } from '../../src/hot/address.ts';
import { isTrusted } from '../../src/hot/networks.ts';
import { inbox } from '../../src/hot/ring.ts';
import { type Network, readNetworks } from '../../src/networks.ts';
import { counterexample } from './property.ts';

afterAll(() => openNetworks([]));

function within(text: string): boolean {
  inbox.set(Buffer.from(text, 'latin1'), 40);
  const four = isIPv4(text);
  expect(four ? readIpv4(40, 40 + text.length) : readIpv6(40, 40 + text.length)).toBe(true);
  return isTrusted(four ? IPV4 : IPV6);
}

const open = (...texts: string[]): unknown => openNetworks(readNetworks(texts) as Network[]);

test.each([
  [['10.0.0.0/8'], ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0', 'a00::', '::']],
  [['192.0.2.8/29'], ['192.0.2.8', '192.0.2.15'], ['192.0.2.7', '192.0.2.16']],
  [['2001:db8:8000::/33'], ['2001:db8:ffff::'], ['2001:db8:7fff::', '2001:db9:8000::']],
  [['::1'], ['::1'], ['::', '::2', '0.0.0.1', '100::1']],
  [['0.0.0.0/0'], ['0.0.0.0', '255.255.255.255'], ['::']],
  [['::/0'], ['::', 'ffff::'], ['0.0.0.0']],
  [['unix'], [], ['0.0.0.0', '127.0.0.1', '::1']],
  [
    ['192.0.2.1', '2001:db8::/32'],
    ['192.0.2.1', '2001:db8::'],
    ['192.0.2.2', '2001:db7::'],
  ],
  [[], [], ['0.0.0.0', '::', '127.0.0.1']],
])('%j', (networks, inside, outside) => {
  open(...networks);
  expect(inside.map(within)).toEqual(inside.map(() => true));
  expect(outside.map(within)).toEqual(outside.map(() => false));
});

test('whatever the network, it holds what the platform says', () => {
  const pairs = fc.tuple(fc.ipV4(), fc.nat(32), fc.ipV4(), fc.nat(32));
  const found = counterexample(pairs, 5_000, ([text, bits, other, shared]) => {
    const numbers = text.split('.').map(Number);
    const cut = numbers.map(
      (byte, at) => byte & ~(0xff >> Math.max(0, Math.min(8, bits - at * 8))),
    );
    const near = other.split('.').map((byte, at) => {
      const mask = 0xff >> Math.max(0, Math.min(8, shared - at * 8));
      return (numbers[at]! & ~mask) | (Number(byte) & mask);
    });
    open(`${cut.join('.')}/${bits}`);
    const list = new BlockList();
    list.addSubnet(cut.join('.'), bits, 'ipv4');
    return within(near.join('.')) === list.check(near.join('.'), 'ipv4');
  });
  expect(found).toBeUndefined();
});
