// host.test.ts: names of sites as keys have them.
import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isHost } from '../../src/format/host.ts';

test.each([
  'a',
  'localhost',
  'www.a.example',
  'xn--bcher-kva.example',
  'my_app',
  '1.example',
  '3com.example',
  'a.1b',
  `${'a'.repeat(63)}.example`,
  `${'a.'.repeat(126)}a`,
  '127.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[2001:db8::8]',
  '[::ffff:1.2.3.4]',
  '[1:2:3:4:5:6:7:8]',
])('%s is a host', (name) => {
  expect(isHost(name)).toBe(true);
});

test.each([
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  'A.example',
  'a.example:80',
  'a.example/',
  'a@b',
  '@',
  'a b',
  'a%41',
  'bücher.example',
  '-a',
  'a-',
  'a\n',
  '*.a.example',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(127)}a`,
  '1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  'a.1',
  '::1',
  '[]',
  '[::1',
  '::1]',
  '[::1]:80',
  '[fe80::1%eth0]',
  '[::FF]',
  '[1:2:3:4:5:6:7]',
  '[1:2:3:4:5:6:7:8:9]',
  '[1:2:3:4:5:6:7::8:9]',
  '[1::2::3]',
  '[:::]',
  '[:1]',
  '[1:]',
  '[1:2:3:4:5:6:7:]',
  '[12345::]',
  '[1.2.3.4::]',
  '[::1.2.3]',
  '[v1.a]',
])('%j is none', (name) => {
  expect(isHost(name)).toBe(false);
});

const piece = fc.constantFrom(':', '::', '0', '1', 'ffff', '12345', 'g', '.', '1.2.3.4', '256');

test('addresses are those that Node takes for one', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
      const text = pieces.join('');
      expect(isHost(`[${text}]`), text).toBe(isIP(text) === 6);
      if (/^[0-9.]+$/.test(text)) expect(isHost(text), text).toBe(isIP(text) === 4);
    }),
    { numRuns: 3_000 },
  );
});
