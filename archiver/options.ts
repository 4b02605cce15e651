// options.ts: the option table of cdbpack, and the checked options made from it.
import { basename, resolve } from 'node:path';
import { usageFailure } from '../src/cli.ts';
import type { Arguments, Command } from '../src/cli.ts';
import { CODERS, EFFORTS } from './encode.ts';
import type { Effort } from './encode.ts';
import type { ModifiedPolicy } from './modified.ts';

export const COMMAND: Command = {
  program: 'cdbpack',
  summary: 'packs a static site into one CDB file for cdbserve',
  synopsis: ['SITE [OUT.cdb] [options]'],
  options: [
    {
      flag: '--compress',
      value: EFFORTS.join('|'),
      fallback: 'balanced',
      help: 'effort spent on codings; fast is gzip 6, the others gzip 9, none stores no coding',
    },
    {
      flag: '--codings',
      value: 'LIST',
      fallback: Object.keys(CODERS).join(),
      help: 'codings to store beside identity, with commas between',
    },
    {
      flag: '--security-headers',
      value: 'default|off',
      fallback: 'default',
      help: 'send nosniff, a referrer policy and a frame policy with every answer',
    },
    {
      flag: '--last-modified',
      value: 'mtime|none',
      fallback: 'mtime',
      help: "Last-Modified from the files' times, not later than SOURCE_DATE_EPOCH, or none",
    },
    {
      flag: '--exclude',
      value: 'GLOB',
      repeatable: true,
      help: 'leave out what matches, in the syntax of .gitignore; comes after .cdbpackignore',
    },
    { flag: '--include-hidden', help: 'pack names that begin with a dot, not only .well-known/' },
    { flag: '--follow-symlinks', help: 'pack what symbolic links lead to outside the site' },
    { flag: '--plan', help: 'show what would be packed and write nothing' },
    { flag: '--json', help: 'print one JSON object in place of the summary' },
    { flag: '--quiet', help: 'print nothing but warnings and errors' },
    { flag: '--strict', help: 'write nothing and exit with 6 when there is a warning' },
  ],
  examples: [
    'cdbpack public                     writes public.cdb',
    'cdbpack public /srv/www/site.cdb   replaces it when the new one is complete',
    "cdbpack . site.cdb --exclude '*.psd' --strict",
  ],
};

export interface PackOptions {
  readonly site: string;
  readonly out: string;
  readonly effort: Effort;
  readonly codings: readonly string[];
  readonly securityHeaders: boolean;
  readonly modified: ModifiedPolicy;
  readonly excludes: readonly string[];
  readonly includeHidden: boolean;
  readonly followSymlinks: boolean;
  readonly plan: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly strict: boolean;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Throws a Failure (usage) that names the argument. */
export function readOptions(given: Arguments, { env, now }: Surroundings): PackOptions {
  const [site, out, surplus] = given.positionals;
  if (!site) throw usageFailure(COMMAND, 'Which folder is to be packed?');
  if (surplus !== undefined) {
    throw usageFailure(COMMAND, `${surplus} is one argument too many: SITE and OUT.cdb are two.`);
  }
  const modified = choice(given, '--last-modified', ['mtime', 'none']);
  return Object.freeze({
    site,
    out: out ?? defaultOut(site),
    effort: choice(given, '--compress', EFFORTS),
    codings: readCodings(given.value('--codings')),
    securityHeaders: choice(given, '--security-headers', ['default', 'off']) === 'default',
    modified: { source: modified, clamp: readEpoch(env['SOURCE_DATE_EPOCH']), now },
    excludes: given.values('--exclude'),
    includeHidden: given.has('--include-hidden'),
    followSymlinks: given.has('--follow-symlinks'),
    plan: given.has('--plan'),
    json: given.has('--json'),
    quiet: given.has('--quiet'),
    strict: given.has('--strict'),
  });
}

function defaultOut(site: string): string {
  const name = basename(resolve(site));
  if (name === '')
    throw usageFailure(COMMAND, `${site} has no name to call the archive: name OUT.`);
  return `${name}.cdb`;
}

/** The value given for a flag, or its fallback in the table; one of `names`. */
function choice<Name extends string>(given: Arguments, flag: string, names: readonly Name[]): Name {
  const fallback = COMMAND.options.find((option) => option.flag === flag)?.fallback;
  const value = given.value(flag) ?? fallback;
  const name = names.find((candidate) => candidate === value);
  if (name !== undefined) return name;
  throw usageFailure(COMMAND, `${flag} is '${value}'; it can be ${names.join(', ')}.`);
}

function readCodings(list: string | undefined): string[] {
  const known = Object.keys(CODERS);
  if (list === undefined) return known;
  const names = list.split(',').map((name) => name.trim());
  for (const name of names) {
    if (known.includes(name)) continue;
    throw usageFailure(COMMAND, `--codings has '${name}'; it can have ${known.join(', ')}.`);
  }
  return [...new Set(names)];
}

function readEpoch(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw usageFailure(COMMAND, `SOURCE_DATE_EPOCH is '${text}'; it must be seconds since 1970.`);
}
