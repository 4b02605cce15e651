// inspect.ts: cdbinspect from arguments to exit code: one table of subcommands.
//
// Every subcommand works on an archive that has been verified, so that none needs a check of its
// own.
import { statSync } from 'node:fs';
import { parseArguments, usage, usageFailure } from '../src/cli.ts';
import type { Arguments, Command } from '../src/cli.ts';
import { EXIT } from '../src/errors.ts';
import type { ExitCode } from '../src/errors.ts';
import { version } from '../src/paths.ts';
import { startProgress } from './progress.ts';
import type { Progress, Screen } from './progress.ts';
import { cat } from './inspect/cat.ts';
import { diff } from './inspect/diff.ts';
import { extract } from './inspect/extract.ts';
import { list } from './inspect/list.ts';
import { show } from './inspect/show.ts';
import { stats } from './inspect/stats.ts';
import type { Output, Subcommand } from './inspect/subcommand.ts';
import { verify } from './inspect/verify.ts';
import { openArchive } from './verify.ts';
import type { OpenArchive } from './verify.ts';

export interface Terminal {
  readonly out: Output;
  readonly err: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const SUBCOMMANDS: readonly Subcommand[] = [list, show, cat, extract, verify, diff, stats];

export const COMMAND: Command = {
  program: 'cdbinspect',
  summary: 'shows what is in an archive that cdbpack made',
  synopsis: SUBCOMMANDS.map((subcommand) => form(subcommand).padEnd(26) + subcommand.help),
  options: uniqueOptions(),
  examples: SUBCOMMANDS.map(({ examples }) => examples[0]!),
};

export async function inspect(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { out, err, env } = terminal;
  const given = parseArguments(COMMAND, argv);
  const [name, archive, operand, ...surplus] = given.positionals;
  const subcommand = SUBCOMMANDS.find((candidate) => candidate.name === name);
  if (given.has('--help') || given.has('--version')) {
    const text = usage(subcommand ? commandOf(subcommand) : COMMAND);
    out.write(given.has('--help') ? text : `cdbinspect ${version}\n`);
    return EXIT.ok;
  }
  if (!subcommand) throw usageFailure(COMMAND, wrongName(name));
  checkUse(subcommand, given, archive, operand);
  if (surplus.length > 0 || (operand !== undefined && subcommand.operand === '')) {
    throw usageFailure(COMMAND, `too many arguments: cdbinspect ${fullForm(subcommand)}.`);
  }
  const progress = startProgress(err, env['TERM']);
  const opened: OpenArchive[] = [];
  const open = (path: string) => {
    const one = openShown(progress, path);
    opened.push(one);
    return one;
  };
  const request = { name: archive!, operand: operand ?? '', given, open, out, progress };
  try {
    return await subcommand.run({ archive: open(archive!), ...request });
  } finally {
    progress.end();
    for (const one of opened) one.close();
  }
}

/** Verifying a large archive takes a while. */
function openShown(progress: Progress, path: string): OpenArchive {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  progress.phase('verifying', { items: 0, bytes });
  const archive = openArchive(path, (found) => progress.step(found));
  progress.end();
  return archive;
}

function checkUse(
  subcommand: Subcommand,
  given: Arguments,
  archive: string | undefined,
  operand: string | undefined,
): void {
  const needsOperand = /^[A-Z]/.test(subcommand.operand);
  if (archive === undefined || (needsOperand && operand === undefined)) {
    throw usageFailure(COMMAND, `an argument is missing: cdbinspect ${fullForm(subcommand)}.`);
  }
  for (const { flag } of COMMAND.options) {
    const takes = subcommand.options.some((option) => option.flag === flag);
    if (given.has(flag) && !takes) {
      throw usageFailure(COMMAND, `cdbinspect ${subcommand.name} has no option ${flag}.`);
    }
  }
}

function wrongName(name: string | undefined): string {
  const names = SUBCOMMANDS.map((subcommand) => subcommand.name).join(', ');
  return name === undefined
    ? `Which subcommand? There are ${names}.`
    : `there is no subcommand ${name}; there are ${names}.`;
}

function commandOf(subcommand: Subcommand): Command {
  const { help, options, examples } = subcommand;
  return { ...COMMAND, summary: help, synopsis: [form(subcommand)], options, examples };
}

function form({ name, operand }: Subcommand): string {
  return `${name} ARCHIVE ${operand}`.trimEnd();
}

function fullForm(subcommand: Subcommand): string {
  const flags = subcommand.options.map(({ flag, value }) => `[${flag}${value ? ` ${value}` : ''}]`);
  return [form(subcommand), ...flags].join(' ');
}

function uniqueOptions(): Command['options'] {
  const options = SUBCOMMANDS.flatMap((subcommand) => subcommand.options);
  return options.filter((option, at) => {
    return options.findIndex((other) => other.flag === option.flag) === at;
  });
}
