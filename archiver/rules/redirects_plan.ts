// redirects_plan.ts: from the rules of `_redirects` to keys of their own and to tables. Pure.
//
// A rule for one path becomes keys. A forced one with captures is resolved against all keys that
// the site has; for all others its rules with captures are a table.
import type { Plan } from '../plan.ts';
import { RouteList } from '../route_list.ts';
import type { PlannedRoute } from '../route_list.ts';
import { keyPrefix } from '../target.ts';
import { compareBytes } from '../text.ts';
import { loopsOf } from './loops.ts';
import type { FileProblem } from './problem.ts';
import { NO_FILE, answerOf, findRoute } from './redirect_answers.ts';
import type { RuleAnswer } from './redirect_answers.ts';
import { isStatic, matchPattern, segmented } from './redirect_pattern.ts';
import type { Pattern } from './redirect_pattern.ts';
import { problemOf } from './site_redirects.ts';
import type { SiteRedirects, SiteRule } from './site_redirects.ts';
import { tableOf } from './rule_table.ts';
import type { RuleTable } from './rule_table.ts';

/** A key that a rule answers. */
export interface RuledRoute {
  readonly key: string;
  readonly answer: RuleAnswer;
}

export interface Redirects {
  /** In the order of the bytes of their keys. */
  readonly routes: readonly RuledRoute[];
  /** In the order of their hosts; none is empty. */
  readonly tables: readonly RuleTable[];
}

export interface PlannedRedirects {
  /** Without the routes that rules win over. */
  readonly plan: Plan;
  readonly problems: readonly FileProblem[];
}

/** A key that a rule has taken. */
export interface Claim {
  readonly rule: SiteRule;
  readonly answer: RuleAnswer;
}

/** What becomes of the rules of one site. */
export interface SitePlan {
  readonly prefix: string;
  readonly plan: Plan;
  /** By path. */
  readonly claims: Map<string, Claim>;
  readonly wildcards: readonly SiteRule[];
  /** Rules that cannot be honoured. */
  readonly faults: Map<SiteRule, string>;
  /** Rules without effect. */
  readonly doubts: Map<SiteRule, string>;
}

export function planRedirects(plan: Plan, { rules, problems }: SiteRedirects): PlannedRedirects {
  const found = [...problems];
  const routes: RuledRoute[] = [];
  const tables: RuleTable[] = [];
  for (const [host, given] of rules) {
    if (given.length === 0) continue;
    const { site, table } = planSound(plan, host, given, found);
    const { prefix, claims } = site;
    for (const [path, { answer }] of claims) routes.push({ key: prefix + path, answer });
    if (table.rules.length > 0) tables.push(table);
  }
  routes.sort((left, right) => compareBytes(left.key, right.key));
  tables.sort((left, right) => compareBytes(left.host, right.host));
  const left = routes.length === 0 ? plan.routes : withoutKeys(plan, routes);
  return { plan: { ...plan, routes: left, redirects: { routes, tables } }, problems: found };
}

/** What cannot be honoured is left out, and the others are planned without it. */
function planSound(
  plan: Plan,
  host: string,
  given: readonly SiteRule[],
  found: FileProblem[],
): { site: SitePlan; table: RuleTable } {
  for (let rules = given; ;) {
    const site = planSite(plan, host, rules);
    const table = tableOf(site, host);
    for (const [rule, text] of loopsOf(site, table)) site.faults.set(rule, text);
    const { faults, doubts } = site;
    for (const [rule, text] of faults) found.push(problemOf(rule, text));
    if (faults.size === 0) {
      for (const [rule, text] of doubts) found.push({ ...problemOf(rule, text), mild: true });
      return { site, table };
    }
    rules = rules.filter((rule) => !faults.has(rule));
  }
}

function planSite(plan: Plan, host: string, rules: readonly SiteRule[]): SitePlan {
  const wildcards = rules.filter(({ from }) => !isStatic(from));
  const common = { claims: new Map(), faults: new Map(), doubts: new Map() };
  const site: SitePlan = { prefix: keyPrefix(host), plan, wildcards, ...common };
  let above = 0;
  for (const rule of rules) {
    if (isStatic(rule.from)) claimPaths(site, rule, wildcards.slice(0, above));
    else above++;
  }
  claimForced(site);
  return site;
}

/** The path without and with a slash at its end; the root has one. */
function pathsOf({ segments }: Pattern): readonly string[] {
  const path = `/${segments.join('/')}`;
  return path === '/' ? ['/'] : [path, `${path}/`];
}

function claimPaths(site: SitePlan, rule: SiteRule, above: readonly SiteRule[]): void {
  const answer = answerOf(rule, [], site.plan.routes, site.prefix);
  if (!answer) return void site.faults.set(rule, NO_FILE);
  const paths = pathsOf(rule.from);
  const has = (path: string) => findRoute(site.plan.routes, site.prefix + path) !== undefined;
  // A file at one of the two is what the other one means.
  const exists = paths.some(has);
  const reasons = paths.map((path) => {
    const reason = reasonAgainst(site, rule, path, exists, above);
    if (reason === undefined) site.claims.set(path, { rule, answer });
    return reason;
  });
  const [reason] = reasons;
  if (reason !== undefined && !reasons.includes(undefined)) site.doubts.set(rule, reason);
}

/** Why the rule does not get the path; undefined: it does. */
function reasonAgainst(
  site: SitePlan,
  rule: SiteRule,
  path: string,
  exists: boolean,
  above: readonly SiteRule[],
): string | undefined {
  const earlier = site.claims.get(path)?.rule;
  if (earlier) return `it is never reached: line ${earlier.line} is for the same path.`;
  const parts = segmented(path);
  const over = above.find(({ from, forced }) => (forced || !exists) && matchPattern(from, parts));
  if (over) return `it is never reached: line ${over.line} matches first. Move it above that.`;
  return exists && !rule.forced
    ? "it has no effect: the site has a file there, which wins. Put a '!' behind the status."
    : undefined;
}

/** Forced rules with captures win over what the site has. */
function claimForced(site: SitePlan): void {
  const forced = site.wildcards.filter((rule) => rule.forced);
  if (forced.length === 0) return;
  for (const route of site.plan.routes) {
    const path = pathIn(site.prefix, route);
    if (path === undefined || site.claims.has(path)) continue;
    const parts = segmented(path);
    for (const rule of forced) {
      const captures = matchPattern(rule.from, parts);
      if (!captures) continue;
      const answer = answerOf(rule, captures, site.plan.routes, site.prefix);
      if (answer && !isSame(route, answer)) site.claims.set(path, { rule, answer });
      break;
    }
  }
}

function isSame(route: PlannedRoute, answer: RuleAnswer): boolean {
  if (route.kind !== 'file' || answer.kind !== 'file') return false;
  return answer.status === 200 && answer.file.index === route.file.index;
}

/** The path of a key; undefined where it is another site's. */
function pathIn(prefix: string, { key }: PlannedRoute): string | undefined {
  return key.startsWith(`${prefix}/`) ? key.slice(prefix.length) : undefined;
}

function withoutKeys({ files, routes }: Plan, ruled: readonly RuledRoute[]): RouteList {
  const taken = new Set(ruled.map(({ key }) => key));
  const left = new RouteList(files);
  let index = 0;
  for (const { key } of routes) {
    if (!taken.has(key)) left.add(routes.file(index), routes.form(index));
    index++;
  }
  return left;
}
