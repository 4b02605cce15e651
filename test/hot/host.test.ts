// host.test.ts: `uri-host [":" port]`, with the platform's own IPv6 parser as oracle.
import { isIPv6 } from 'node:net';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAuthority } from '../../src/hot/host.ts';
import { inbox } from '../../src/hot/ring.ts';
import { counterexample } from './property.ts';

const AT = 300;

function isHost(text: string): boolean {
  inbox.set(Buffer.from(`${text}]:1.f::`, 'latin1'), AT);
  return isAuthority(AT, AT + text.length);
}

test.each([
  '',
  'a',
  'EXAMPLE.org',
  'example.org.',
  'example.org:',
  'example.org:0',
  'example.org:80',
  'example.org:65535',
  'example.org:0000000080',
  ':80',
  ':',
  "a_b~c!$&'()*+,;=-.",
  'a%20b',
  '%C3%a9',
  '1.2.3.4',
  '999.1.1.1:8080',
  '[::1]',
  '[::1]:',
  '[::1]:443',
  '[::ffff:192.0.2.1]:80',
  '[v1.x]',
  '[V1f.a:b!$~]:80',
])('%j is one', (text) => {
  expect(isHost(text)).toBe(true);
});

test.each([
  'a b',
  'a:b',
  'a:65536',
  'a:99999999999999999999',
  'a:4294967376',
  'a:-1',
  'a:+1',
  'a:80:80',
  'a/b',
  'a?b',
  'a#b',
  'user@a',
  'user:secret@a',
  'a%2',
  'a%',
  'a%zz',
  'a%2:80',
  'a\\b',
  'a"',
  'a<b>',
  '\xe9',
  'a\tb',
  '::1',
  '[',
  '[]',
  '[::1',
  '::1]',
  '[::1]a',
  '[::1]80',
  '[::1]:x',
  '[::1]:65536',
  '[[::1]]',
  '[fe80::1%eth0]',
  '[fe80::1%25eth0]',
  '[1.2.3.4]',
  '[v.x]',
  '[v1.]',
  '[v1x]',
  '[vg.x]',
  '[v1.a/b]',
  '[v1.a%20]',
  '[a]',
])('%j is none', (text) => {
  expect(isHost(text)).toBe(false);
});

const RUNS = 3_000;
const agrees = (address: string): boolean => isHost(`[${address}]`) === isIPv6(address);

test('real addresses', () => {
  expect(counterexample(fc.ipV6(), RUNS, agrees)).toBeUndefined();
});

test('groups, colons and dotted tails in any order', () => {
  const group = fc.stringMatching(/^[0-9a-fA-F]{1,5}$/);
  const octets = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 3, maxLength: 5 });
  const dotted = octets.map((numbers) => numbers.join('.'));
  const piece = fc.oneof(
    { arbitrary: group, weight: 6 },
    { arbitrary: fc.constant(''), weight: 2 },
    { arbitrary: dotted, weight: 1 },
  );
  const pieces = fc.array(piece, { minLength: 1, maxLength: 10 }).map((list) => list.join(':'));
  expect(counterexample(pieces, RUNS, agrees)).toBeUndefined();
});

test('eight groups, some of them left out', () => {
  const groups = fc.array(fc.constantFrom('0', '1', 'ffff', 'a0', '::', ''), { maxLength: 10 });
  const addresses = groups.map((list) => list.join(':').replaceAll(':::', '::'));
  expect(counterexample(addresses, RUNS, agrees)).toBeUndefined();
});

test('letters of addresses in any order', () => {
  const letters = fc.string({ unit: fc.constantFrom(...':::.0129af'), maxLength: 20 });
  expect(counterexample(letters, RUNS, agrees)).toBeUndefined();
});

test('dec-octets at their bounds', () => {
  for (const octet of ['0', '9', '10', '99', '100', '255', '256', '00', '01', '1000', '', 'a']) {
    for (const place of [0, 1, 2, 3]) {
      const octets = ['1', '2', '3', '4'];
      octets[place] = octet;
      for (const start of ['::', '1:2:3:4:5:6:', '1:2:3:4:5:6:7:', '::1:2:3:4:5:', '1::']) {
        const address = start + octets.join('.');
        expect([address, agrees(address)]).toEqual([address, true]);
      }
    }
  }
});
