// plan_rules.ts: plans rules against a list of paths, for tests.
import { FileList } from '../../../archiver/file_list.ts';
import { planSites } from '../../../archiver/plan.ts';
import type { HtmlUrls, Plan } from '../../../archiver/plan.ts';
import { readRedirects } from '../../../archiver/rules/redirects_file.ts';
import { planRedirects } from '../../../archiver/rules/redirects_plan.ts';
import type { PlannedRedirects } from '../../../archiver/rules/redirects_plan.ts';
import type { SiteRule } from '../../../archiver/rules/site_redirects.ts';
import { readLines } from '../../../archiver/rules/rule_file.ts';
import { siteOf } from '../fixture.ts';

/** The plan of a site with these paths, without rules. */
export function planPaths(paths: readonly string[], style: HtmlUrls = 'both', host = ''): Plan {
  const files = new FileList();
  const site = siteOf('root', host);
  for (const path of [...paths].sort()) files.add({ site, path, bytes: 1, modifiedMs: 0 });
  return planSites([site], files, style);
}

export function rulesOf(text: string, host = ''): SiteRule[] {
  const { rules, problems } = readRedirects(readLines(Buffer.from(text)));
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.text).join());
  return rules.map((rule) => ({ ...rule, site: siteOf('root', host) }));
}

export function planRules(
  paths: readonly string[],
  text: string,
  { style = 'both', host = '' }: { readonly style?: HtmlUrls; readonly host?: string } = {},
): PlannedRedirects {
  const rules = new Map([[host, rulesOf(text, host)]]);
  return planRedirects(planPaths(paths, style, host), { rules, problems: [] });
}

/** Each key of a rule, and where it leads. */
export function ruledKeys({ plan }: PlannedRedirects): string[] {
  return plan.redirects.routes.map(({ key, answer }) => {
    const to = answer.kind === 'file' ? answer.file.path : answer.before + answer.after;
    return `${key} ${answer.status} ${to}`;
  });
}

/** Line and text of what is told, a doubt with a question mark. */
export function told({ problems }: PlannedRedirects): string[] {
  return problems.map(({ line, text, mild }) => `${line}${mild ? '?' : '!'} ${text}`);
}
