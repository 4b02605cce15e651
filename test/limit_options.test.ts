// limit_options.test.ts: limits from the command line: their ranges, to the last number, and what
// holds without them.
import { expect, test } from 'vitest';
import { type Command, parseArguments, usage } from '../src/cli.ts';
import { Failure } from '../src/errors.ts';
import { LIMITS, LIMIT_OPTIONS, readLimits } from '../src/limit_options.ts';

const COMMAND: Command = {
  program: 'limited',
  summary: 'has limits',
  synopsis: [''],
  options: LIMIT_OPTIONS,
  examples: [],
};
const read = (...argv: readonly string[]) => readLimits(parseArguments(COMMAND, argv));

function refusal(argument: string): string {
  try {
    read(argument);
  } catch (error) {
    if (error instanceof Failure) return error.message;
  }
  return 'not refused';
}

test('without options each limit has its default, which is in its range', () => {
  const found = read();
  for (const { field, fallback, least, most } of LIMITS) {
    expect([field, found[field]]).toEqual([field, fallback]);
    const holds =
      fallback === undefined || fallback === 0 || (fallback >= least && fallback <= most);
    expect([field, holds]).toEqual([field, true]);
  }
  expect(Object.keys(found)).toHaveLength(LIMITS.length);
});

test.each(LIMITS)(
  '$flag: from $least to $most, and nothing else',
  ({ flag, field, least, most }) => {
    for (const number of [least, least + 1, most - 1, most]) {
      expect(read(`${flag}=${number}`)[field]).toBe(number);
    }
    for (const text of [
      least - 1,
      most + 1,
      `${most}0`,
      '',
      'x',
      `${least}.5`,
      `+${most}`,
      '0x40',
    ]) {
      expect(refusal(`${flag}=${text}`)).toContain(
        `${flag} is ${text}; it must be a number from ${least} to ${most}.`,
      );
    }
  },
);

test('each has its unit, range and default in the usage text', () => {
  const text = usage(COMMAND);
  for (const { flag, value, least, most, fallback, shown } of LIMITS) {
    const row = text.split('\n').find((line) => line.startsWith(`  ${flag} `));
    expect(row).toContain(`${flag} ${value} `);
    expect(row).toContain(`(${least} to ${most}; default: ${shown ?? fallback})`);
  }
});
