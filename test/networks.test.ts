// networks.test.ts: networks as operators write them, and what is wrong with those that are none.
import { BlockList } from 'node:net';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TRUSTED_PROXIES_MAX } from '../src/limits.ts';
import { readNetworks } from '../src/networks.ts';
import { counterexample } from './hot/property.ts';

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

test.each([
  ['192.0.2.1', 4, 32, [192, 0, 2, 1]],
  ['10.0.0.0/8', 4, 8, [10, 0, 0, 0]],
  ['192.0.2.8/29', 4, 29, [192, 0, 2, 8]],
  ['0.0.0.0/0', 4, 0, [0, 0, 0, 0]],
  ['2001:db8::/32', 6, 32, [0x20, 1, 0xd, 0xb8, ...zeros(12)]],
  ['::', 6, 128, zeros(16)],
  ['::/0', 6, 0, zeros(16)],
  ['::1', 6, 128, [...zeros(15), 1]],
  ['FE80::/10', 6, 10, [0xfe, 0x80, ...zeros(14)]],
  ['::192.0.2.1', 6, 128, [...zeros(12), 192, 0, 2, 1]],
  ['1:2:3:4:5:6:7:8', 6, 128, [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ['unix', 1, 0, []],
])('%s is one', (text, family, bits, address) => {
  expect(readNetworks([text])).toEqual([{ family, bits, address }]);
});

const FORMS = /an address or a network is 192\.0\.2\.1, 10\.0\.0\.0\/8, 2001:db8::\/32 or unix/;

test.each([
  '',
  '/',
  '/8',
  'proxy',
  'localhost',
  'Unix',
  'unix:/run/x.sock',
  '10.0.0.0/',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '10.0.0.0/+8',
  '10.0.0.0/8/8',
  '10.0.0.0/ 8',
  ' 10.0.0.0/8',
  '10.0.0.0/8\n',
  '10.0.0/8',
  '10/8',
  '010.0.0.0/8',
  '256.0.0.0/8',
  '10.0.0.0/255.0.0.0',
  '10.0.0.0/1234',
  '[::1]',
  '::1%lo',
  'fe80::1%eth0/64',
  '1::2::3',
  ':::',
  '2001:db8::/x',
  '12345::',
])('%j is none', (text) => {
  expect(readNetworks([text])).toMatch(FORMS);
  expect(readNetworks(['10.0.0.0/8', text])).toContain(`--trusted-proxy ${text}: `);
});

test.each([
  ['10.0.0.1/8', '10.0.0.0/8 is meant.'],
  ['192.0.2.9/29', '192.0.2.8/29 is meant.'],
  ['1.0.0.0/0', '0.0.0.0/0 is meant.'],
  ['2001:db8::1/32', '2001:db8::/32 is meant.'],
  ['fec0::/9', 'fe80::/9 is meant.'],
  ['::1/0', '::/0 is meant.'],
  ['10.0.0.0/33', 'of an IPv4 address at most 32 bits count.'],
  ['::/129', 'of an IPv6 address at most 128 bits count.'],
  ['::ffff:10.0.0.0/104', 'write IPv4 as such: 10.0.0.0/8.'],
  ['::ffff:192.0.2.1', 'write IPv4 as such: 192.0.2.1/32.'],
])('%s is refused with the right form', (text, right) => {
  const found = readNetworks([text]) as string;
  expect(found.startsWith(`--trusted-proxy ${text}: `) && found.endsWith(right), found).toBe(true);
});

test('at the limit they are read, and one more is refused', () => {
  const many = Array.from({ length: TRUSTED_PROXIES_MAX }, (_, index) => `192.0.2.${index}`);
  expect(readNetworks(many)).toHaveLength(TRUSTED_PROXIES_MAX);
  expect(readNetworks([...many, '::1'])).toBe('--trusted-proxy: more than 64 are given.');
});

test('of any spelling the bytes are those that the platform knows', () => {
  const texts = fc.oneof(fc.ipV4(), fc.ipV6());
  const found = counterexample(texts, 2_000, (text) => {
    const networks = readNetworks([text]);
    if (typeof networks === 'string') return networks.includes('write IPv4 as such');
    const { address, family } = networks[0]!;
    const plain =
      family === 4
        ? address.join('.')
        : Buffer.from(address).toString('hex').match(/.{4}/g)!.join(':');
    const list = new BlockList();
    list.addAddress(text, family === 4 ? 'ipv4' : 'ipv6');
    return list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  });
  expect(found).toBeUndefined();
});
