// head.test.ts: words that header blocks are made of.
import { expect, test } from 'vitest';
import { STATUS_LINES, imfDate } from '../../src/format/head.ts';

test('a date is that of RFC 9110 section 5.6.7', () => {
  expect(imfDate(784_111_777)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  expect(imfDate(0xffff_ffff)).toBe('Sun, 07 Feb 2106 06:28:15 GMT');
});

test('a status line is that of its status', () => {
  for (const [status, line] of Object.entries(STATUS_LINES)) {
    expect(line).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z][A-Za-z ]+\r\n$`));
  }
});
