// cli.ts: one option table in, parsed arguments or a usage text out. Shared by the three commands.
import { parseArgs } from 'node:util';
import { EXIT, Failure } from './errors.ts';

export interface Option {
  readonly flag: string;
  /** Placeholder of the value in the usage text, such as ADDR; none: a switch. */
  readonly value?: string;
  readonly repeatable?: boolean;
  /** Of a number, as the usage text says it. */
  readonly range?: string;
  /** Shown in the usage text; applied by the command's own reader. */
  readonly fallback?: string;
  /** What it goes with, as the usage text says it; none: with everything. */
  readonly only?: string;
  readonly help: string;
  /** Whole sentences that the manual has behind `help`. */
  readonly detail?: string;
}

export interface Command {
  readonly program: string;
  readonly summary: string;
  /** Everything after the program's name, one line for each way to call it. */
  readonly synopsis: readonly string[];
  readonly options: readonly Option[];
  readonly examples: readonly string[];
}

export interface Arguments {
  /** Whose they are: for what is wrong with a value. */
  readonly command: Command;
  readonly positionals: readonly string[];
  has(flag: string): boolean;
  /** The last value given for a flag. */
  value(flag: string): string | undefined;
  values(flag: string): readonly string[];
}

/** What every command has. */
export const COMMON: readonly Option[] = [
  { flag: '--version', help: 'print the version and exit' },
  { flag: '--help', help: 'print this text and exit' },
];

/**
 * Throws a Failure with EXIT.usage that names the argument and, for a slip of the pen, the option
 * meant.
 */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const table = [...command.options, ...COMMON];
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokenize(command, table, argv)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = requireOption(command, table, token.rawName);
    checkValue(command, option, token.value, given);
    given.set(option.flag, [...(given.get(option.flag) ?? []), token.value ?? '']);
  }
  return {
    command,
    positionals,
    has: (flag) => given.has(flag),
    value: (flag) => given.get(flag)?.at(-1),
    values: (flag) => given.get(flag) ?? [],
  };
}

export function usage(command: Command): string {
  const table = [...command.options, ...COMMON];
  const left = table.map((option) => `  ${option.flag}${option.value ? ` ${option.value}` : ''}`);
  const width = Math.max(...left.map((text) => text.length)) + 2;
  const rows = table.map((option, row) => left[row]!.padEnd(width) + describe(option));
  const lines = [
    `${command.program}: ${command.summary}`,
    '',
    ...command.synopsis.map(
      (form, row) => `${row === 0 ? 'usage:' : '      '} ${command.program} ${form}`,
    ),
    '',
    'options:',
    ...rows,
    '',
    'examples:',
    ...command.examples.map((example) => `  ${example}`),
  ];
  return `${lines.join('\n')}\n`;
}

export function usageFailure(command: Command, problem: string): Failure {
  return new Failure(EXIT.usage, `${problem} Try ${command.program} --help.`);
}

/** A decimal number within bounds; undefined: not given. Throws a Failure (usage). */
export function readNumber(
  given: Arguments,
  flag: string,
  least: number,
  most: number,
): number | undefined {
  const text = given.value(flag);
  if (text === undefined) return undefined;
  const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  const wanted = `it must be a number from ${least} to ${most}.`;
  throw usageFailure(given.command, `${flag} is ${text}; ${wanted}`);
}

/** Help with what can be repeated, the range, and what holds without it. */
export function describe(option: Option): string {
  const notes = [
    ...(option.only === undefined ? [] : [option.only]),
    ...(option.repeatable ? ['repeatable'] : []),
    ...(option.range === undefined ? [] : [option.range]),
    ...(option.fallback === undefined ? [] : [`default: ${option.fallback}`]),
  ];
  return notes.length === 0 ? option.help : `${option.help} (${notes.join('; ')})`;
}

function tokenize(command: Command, table: readonly Option[], argv: readonly string[]) {
  const options = Object.fromEntries(
    table.map((option) => [
      option.flag.slice(2),
      { type: option.value ? ('string' as const) : ('boolean' as const), multiple: true },
    ]),
  );
  try {
    return parseArgs({ args: [...argv], options, strict: false, tokens: true }).tokens;
  } catch (error) {
    throw usageFailure(command, `${(error as Error).message}.`);
  }
}

function requireOption(command: Command, table: readonly Option[], flag: string): Option {
  const option = table.find((candidate) => candidate.flag === flag);
  if (option) return option;
  const meant = table.find((candidate) => distance(candidate.flag, flag) <= 2);
  const hint = meant ? ` Did you mean ${meant.flag}?` : '';
  throw usageFailure(command, `there is no option ${flag}.${hint}`);
}

function checkValue(
  command: Command,
  option: Option,
  value: string | undefined,
  given: ReadonlyMap<string, string[]>,
): void {
  if (option.value && value === undefined) {
    throw usageFailure(command, `${option.flag} needs a value: ${option.flag} ${option.value}.`);
  }
  if (!option.value && value !== undefined) {
    throw usageFailure(command, `${option.flag} is a switch and takes no value.`);
  }
  if (!option.repeatable && given.has(option.flag)) {
    throw usageFailure(command, `${option.flag} is given twice; it can be given once.`);
  }
}

/** Levenshtein distance: both texts are short. */
export function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const substitution = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substitution));
    }
    row = next;
  }
  return row[right.length]!;
}
