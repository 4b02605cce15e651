// redirect_line.ts: one line of `_redirects`, in Netlify's dialect, as far as a packed site can
// honour it. Pure.
import { normalHost } from '../sites.ts';
import {
  decodedPath,
  hasCaptures,
  isAbsolute,
  isDestination,
  readDestination,
} from './destination.ts';
import type { Destination } from './destination.ts';
import { readPattern } from './redirect_pattern.ts';
import type { Pattern } from './redirect_pattern.ts';

export const REDIRECT_STATUSES = [301, 302, 303, 307, 308] as const;
export type RedirectStatus = (typeof REDIRECT_STATUSES)[number];
export type RuleStatus = RedirectStatus | 200 | 404;

export interface RedirectRule {
  readonly line: number;
  /** As keys have it; undefined: the site whose file this is. */
  readonly host: string | undefined;
  readonly from: Pattern;
  readonly to: Destination;
  readonly status: RuleStatus;
  /** Wins over what the site has at a path. */
  readonly forced: boolean;
}

const STATUSES: readonly number[] = [200, ...REDIRECT_STATUSES, 404];
const STATUS = /^(\d+)(!?)$/;
const FROM = /^(?:https?:\/\/([^/]*))?(\/.*|)$/;
const CONDITION = /^(?:Language|Country|Role|Cookie|Sign(?:ed)?)=/i;
const BY_PATH = 'a packed site answers by path alone';

/** `text` is neither empty nor a comment. Gives the rule, or what is wrong with it in words. */
export function readRedirect(line: number, text: string): RedirectRule | string {
  const words = text.split(/\s+/);
  const comment = words.findIndex((word) => word.startsWith('#'));
  const [from = '', ...rest] = comment < 0 ? words : words.slice(0, comment);
  const source = readFrom(from);
  if (typeof source === 'string') return `${source} (in ${quoted(from)})`;
  const target = readRest(from, rest);
  if (typeof target === 'string') return target;
  const { status, forced, destination } = target;
  const to = readDestination(destination, source.from);
  if (typeof to === 'string') return `${to} (in ${quoted(destination)})`;
  const fault = faultOfTarget(to, status);
  return fault ?? { line, ...source, to, status, forced };
}

function readFrom(word: string): Pick<RedirectRule, 'host' | 'from'> | string {
  const match = FROM.exec(word);
  if (!match) return "it begins with a path, which begins with '/', or with http:// or https://";
  const [, authority, path = ''] = match;
  if (/[?#]/.test(path)) return `a query or a fragment in the path, and ${BY_PATH}`;
  const host = authority === undefined ? undefined : normalHost(authority);
  if (authority !== undefined && host === undefined) {
    return `'${authority}' is no host as --host names it, without a port`;
  }
  if (path.startsWith('/.netlify')) return "paths below '/.netlify' are Netlify's own";
  const from = readPattern(path === '' ? '/' : path);
  return typeof from === 'string' ? from : { host, from };
}

type Rest = Pick<RedirectRule, 'status' | 'forced'> & { readonly destination: string };

/** The words after the path: a destination, a status, and nothing else. */
function readRest(from: string, words: readonly string[]): Rest | string {
  const [first] = words;
  if (first === undefined) return 'no destination: PATH DESTINATION STATUS';
  if (STATUS.test(first)) return readForward(from, words);
  const at = words.findIndex(isDestination);
  if (at !== 0) return faultOfWord(first, at < 0 ? '' : words[at]!);
  const [destination = '', status = '301', ...surplus] = words;
  const read = readStatus(status);
  if (typeof read === 'string') return read;
  return surplus.length > 0 ? faultOfSurplus(surplus[0]!) : { ...read, destination };
}

/** `/app/* 200` is answered from the same path. */
function readForward(from: string, words: readonly string[]): Rest | string {
  const read = readStatus(words[0]!);
  if (typeof read === 'string') return read;
  if (words.length > 1) return faultOfSurplus(words[1]!);
  if (read.status !== 200 || !from.endsWith('/*')) {
    return "no destination: only a path that ends in '/*' with status 200 can do without";
  }
  const path = from.replace(/^https?:\/\/[^/]*/, '');
  return { ...read, destination: path.replace(/\*$/, ':splat') };
}

function readStatus(word: string): Pick<RedirectRule, 'status' | 'forced'> | string {
  const [, digits, mark] = STATUS.exec(word) ?? [];
  if (digits === undefined) return faultOfSurplus(word);
  const status = STATUSES.find((known) => known === Number(digits));
  if (status === undefined) return `the status is ${digits}; it can be ${STATUSES.join(', ')}`;
  return { status: status as RuleStatus, forced: mark === '!' };
}

function faultOfWord(word: string, destination: string): string {
  if (word.includes('=')) return `${quoted(word)} asks for a query, and ${BY_PATH}`;
  return destination === ''
    ? `${quoted(word)} is no destination: it begins with '/', http:// or https://`
    : `${quoted(word)} stands between the path and ${quoted(destination)}`;
}

function faultOfSurplus(word: string): string {
  if (CONDITION.test(word)) return `${quoted(word)} is a condition, and ${BY_PATH}`;
  return `${quoted(word)} is no status, or one word too many: PATH DESTINATION STATUS`;
}

function faultOfTarget(to: Destination, status: RuleStatus): string | undefined {
  if (status !== 200 && status !== 404) return undefined;
  if (isAbsolute(to.origin)) {
    return `status ${status} with a destination elsewhere would be a proxy: use 301 or 302`;
  }
  if (to.query !== undefined || to.fragment !== undefined) {
    return `status ${status} answers with a file, whose path has no query and no fragment`;
  }
  if (decodedPath(to) === undefined) {
    return `status ${status} answers with a file, and no path of one is like that`;
  }
  return status === 404 && hasCaptures(to)
    ? 'status 404 answers with one page, whose path has no captures'
    : undefined;
}

function quoted(word: string): string {
  return `'${word}'`;
}
