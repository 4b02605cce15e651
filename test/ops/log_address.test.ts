// log_address.test.ts: addresses whole, cut and none, from a peer and from a proxy's text.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JournalPen, peerOf, recordOf } from '../support/journal.ts';
import { CopyRoom, JournalRing } from '../../src/ops/journal.ts';
import { LineBuffer } from '../../src/ops/line_buffer.ts';
import { LogAddress, type LogAddresses } from '../../src/ops/log_address.ts';

const room = new CopyRoom(32 * 1024);
const pen = new JournalPen(64 * 1024);
const ring = new JournalRing(pen.descriptor, room);

/** '-': none. */
function shown(addresses: LogAddresses, peer: Buffer, client = ''): string {
  const lines = new LineBuffer(128);
  const address = new LogAddress(addresses);
  pen.add(recordOf({ peer, client }));
  ring.take((record) => {
    if (address.readClient(record)) address.addTo(lines);
    else lines.addByte(0x2d);
    return true;
  });
  return lines.bytes.toString('latin1', 0, lines.length);
}

const FOUR = peerOf(4, [203, 0, 113, 77]);

/** As IPv6 addresses stand in URLs: https://url.spec.whatwg.org/#concept-ipv6-serializer. */
function canonical(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

test.each([
  ['full', '203.0.113.77'],
  ['cut', '203.0.113.0'],
  ['none', '-'],
] as const)('%s: an IPv4 peer is %s', (addresses, text) => {
  expect(shown(addresses, FOUR)).toBe(text);
});

test.each([
  [[0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3], '2001:db8:1:2::3', '2001:db8:1::'],
  [[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4], 'fe80::1:2:3:4', 'fe80::'],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '::1', '::'],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], '::', '::'],
  [[0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 5], '1:0:2::3:4:5', '1:0:2::'],
] as const)('an IPv6 peer %j is %s, and cut %s', (bytes, full, cut) => {
  expect(shown('full', peerOf(6, bytes))).toBe(full);
  expect(shown('cut', peerOf(6, bytes))).toBe(cut);
});

test('any IPv6 peer is written as in a URL, whole and cut', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  const run = fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
    const text = (kept: number): string =>
      canonical(groups.map((part, at) => (at < kept ? part.toString(16) : '0')).join(':'));
    const peer = peerOf(
      6,
      groups.flatMap((part) => [part >> 8, part & 0xff]),
    );
    expect(shown('full', peer)).toBe(text(8));
    expect(shown('cut', peer)).toBe(text(3));
    // Text of the same, as a proxy may have it; ::ffff:0:0/96 is IPv4 there.
    if (groups.slice(0, 5).some((part) => part !== 0) || groups[5] !== 0xffff) {
      expect(shown('full', FOUR, text(8))).toBe(text(8));
    }
  });
  fc.assert(run, { numRuns: 300 });
});

test.each([
  ['192.0.2.9', '192.0.2.9', '192.0.2.0'],
  ['2001:DB8::7:8', '2001:db8::7:8', '2001:db8::'],
  ['::ffff:192.0.2.9', '192.0.2.9', '192.0.2.0'],
  ['::ffff:c000:209', '192.0.2.9', '192.0.2.0'],
  ['64:ff9b::192.0.2.9', '64:ff9b::c000:209', '64:ff9b::'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', '1:2:3::'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8', '0:2:3::'],
])('a client named %s is %s, and cut %s', (client, full, cut) => {
  expect(shown('full', FOUR, client)).toBe(full);
  expect(shown('cut', FOUR, client)).toBe(cut);
  expect(shown('none', FOUR, client)).toBe('-');
});

test.each([
  'x',
  '1.2.3',
  '1.2.3.4.5',
  '999.1.1.1',
  'fe80::1%eth0',
  '1.2.3.4\n',
  ' ',
  '::'.repeat(30),
])('a client named %j is nobody', (client) => expect(shown('full', FOUR, client)).toBe('-'));

test.each([0, 1, 2, 5, 255])('a peer of family %d has no address', (family) => {
  expect(shown('full', peerOf(family, [1, 2, 3, 4]))).toBe('-');
});
