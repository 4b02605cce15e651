// bytes.test.ts: tables made at load.
import { expect, test } from 'vitest';
import { bytesOf, hexValues, nameTable, setOf, wordOf } from '../../src/format/bytes.ts';

test('one byte for each letter', () => {
  expect(bytesOf('Az\r\n')).toEqual(Uint8Array.of(0x41, 0x7a, 0x0d, 0x0a));
});

test('a word is the same bytes as a view', () => {
  const word = wordOf('gzip');
  expect(word.byteLength).toBe(4);
  expect(word.getInt32(0, true)).toBe(0x70697a67);
});

test('a set has its letters and both ends of its ranges, and nothing else', () => {
  const set = setOf('+', [0x30, 0x39], [0xfe, 0xff]);
  const members = Array.from(set.keys()).filter((byte) => set[byte] === 1);
  expect(members).toEqual([0x2b, ...Array.from('0123456789', (_, i) => 0x30 + i), 0xfe, 0xff]);
  expect(set).toHaveLength(256);
  expect(new Set(set)).toEqual(new Set([0, 1]));
});

test('hexadecimal digits of either case have their value, all else has none', () => {
  const values = hexValues();
  for (let byte = 0; byte < 256; byte++) {
    const letter = String.fromCharCode(byte);
    const value = /^[0-9A-Fa-f]$/.test(letter) ? Number.parseInt(letter, 16) : 0xff;
    expect([byte, values[byte]]).toEqual([byte, value]);
  }
});

test('a name stands behind its number and its length; a zero ends the table', () => {
  expect(
    nameTable([
      [7, 'ab'],
      [9, 'c'],
    ]),
  ).toEqual(Uint8Array.of(7, 2, 0x61, 0x62, 9, 1, 0x63, 0));
});
