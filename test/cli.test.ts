// cli.test.ts: the option table: what is read, what is refused, and the usage text.
import { expect, test } from 'vitest';
import { parseArguments, usage, usageFailure } from '../src/cli.ts';
import type { Command } from '../src/cli.ts';
import { EXIT, Failure } from '../src/errors.ts';

const COMMAND: Command = {
  program: 'tool',
  summary: 'does things',
  synopsis: ['FILE [options]', '--all'],
  options: [
    { flag: '--listen', value: 'ADDR', repeatable: true, fallback: ':80', help: 'where' },
    { flag: '--workers', value: 'N', help: 'how many' },
    { flag: '--quiet', help: 'no line' },
    { flag: '--mode', value: 'M', fallback: 'a', only: 'FILE alone', help: 'which' },
  ],
  examples: ['tool a.txt'],
};

const parse = (...argv: readonly string[]): ReturnType<typeof parseArguments> =>
  parseArguments(COMMAND, argv);

test('positionals, switches and values in any order', () => {
  const given = parse('--quiet', 'a', '--workers', '3', 'b', '--listen=:1', '--listen', ':2');
  expect(given.positionals).toEqual(['a', 'b']);
  expect([given.has('--quiet'), given.has('--workers'), given.has('--help')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(given.value('--workers')).toBe('3');
  expect(given.values('--listen')).toEqual([':1', ':2']);
  expect([given.value('--listen'), given.value('--quiet')]).toEqual([':2', '']);
  expect([given.value('--help'), given.values('--help')]).toEqual([undefined, []]);
});

test('after two dashes everything is a positional', () => {
  expect(parse('--', '--quiet', '-x').positionals).toEqual(['--quiet', '-x']);
});

test.each([
  [['--nothing-like-it'], 'there is no option --nothing-like-it. Try tool --help.'],
  [['--worker', '3'], 'there is no option --worker. Did you mean --workers? Try'],
  [['--wrokers', '3'], 'there is no option --wrokers. Did you mean --workers? Try'],
  [['--Quiet'], 'there is no option --Quiet. Did you mean --quiet? Try'],
  [['--no-quiet'], 'there is no option --no-quiet. Try'],
  [['-q'], 'there is no option -q. Try'],
  [['--workers'], '--workers needs a value: --workers N. Try'],
  [['--quiet=1'], '--quiet is a switch and takes no value. Try'],
  [['--workers', '1', '--workers', '1'], '--workers is given twice; it can be given once. Try'],
  [['--quiet', '--quiet'], '--quiet is given twice; it can be given once. Try'],
])('%j is refused', (argv, message) => {
  const failure = failureOf(() => parse(...argv));
  expect(failure.exitCode).toBe(EXIT.usage);
  expect(failure.message).toContain(message);
});

test('the usage text has every option in one column', () => {
  expect(usage(COMMAND)).toBe(
    [
      'tool: does things',
      '',
      'usage: tool FILE [options]',
      '       tool --all',
      '',
      'options:',
      '  --listen ADDR  where (repeatable; default: :80)',
      '  --workers N    how many',
      '  --quiet        no line',
      '  --mode M       which (FILE alone; default: a)',
      '  --version      print the version and exit',
      '  --help         print this text and exit',
      '',
      'examples:',
      '  tool a.txt',
      '',
    ].join('\n'),
  );
});

test('a failure of usage points at the help', () => {
  expect(usageFailure(COMMAND, 'No.').message).toBe('No. Try tool --help.');
});

function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('no Failure');
}
