// site_redirects.ts: reads the `_redirects` of all sites, and gives each site the rules for it.
import type { Site } from '../site.ts';
import type { FileProblem } from './problem.ts';
import type { RedirectRule } from './redirect_line.ts';
import { REDIRECTS_FILE, readRedirects } from './redirects_file.ts';
import { readRuleFile } from './rule_file.ts';

/** A rule, and the site whose file it stands in. */
export interface SiteRule extends RedirectRule {
  readonly site: Site;
}

export interface SiteRedirects {
  /** By host; '' is the default site. In the order in which they are tried. */
  readonly rules: ReadonlyMap<string, readonly SiteRule[]>;
  readonly problems: readonly FileProblem[];
}

/** Throws a Failure where there is a file that cannot be read. */
export function readSiteRedirects(sites: readonly Site[]): SiteRedirects {
  const files = sites.map((site) => ({
    site,
    ...readRedirects(readRuleFile(site, REDIRECTS_FILE)),
  }));
  const problems = files.flatMap(({ site, problems: found }) =>
    found.map((problem) => ({ ...problem, site, file: REDIRECTS_FILE })),
  );
  const all = files.flatMap(({ site, rules }) => rules.map((rule) => ({ ...rule, site })));
  return share(sites, all, problems);
}

/** The rules of a site's own file come before those that name its host elsewhere. */
function share(
  sites: readonly Site[],
  all: readonly SiteRule[],
  problems: FileProblem[],
): SiteRedirects {
  const own = new Map<string, SiteRule[]>(sites.map(({ host }) => [host, []]));
  const foreign: SiteRule[] = [];
  for (const rule of all) {
    const host = rule.host ?? rule.site.host;
    if (host === rule.site.host) own.get(host)!.push(rule);
    else if (own.has(host)) foreign.push(rule);
    else
      problems.push(problemOf(rule, `the archive has no site for ${host}. Name it with --host.`));
  }
  for (const rule of foreign) own.get(rule.host!)!.push(rule);
  return { rules: own, problems };
}

export function problemOf({ site, line }: SiteRule, text: string): FileProblem {
  return { site, file: REDIRECTS_FILE, line, text };
}
