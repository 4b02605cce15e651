// redirects_file.test.ts: every line of `_redirects` is a rule, a comment, or a fault.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RULE_LINE_CHARACTERS_MAX, readRedirects } from '../../../archiver/rules/redirects_file.ts';

function read(text: string): ReturnType<typeof readRedirects> {
  const lines = text.split('\n').map((line, at) => ({ number: at + 1, text: line.trim() }));
  return readRedirects(lines);
}

test('rules keep their order and their lines; all problems are told at once', () => {
  const { rules, problems } = read('# moved\n/a /b\n/c\n/d\0 /e\r\n/:x /y/:x 302!\nhello\n');
  expect(rules.map(({ line, status, forced }) => [line, status, forced])).toEqual([
    [2, 301, false],
    [5, 302, true],
  ]);
  expect(problems.map(({ line }) => line)).toEqual([3, 4, 6]);
});

test.each([
  ['/a\0b /c', /a NUL in it/],
  ['/a\x1bb /c', /control byte in it, 0x1b/],
  ['/a\x7f /c', /control byte in it, 0x7f/],
  ['/a\ufffd /c', /not UTF-8/],
  ['/a /b\r/c /d', /a CR inside/],
  [`/${'a'.repeat(RULE_LINE_CHARACTERS_MAX)}`, /20001 characters; 20000 is the most/],
])('%j is a fault of its line alone', (line, reason) => {
  const { rules, problems } = read(`/x /y\n${line}\n/z /y\n# ${line}`);
  expect(rules.map(({ line: number }) => number)).toEqual([1, 3]);
  expect(problems).toEqual([{ line: 2, text: expect.stringMatching(reason) as string }]);
});

test('100,000 lines', () => {
  const text = Array.from({ length: 100_000 }, (_, at) => `/a${at} /b${at}\n`).join('');
  expect(read(text).rules).toHaveLength(100_000);
});

test('whatever the characters, every line has one fate', () => {
  const words = fc.constantFrom('/', '/a', ':x', '*', ' ', '\n', '\r\n', '200', '301!', '#', '\\');
  const hostile = fc.constantFrom('%2', '\0', '\x80', '//', 'https://', '=', '\u2028', '?', '.');
  const text = fc.array(fc.oneof(words, hostile), { maxLength: 60 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (file) => {
      const { rules, problems } = read(file);
      const lines = [...rules, ...problems].map(({ line }) => line);
      expect(new Set(lines).size).toBe(lines.length);
      const dropped = file.split('\n').filter((_, at) => !lines.includes(at + 1));
      for (const line of dropped) expect(line.trim()).toMatch(/^(?:#|$)/);
    }),
    { numRuns: 500 },
  );
});
