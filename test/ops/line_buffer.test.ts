// line_buffer.test.ts: numbers and escaped bytes.
import { expect, test } from 'vitest';
import { BACKSLASH_U, BACKSLASH_X, LineBuffer } from '../../src/ops/line_buffer.ts';

function made(add: (lines: LineBuffer) => void): string {
  const lines = new LineBuffer(4_096);
  add(lines);
  expect(lines.room).toBe(4_096 - lines.length);
  return lines.bytes.toString('latin1', 0, lines.length);
}

const powers = Array.from({ length: 16 }, (_, power) => 10 ** power);

test.each([0, ...powers.flatMap((power) => [power - 1, power, power + 1]), 2 ** 31, 2 ** 53 - 1])(
  'number %d is written as JavaScript writes it',
  (number) => expect(made((lines) => lines.addNumber(number))).toBe(String(number)),
);

test('the last digits of a number are written with their zeros', () => {
  expect(made((lines) => lines.addDigits(1_764_000_000_007, 3))).toBe('007');
});

test('every byte is itself or its number', () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const shown = made((lines) => lines.addEscaped(all, 0, 256, BACKSLASH_X));
  const plain = shown.replaceAll(/\\x[0-9A-F]{2}/g, '');
  expect(plain).toMatch(/^[ !#-[\]-~]{93}$/);
  expect(shown.match(/\\x../g)).toHaveLength(163);
  expect(shown.slice(0, 8)).toBe('\\x00\\x01');
  const json = made((lines) => lines.addEscaped(all, 0, 256, BACKSLASH_U));
  expect(JSON.parse(`"${json}"`)).toBe(all.toString('latin1'));
});

test('a part of bytes is added behind what is there', () => {
  const text = made((lines) => {
    lines.addByte(0x61);
    lines.addBytes(Buffer.from('bc'));
    lines.addEscaped(Buffer.from('xd\ny'), 1, 3, BACKSLASH_X);
  });
  expect(text).toBe('abcd\\x0A');
});
