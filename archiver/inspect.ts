// inspect.ts: cdbinspect from arguments to exit code: one table of subcommands.
//
// Every subcommand works on an archive that has been verified, so that none needs a check of its
// own.
import type { Writable } from 'node:stream';
import { parseArguments, usage, usageFailure } from '../src/cli.ts';
import type { Arguments, Command, Option } from '../src/cli.ts';
import { EXIT } from '../src/errors.ts';
import type { ExitCode } from '../src/errors.ts';
import { version } from '../src/paths.ts';
import { cat } from './inspect/cat.ts';
import { list } from './inspect/list.ts';
import { show } from './inspect/show.ts';
import { stats } from './inspect/stats.ts';
import { verify } from './inspect/verify.ts';
import { openArchive } from './verify.ts';
import type { SoundArchive } from './verify.ts';

export interface Request {
  readonly archive: SoundArchive;
  /** As it was named on the command line. */
  readonly name: string;
  /** The argument after the archive; '' for subcommands that take none. */
  readonly path: string;
  readonly given: Arguments;
  readonly out: Writable & { readonly columns?: number };
}

export interface Subcommand {
  readonly name: string;
  /** Whether a path follows the archive. */
  readonly takesPath: boolean;
  readonly options: readonly Option[];
  /** What it does, in a few words. */
  readonly help: string;
  run(request: Request): Promise<ExitCode> | ExitCode;
}

export const SUBCOMMANDS: readonly Subcommand[] = [list, show, cat, verify, stats];

export const COMMAND: Command = {
  program: 'cdbinspect',
  summary: 'shows what is in an archive that cdbpack made',
  synopsis: SUBCOMMANDS.map(synopsis),
  options: uniqueOptions(),
  examples: [
    'cdbinspect list site.cdb',
    'cdbinspect show site.cdb /index.html',
    'cdbinspect show site.cdb /index.html --host a.example',
    'cdbinspect cat site.cdb /style.css --coding gzip | zcat',
  ],
};

export async function inspect(argv: readonly string[], out: Writable): Promise<ExitCode> {
  const given = parseArguments(COMMAND, argv);
  if (given.has('--help') || given.has('--version')) {
    out.write(given.has('--help') ? usage(COMMAND) : `cdbinspect ${version}\n`);
    return EXIT.ok;
  }
  const [name, archive, path, ...surplus] = given.positionals;
  const subcommand = SUBCOMMANDS.find((candidate) => candidate.name === name);
  if (!subcommand) throw usageFailure(COMMAND, wrongName(name));
  checkUse(subcommand, given, archive, path);
  if (surplus.length > 0 || (path !== undefined && !subcommand.takesPath)) {
    throw usageFailure(COMMAND, `too many arguments: cdbinspect ${form(subcommand)}.`);
  }
  const request = { archive: openArchive(archive!), name: archive!, path: path ?? '', given, out };
  return subcommand.run(request);
}

function checkUse(
  subcommand: Subcommand,
  given: Arguments,
  archive: string | undefined,
  path: string | undefined,
): void {
  if (archive === undefined || (subcommand.takesPath && path === undefined)) {
    throw usageFailure(COMMAND, `an argument is missing: cdbinspect ${form(subcommand)}.`);
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

function synopsis(subcommand: Subcommand): string {
  return `${form(subcommand).padEnd(48)}${subcommand.help}`;
}

function form({ name, takesPath, options }: Subcommand): string {
  const flags = options.map(({ flag, value }) => `[${flag}${value ? ` ${value}` : ''}]`);
  return [name, 'ARCHIVE', ...(takesPath ? ['PATH'] : []), ...flags].join(' ');
}

function uniqueOptions(): Command['options'] {
  const options = SUBCOMMANDS.flatMap((subcommand) => subcommand.options);
  return options.filter((option, at) => {
    return options.findIndex((other) => other.flag === option.flag) === at;
  });
}
