// options.ts: the option table of cdbpack, and the checked options made from it.
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { usageFailure } from '../src/cli.ts';
import type { Arguments, Command } from '../src/cli.ts';
import { SITE_OPTIONS } from '../src/site_options.ts';
import { userCacheFolder } from './cache_folder.ts';
import { CODING_CHOICES, EFFORTS } from './effort.ts';
import type { CodingName, Effort } from './effort.ts';
import type { ModifiedPolicy } from './modified.ts';
import { HTML_URLS } from './plan.ts';
import type { HtmlUrls } from './plan.ts';
import type { Site } from './site.ts';
import { readHosts } from './sites.ts';

const JOBS_MAX = 64;
const CACHE_MIB_DEFAULT = 1_024;
const CACHE_MIB_MAX = 65_536;
const BYTES_PER_MIB = 1024 * 1024;

export const COMMAND: Command = {
  program: 'cdbpack',
  summary: 'packs a static site into one CDB file for cdbserve',
  synopsis: [
    'SITE [OUT.cdb] [options]',
    'SITE OUT.cdb --host NAME=DIR [options]',
    'OUT.cdb --host NAME=DIR [options]',
  ],
  options: [
    {
      flag: '--compress',
      value: EFFORTS.join('|'),
      fallback: 'balanced',
      help: 'effort spent on codings; none stores no coding',
      detail:
        'A coding is kept where it saves 5 % and 64 bytes. Types that are compressed already are ' +
        'stored as they are.',
    },
    {
      flag: '--codings',
      value: 'LIST',
      fallback: CODING_CHOICES.join(),
      help: 'codings to store beside identity, with commas between',
    },
    {
      flag: '--jobs',
      value: 'N',
      fallback: 'number of cores',
      help: `threads that compress, 1 to ${JOBS_MAX}; they change nothing in the archive`,
    },
    {
      flag: '--cache',
      value: 'DIR',
      fallback: "cdbpack in the user's cache directory",
      help: 'keep results of compression there, so that the next run makes only what is new',
      detail: 'Only its owner may write to it. It can be removed at any time.',
    },
    { flag: '--no-cache', help: 'keep nothing and look nothing up' },
    {
      flag: '--cache-max',
      value: 'MIB',
      fallback: String(CACHE_MIB_DEFAULT),
      help: `size of the cache, 1 to ${CACHE_MIB_MAX} MiB; the longest unused goes first`,
    },
    ...SITE_OPTIONS,
    {
      flag: '--plan',
      help: 'show what would be packed and write nothing',
      detail: '_headers and _redirects are judged as in a real run.',
    },
    { flag: '--json', help: 'print one JSON object in place of the summary' },
    { flag: '--quiet', help: 'print nothing but warnings and errors' },
    { flag: '--verbose', help: 'name each file as it is stored, with its bytes by coding' },
    { flag: '--strict', help: 'write nothing and exit with 6 when there is a warning' },
  ],
  examples: [
    'cdbpack public                     writes public.cdb',
    'cdbpack public /srv/www/site.cdb   replaces it when the new one is complete',
    "cdbpack . site.cdb --exclude '*.psd' --strict",
    'cdbpack all.cdb --host a.example=a --host b.example=b',
  ],
};

export interface CacheChoice {
  /** Undefined: none. */
  readonly folder: string | undefined;
  /** Named by --cache: then it must be of use. */
  readonly asked: boolean;
  readonly bytesMax: number;
}

