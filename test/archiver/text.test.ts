// text.test.ts: how names, sizes and orders are written.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytes, json, plural, printable, table } from '../../archiver/text.ts';

const name = fc.string({ unit: 'binary', maxLength: 6 });

test('the order is that of the UTF-8 bytes', () => {
  fc.assert(
    fc.property(name, name, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
      expect(Math.sign(compareBytes(left, right))).toBe(bytes);
    }),
    {
      examples: [
        ['\u{10000}', '\uffff'],
        ['a\u{1f600}', 'a\ue000'],
        ['ab', 'a'],
        ['', 'a'],
      ],
    },
  );
});

test('no control byte of a name reaches a terminal', () => {
  fc.assert(
    fc.property(name, (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
  expect(printable('a\u001b[2Jb\nc')).toBe('a\\u{1b}[2Jb\\u{a}c');
  expect(printable('naïve 😀.html')).toBe('naïve 😀.html');
});

test('counts have commas and agree with their noun', () => {
  expect(plural(1, 'body', 'bodies')).toBe('1 body');
  expect(plural(12_345, 'file')).toBe('12,345 files');
});

test('columns are as wide as their widest cell', () => {
  expect(table([['a', '1', 'x'], ['bcd', '22'], []], [1])).toBe('a     1  x\nbcd  22\n\n');
});

test('columns go by what is seen', () => {
  expect(
    table([
      ['名', 'x'],
      ['ab', 'y'],
    ]),
  ).toBe('名  x\nab  y\n');
});

test('JSON is the value, on one line, and no character of it commands a terminal', () => {
  fc.assert(
    fc.property(name, (text) => {
      const written = json({ text });
      expect(JSON.parse(written)).toEqual({ text });
      expect(written.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
    { examples: [['\u009b2J\u202e\u2028\u001b']] },
  );
});
