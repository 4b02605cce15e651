// redirect_answers.ts: what a rule of `_redirects` answers at a path. Pure.
import type { ListedFile } from '../file_list.ts';
import type { PlannedRoute, RouteList } from '../route_list.ts';
import { compareBytes } from '../text.ts';
import { decodedPath, expandKey, hasCaptures, locationOf } from './destination.ts';
import type { RedirectStatus } from './redirect_line.ts';
import type { SiteRule } from './site_redirects.ts';

export interface Redirection {
  readonly kind: 'redirect';
  readonly status: RedirectStatus;
  /** Location up to the place of the request's query, and from there. */
  readonly before: string;
  readonly after: string;
  readonly ownQuery: boolean;
}

/** The body of a file, with the status of the rule. */
export interface Page {
  readonly kind: 'file';
  readonly status: 200 | 404;
  readonly file: ListedFile;
}

export type RuleAnswer = Redirection | Page;

export const NO_FILE =
  'the site has no file that answers at its destination. Write a path as it is in a URL.';

/** Undefined where the site has no such file. `prefix` stands before every key of the site. */
export function answerOf(
  rule: SiteRule,
  captures: readonly string[],
  routes: RouteList,
  prefix: string,
): RuleAnswer | undefined {
  const { to, status } = rule;
  if (status === 200 || status === 404) {
    const file = fileAt(routes, prefix, expandKey(decodedPath(to)!, captures));
    return file && { kind: 'file', status, file };
  }
  const ownQuery = to.query !== undefined;
  return { kind: 'redirect', status, ...locationOf(to, captures), ownQuery };
}

/** Whether all paths of the rule have one answer. */
export function isFixed({ to }: SiteRule): boolean {
  return !hasCaptures(to);
}

/** The file that answers at a path, also where the path leads to another of its own. */
function fileAt(routes: RouteList, prefix: string, path: string): ListedFile | undefined {
  const route = findRoute(routes, prefix + path);
  if (route?.kind !== 'redirect') return route?.file;
  const led = findRoute(routes, prefix + route.to);
  return led?.kind === 'file' ? led.file : undefined;
}

/** `routes` are in the order of their keys. */
export function findRoute(routes: RouteList, key: string): PlannedRoute | undefined {
  let low = 0;
  let high = routes.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const route = routes.at(middle);
    const order = compareBytes(route.key, key);
    if (order === 0) return route;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