export interface PackOptions {
  /** The default site first, if there is one; the others by the bytes of their hosts. */
  readonly sites: readonly Site[];
  readonly out: string;
  readonly htmlUrls: HtmlUrls;
  readonly rulesLenient: boolean;
  readonly effort: Effort;
  readonly codings: readonly CodingName[];
  /** Threads that compress. */
  readonly jobs: number;
  readonly cache: CacheChoice;
  readonly securityHeaders: boolean;
  /** Undefined: not sent. 0 has browsers forget what they were told before. */
  readonly hstsSeconds: number | undefined;
  readonly modified: ModifiedPolicy;
  readonly excludes: readonly string[];
  readonly includeHidden: boolean;
  readonly followSymlinks: boolean;
  readonly plan: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly strict: boolean;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Throws a Failure (usage) that names the argument. */
export function readOptions(given: Arguments, { env, now }: Surroundings): PackOptions {
  const modified = choice(given, '--last-modified', ['mtime', 'none']);
  if (given.has('--quiet') && given.has('--verbose')) {
    throw usageFailure(given.command, '--quiet and --verbose contradict each other: name one.');
  }
  return Object.freeze({
    ...readPlaces(given),
    htmlUrls: choice(given, '--html-urls', HTML_URLS),
    rulesLenient: given.has('--rules-lenient'),
    effort: choice(given, '--compress', EFFORTS),
    codings: readCodings(given),
    jobs: readNumber(given, '--jobs', JOBS_MAX) ?? Math.min(availableParallelism(), JOBS_MAX),
    cache: readCache(given, env),
    securityHeaders: choice(given, '--security-headers', ['default', 'off']) === 'default',
    hstsSeconds: readHsts(given),
    modified: { source: modified, clamp: readEpoch(given, env), now },
    excludes: readExcludes(given),
    includeHidden: given.has('--include-hidden'),
    followSymlinks: given.has('--follow-symlinks'),
    plan: given.has('--plan'),
    json: given.has('--json'),
    quiet: given.has('--quiet'),
    verbose: given.has('--verbose'),
    strict: given.has('--strict'),
  });
}

/** With hosts, one argument is OUT; there is no folder whose name could be that of all sites. */
function readPlaces(given: Arguments): Pick<PackOptions, 'sites' | 'out'> {
  const [first, second, surplus] = given.positionals;
  const hosts = readHosts(given.values('--host'));
  if (typeof hosts === 'string') throw usageFailure(given.command, hosts);
  if (!first) {
    const alone = 'Which file is to be written? Beside --host, name OUT.cdb, or SITE and OUT.cdb.';
    throw usageFailure(given.command, hosts.length > 0 ? alone : 'Which folder is to be packed?');
  }
  if (surplus !== undefined) {
    throw usageFailure(
      given.command,
      `${surplus} is one argument too many: SITE and OUT.cdb are two.`,
    );
  }
  if (hosts.length > 0 && second === undefined) return { sites: hosts, out: first };
  return { sites: [{ host: '', root: first }, ...hosts], out: second ?? defaultOut(given, first) };
}

function defaultOut(given: Arguments, site: string): string {
  const name = basename(resolve(site));
  if (name === '')
    throw usageFailure(given.command, `${site} has no name to call the archive: name OUT.`);
  return `${name}.cdb`;
}

/** The value given for a flag, or its fallback in the table; one of `names`. */
function choice<Name extends string>(given: Arguments, flag: string, names: readonly Name[]): Name {
  const fallback = COMMAND.options.find((option) => option.flag === flag)?.fallback;
  const value = given.value(flag) ?? fallback;
  const name = names.find((candidate) => candidate === value);
  if (name !== undefined) return name;
  throw usageFailure(given.command, `${flag} is '${value}'; it can be ${names.join(', ')}.`);
}

function readCodings(given: Arguments): readonly CodingName[] {
  const list = given.value('--codings');
  if (list === undefined) return CODING_CHOICES;
  const names = list.split(',').map((text) => {
    const name = CODING_CHOICES.find((known) => known === text.trim());
    if (name !== undefined) return name;
    const known = CODING_CHOICES.join(', ');
    throw usageFailure(given.command, `--codings has '${text.trim()}'; it can have ${known}.`);
  });
  return CODING_CHOICES.filter((name) => names.includes(name));
}

function readExcludes(given: Arguments): readonly string[] {
  const globs = given.values('--exclude');
  if (!globs.includes('')) return globs;
  throw usageFailure(given.command, '--exclude is empty; it is a pattern, such as *.psd.');
}

function readCache(given: Arguments, env: Surroundings['env']): CacheChoice {
  const mib = readNumber(given, '--cache-max', CACHE_MIB_MAX) ?? CACHE_MIB_DEFAULT;
  const folder = given.value('--cache');
  if (folder === '') throw usageFailure(given.command, '--cache is empty; it is a folder.');
  if (folder !== undefined && given.has('--no-cache')) {
    throw usageFailure(
      given.command,
      '--cache and --no-cache are given, which cannot both be meant.',
    );
  }
  const found = given.has('--no-cache') ? undefined : (folder ?? userCacheFolder(env));
  return { folder: found, asked: folder !== undefined, bytesMax: mib * BYTES_PER_MIB };
}

function readNumber(given: Arguments, flag: string, most: number): number | undefined {
  const text = given.value(flag);
  if (text === undefined) return undefined;
  const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw usageFailure(given.command, `${flag} is '${text}'; it must be a number from 1 to ${most}.`);
}

function readHsts(given: Arguments): number | undefined {
  const text = given.value('--hsts');
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const usual = '31536000 is a year, 0 has browsers forget it';
  throw usageFailure(given.command, `--hsts is '${text}'; it is a number of seconds: ${usual}.`);
}

function readEpoch(given: Arguments, env: Surroundings['env']): number | undefined {
  const text = env['SOURCE_DATE_EPOCH'];
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw usageFailure(
    given.command,
    `SOURCE_DATE_EPOCH is '${text}'; it must be seconds since 1970.`,
  );
}
