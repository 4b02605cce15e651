// problem.test.ts: how lines that cannot be honoured are told.
import { expect, test } from 'vitest';
import { PROBLEMS_SHOWN_MAX, excerpt, judgeProblems } from '../../../archiver/rules/problem.ts';
import type { FileProblem } from '../../../archiver/rules/problem.ts';
import { siteOf } from '../fixture.ts';

const problem = (line: number, changes: Partial<FileProblem> = {}): FileProblem => ({
  site: siteOf('public'),
  file: '_headers',
  line,
  text: 'the reason. The remedy.',
  ...changes,
});

test('all are shown at once, with file and line', () => {
  const problems = [
    problem(3),
    problem(9, { site: siteOf('two', 'b.example'), file: '_redirects' }),
  ];
  expect(() => judgeProblems(problems, false)).toThrow(
    "2 lines of the site's rules cannot be honoured:\n" +
      '  public/_headers:3: the reason. The remedy.\n' +
      '  two/_redirects:9: the reason. The remedy.\n' +
      'Correct what is wrong, or leave such lines out with --rules-lenient.',
  );
});

test('of very many the first ones', () => {
  const many = Array.from({ length: PROBLEMS_SHOWN_MAX + 1234 }, (_, index) => problem(index + 1));
  expect(() => judgeProblems(many, false)).toThrow(/:100: the reason.*\n {2}and 1,234 more\n/);
});

test('where it is allowed they are left out with a warning', () => {
  const host = problem(2, { site: siteOf('two', 'b.example') });
  expect(judgeProblems([problem(3), host], true)).toEqual([
    { path: '_headers', line: 3, text: 'left out: the reason. The remedy.' },
    { path: '@b.example/_headers', line: 2, text: 'left out: the reason. The remedy.' },
  ]);
});

test('what is only doubtful is a warning in any case', () => {
  expect(judgeProblems([problem(3, { mild: true })], false)).toEqual([
    { path: '_headers', line: 3, text: 'the reason. The remedy.' },
  ]);
  expect(judgeProblems([], false)).toEqual([]);
});

test('an excerpt is short and holds no control character', () => {
  expect(excerpt('a\x1bb')).toBe("'a\\u{1b}b'");
  expect(excerpt('x'.repeat(61))).toBe(`'${'x'.repeat(60)}…'`);
  expect(excerpt(`x${'\u{1f600}'.repeat(60)}`)).toBe(`'x${'\u{1f600}'.repeat(29)}\\u{d83d}…'`);
});
