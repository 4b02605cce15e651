// site_headers.ts: reads the `_headers` of a site.
import type { Site } from '../site.ts';
import { HEADERS_FILE, readHeaders } from './headers_file.ts';
import type { HeaderRule } from './headers_file.ts';
import type { FileProblem } from './problem.ts';
import { readRuleFile } from './rule_file.ts';

export interface SiteHeaders {
  readonly site: Site;
  readonly rules: readonly HeaderRule[];
  readonly problems: readonly FileProblem[];
}

/** Throws a Failure where there is a file that cannot be read. */
export function readSiteHeaders(site: Site): SiteHeaders {
  const { rules, problems } = readHeaders(readRuleFile(site, HEADERS_FILE));
  const of = { site, file: HEADERS_FILE };
  return { site, rules, problems: problems.map((problem) => ({ ...problem, ...of })) };
}
