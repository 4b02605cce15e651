// cli.test.ts: the option table is the parser and the usage text.
import { expect, test } from 'vitest';
import { parseArguments, usage, usageFailure } from '../src/cli.ts';
import type { Arguments, Command } from '../src/cli.ts';
import { EXIT, Failure } from '../src/errors.ts';

const COMMAND: Command = {
  program: 'shelve',
  summary: 'puts books on shelves',
  synopsis: ['BOOK [options]', '--plan'],
  options: [
    { flag: '--shelf', value: 'NAME', repeatable: true, fallback: 'top', help: 'where to' },
    { flag: '--order', value: 'KEY', help: 'sort by this' },
    { flag: '--plan', help: 'say what would be done' },
  ],
  examples: ['shelve atlas --shelf low'],
};

test('values, switches and positionals come apart in any order', () => {
  const given = parse('atlas', '--shelf', 'low', '--plan', 'globe', '--shelf=high', '--order=');
  expect(given.positionals).toEqual(['atlas', 'globe']);
  expect(given.values('--shelf')).toEqual(['low', 'high']);
  expect(given.value('--shelf')).toBe('high');
  expect(given.value('--order')).toBe('');
  expect(given.has('--plan')).toBe(true);
});

test('what is not given is absent: fallbacks are the reader’s', () => {
  const given = parse();
  expect([given.has('--shelf'), given.value('--shelf'), given.values('--shelf')]).toEqual([
    false,
    undefined,
    [],
  ]);
});

test('after -- everything is positional', () => {
  expect(parse('--', '--plan').positionals).toEqual(['--plan']);
  expect(parse('--', '--plan').has('--plan')).toBe(false);
});

test.each([
  [['--shelv', 'low'], 'there is no option --shelv. Did you mean --shelf?'],
  [['--nothing-like-it'], 'there is no option --nothing-like-it.'],
  [['-x'], 'there is no option -x.'],
  [['--shelf'], '--shelf needs a value: --shelf NAME.'],
  [['--plan=yes'], '--plan is a switch and takes no value.'],
  [['--order', 'a', '--order', 'b'], '--order is given twice; it can be given once.'],
])('%j is refused: %s', (argv, problem) => {
  const failure = usageFailure(COMMAND, problem);
  expect(() => parseArguments(COMMAND, argv)).toThrow(failure);
});

test('a usage failure is exit 2 and says where help is', () => {
  const failure = usageFailure(COMMAND, 'No book.');
  expect(failure).toBeInstanceOf(Failure);
  expect(failure.exitCode).toBe(EXIT.usage);
  expect(failure.message).toBe('No book. Try shelve --help.');
});

test('the usage text has every option with its value, repetition and default', () => {
  expect(usage(COMMAND).split('\n')).toEqual([
    'shelve: puts books on shelves',
    '',
    'usage: shelve BOOK [options]',
    '       shelve --plan',
    '',
    'options:',
    '  --shelf NAME  where to (repeatable; default: top)',
    '  --order KEY   sort by this',
    '  --plan        say what would be done',
    '  --version     print the version and exit',
    '  --help        print this text and exit',
    '',
    'examples:',
    '  shelve atlas --shelf low',
    '',
  ]);
});

function parse(...argv: string[]): Arguments {
  return parseArguments(COMMAND, argv);
}
