// warnings.test.ts: what is told line by line, and what is summed up.
import { expect, test } from 'vitest';
import { warningLine, warningLines } from '../../archiver/warnings.ts';

test('a warning names its file on one line', () => {
  expect(warningLine({ path: 'a\nb', text: 'skipped' })).toBe(
    'cdbpack: warning: a\\u{a}b: skipped\n',
  );
  expect(warningLine({ path: '_headers', line: 3, text: 'odd' })).toBe(
    'cdbpack: warning: _headers:3: odd\n',
  );
});

test('few warnings are all told, in their order', () => {
  const warnings = ['b', 'a', 'c'].map((path) => ({ path, text: 'skipped' }));
  expect(warningLines(warnings)).toBe(warnings.map(warningLine).join(''));
  expect(warningLines([])).toBe('');
});

test('of thousands of one kind twenty are told, and all of another', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => ({ path: `p${i}`, text: 'a pipe' }));
  const lines = warningLines([...many, { path: 'x', text: 'a socket' }]).split('\n');
  expect(lines).toHaveLength(20 + 1 + 1 + 1);
  expect(lines[19]).toBe('cdbpack: warning: p19: a pipe');
  expect(lines[20]).toBe('cdbpack: warning: x: a socket');
  expect(lines[21]).toBe('cdbpack: warning: 4,980 more like these (--json has all): a pipe');
});

test('lines of one rule file are of one kind, whatever is wrong with them', () => {
  const wrong = Array.from({ length: 30 }, (_, i) => ({
    path: '_redirects',
    line: i + 1,
    text: `odd ${i}`,
  }));
  const lines = warningLines(wrong).split('\n');
  expect(lines.at(-2)).toBe('cdbpack: warning: 10 more like these (--json has all): _redirects');
});
