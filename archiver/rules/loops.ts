// loops.ts: rules that lead round and round, found by following each of them when packing. Pure.
import { unescaped } from './escapes.ts';
import { locationOf } from './destination.ts';
import { findRoute } from './redirect_answers.ts';
import type { RuleAnswer } from './redirect_answers.ts';
import { matchPattern, segmented } from './redirect_pattern.ts';
import type { SitePlan } from './redirects_plan.ts';
import type { RuleTable } from './rule_table.ts';
import type { SiteRule } from './site_redirects.ts';

/** Browsers give up after twenty; a chain of so many is no help to anybody. */
const STEPS_MAX = 20;
/** A segment that no site has. */
const SAMPLE = 'cdbpack-sample';

/** Each with what is wrong, as whole sentences. */
export function loopsOf(site: SitePlan, table: RuleTable): Map<SiteRule, string> {
  const found = new Map<SiteRule, string>();
  const check = (rule: SiteRule, location: string | undefined) => {
    const last = location === undefined ? undefined : follow(site, table, location);
    if (last === undefined) return;
    found.set(rule, `it leads round in a loop, by way of ${last}. Give it another destination.`);
  };
  for (const { rule, answer } of site.claims.values()) {
    if (!found.has(rule) && answer.kind === 'redirect') check(rule, answer.before);
  }
  for (const { rule } of table.rules) check(rule, sampleLocation(rule));
  return found;
}

/** Where a path goes that the rule matches and no other one is likely to. */
function sampleLocation({ from, to, status }: SiteRule): string | undefined {
  if (status === 200 || status === 404) return undefined;
  return locationOf(
    to,
    from.names.map(() => SAMPLE),
  ).before;
}

/** The last path of a chain without an end; undefined: it ends. */
function follow(site: SitePlan, table: RuleTable, first: string): string | undefined {
  const seen = new Set<string>();
  let path = pathOf(site, first);
  for (let step = 0; path !== undefined; step++) {
    if (seen.has(path) || step === STEPS_MAX) return path;
    seen.add(path);
    const location = locationAt(site, table, path);
    path = location === undefined ? undefined : pathOf(site, location);
  }
  return undefined;
}

/** The path of this site that a Location leads to. */
function pathOf({ prefix }: SitePlan, location: string): string | undefined {
  const host = /^https?:\/\/([^/?#:]*)/.exec(location);
  if (host && (prefix === '' || `@${host[1]!.toLowerCase()}` !== prefix)) return undefined;
  const path = location.slice(host ? host[0].length : 0).replace(/^:\d*/, '');
  return unescaped(path.replace(/[?#].*/s, ''));
}

/** The Location of the answer at a path. */
function locationAt(site: SitePlan, table: RuleTable, path: string): string | undefined {
  const claim = site.claims.get(path);
  if (claim) return before(claim.answer);
  const route = findRoute(site.plan.routes, site.prefix + path);
  if (route) return route.kind === 'redirect' ? route.to : undefined;
  const parts = segmented(path);
  for (const { rule } of table.rules) {
    const captures = matchPattern(rule.from, parts);
    if (!captures) continue;
    const isRedirect = rule.status !== 200 && rule.status !== 404;
    return isRedirect ? locationOf(rule.to, captures).before : undefined;
  }
  return undefined;
}

function before(answer: RuleAnswer): string | undefined {
  return answer.kind === 'redirect' ? answer.before : undefined;
}
