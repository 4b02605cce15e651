// tables.test.ts: each set of bytes against the words of its RFC, written as an expression.
import { expect, test } from 'vitest';
import * as tables from '../../src/hot/tables.ts';

const SETS: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['tchar', tables.TCHAR, /[!#$%&'*+\-.^_`|~0-9A-Za-z]/],
  ['field bytes', tables.FIELD_BYTE, /[\t\x20-\x7e\x80-\xff]/],
  ['target bytes', tables.TARGET_BYTE, /[\x21-\x7e]/],
  ['reg-name', tables.REG_NAME, /[A-Za-z0-9\-._~!$&'()*+,;=]/],
  ['plain bytes of a path', tables.PATH_PLAIN, /[\x21-\x7e](?<![#%./?\\])/],
  ['ends of a path', tables.PATH_STOP, /[ ?#]/],
  ['etagc', tables.ETAGC, /[\x21\x23-\x7e\x80-\xff]/],
  ['a query as sent', tables.QUERY_PLAIN, /[^\x00-\x20"<>\\^`{|}\x7f-\xff]/],
];

test.each(SETS)('%s', (_, set, wanted) => {
  const letters = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  expect(set).toHaveLength(256);
  expect(letters.filter((_, byte) => set[byte] !== 0)).toEqual(
    letters.filter((letter) => wanted.test(letter)),
  );
});

test('hexadecimal digits', () => {
  const values = Array.from(tables.HEX, (_, byte) => {
    const letter = String.fromCharCode(byte);
    return /[0-9a-fA-F]/.test(letter) ? Number.parseInt(letter, 16) : 0xff;
  });
  expect([...tables.HEX]).toEqual(values);
});

test('the byte behind every range is in no set', () => {
  for (const [, set] of SETS) expect(set[0]).toBe(0);
});

test.each([
  [tables.SPACE, ' '],
  [tables.HTAB, '\t'],
  [tables.CR, '\r'],
  [tables.LF, '\n'],
  [tables.SLASH, '/'],
  [tables.BACKSLASH, '\\'],
  [tables.DOT, '.'],
  [tables.PERCENT, '%'],
  [tables.QUESTION, '?'],
  [tables.HASH, '#'],
  [tables.COLON, ':'],
  [tables.COMMA, ','],
  [tables.SEMICOLON, ';'],
  [tables.EQUALS, '='],
  [tables.QUOTE, '"'],
  [tables.ASTERISK, '*'],
  [tables.AT_SIGN, '@'],
  [tables.DIGIT_0, '0'],
  [tables.DIGIT_9, '9'],
])('%d is %j', (byte, letter) => {
  expect(String.fromCharCode(byte)).toBe(letter);
});
