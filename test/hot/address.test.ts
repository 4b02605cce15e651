// address.test.ts: addresses as text, with the platform's own parser as oracle for what is one and
// for its bytes.
import { isIPv4, isIPv6 } from 'node:net';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { address, readIpv4, readIpv6, unmap } from '../../src/hot/address.ts';
import { inbox } from '../../src/hot/ring.ts';
import { type Network, readNetworks } from '../../src/networks.ts';
import { counterexample } from './property.ts';

const AT = 300;

/** What stands behind would go on. */
function put(text: string): number {
  inbox.set(Buffer.from(`${text}1:1.f::`, 'latin1'), AT);
  return AT + text.length;
}

const four = (text: string): boolean => readIpv4(AT, put(text));
const six = (text: string): boolean => readIpv6(AT, put(text));

const octet = fc.oneof(fc.nat(300).map(String), fc.constantFrom('', '00', '01', '-1', 'a', '1e1'));
const likeIpv4 = fc.oneof(
  fc.ipV4(),
  fc.array(octet, { maxLength: 5 }).map((all) => all.join('.')),
);
const group = fc.oneof(
  fc.nat(0x1ffff).map((number) => number.toString(16)),
  fc.constantFrom('', '0', '0000', '00000', 'FFFF', 'g', '1.2.3.4', '1.2.3'),
);
const likeIpv6 = fc.oneof(
  fc.ipV6(),
  fc.array(group, { maxLength: 10 }).map((all) => all.join(':')),
);

test('IPv4 is what the platform takes for it, and the same bytes', () => {
  const found = counterexample(likeIpv4, 5_000, (text) => {
    if (four(text) !== isIPv4(text)) return false;
    return !isIPv4(text) || text === address.subarray(0, 4).join('.');
  });
  expect(found).toBeUndefined();
});

test('IPv6 is what the platform takes for it, and the same bytes', () => {
  const found = counterexample(likeIpv6, 20_000, (text) => {
    address.fill(0xa5);
    if (six(text) !== isIPv6(text)) return false;
    const networks = readNetworks([text]);
    if (!isIPv6(text) || typeof networks === 'string') return true;
    return (networks[0] as Network).address.join() === address.join();
  });
  expect(found).toBeUndefined();
});

test('an IPv6 address that stands for one of IPv4 becomes it, and no other does', () => {
  expect(six('::ffff:192.0.2.1') && unmap()).toBe(true);
  expect([...address.subarray(0, 4)]).toEqual([192, 0, 2, 1]);
  expect(six('0:0:0:0:0:FFFF:c000:201') && unmap()).toBe(true);
  expect([...address.subarray(0, 4)]).toEqual([192, 0, 2, 1]);
  for (const text of [
    '::192.0.2.1',
    '::fffe:192.0.2.1',
    '::1:ffff:192.0.2.1',
    '1::ffff:0:0',
    '::',
  ]) {
    expect([text, six(text), unmap()]).toEqual([text, true, false]);
  }
});

test('a zone is no part of an address', () => {
  expect([six('fe80::1%eth0'), six('::1%25lo'), six('::1%')]).toEqual([false, false, false]);
});
