// unused_rules.ts: rules of `_headers` that have a part in no answer of the site: mostly a path
// that was misspelt, or moved.
import type { Plan } from '../plan.ts';
import { keyPrefix } from '../target.ts';
import { HEADERS_FILE } from './headers_file.ts';
import { coversFolder, foldPath, matches } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import type { FileProblem } from './problem.ts';
import { folderOf } from './rule_table.ts';
import type { SiteHeaders } from './site_headers.ts';

/** Whether an answer has the headers of a pattern. */
type Answer = (pattern: Pattern) => boolean;

const TEXT = 'no path of the site matches: the rule does nothing.';

/** In the order of the lines, site by site. */
export function unusedRules(plan: Plan, files: readonly SiteHeaders[]): FileProblem[] {
  return files.flatMap(({ site, rules }) => {
    const left = new Set(rules);
    for (const isMeant of left.size > 0 ? answers(plan, keyPrefix(site.host)) : []) {
      for (const rule of left) if (isMeant(rule.pattern)) left.delete(rule);
      if (left.size === 0) break;
    }
    return [...left].map(({ line }) => ({
      site,
      file: HEADERS_FILE,
      line,
      text: TEXT,
      mild: true,
    }));
  });
}

/** Of the site whose keys begin so. */
function* answers(plan: Plan, prefix: string): Generator<Answer> {
  const { redirects } = plan;
  for (const keys of [plan.routes, redirects.routes]) {
    for (const { key } of keys) {
      const path = pathBehind(prefix, key);
      if (path !== undefined) yield (pattern) => matches(pattern, foldPath(path));
    }
  }
  for (const folder of folders(plan)) {
    const path = pathBehind(prefix, folder);
    if (path !== undefined) yield (pattern) => coversFolder(pattern, foldPath(path));
  }
}

/** Of pages and rules that answer for whatever is below one. */
function* folders({ fallbacks, rewrites, redirects }: Plan): Generator<string> {
  for (const { folder } of [...fallbacks, ...rewrites]) yield folder;
  for (const { host, rules } of redirects.tables) {
    for (const rule of rules) if (rule.answer) yield folderOf(host, rule);
  }
}

/** Undefined: the key is of another site. */
function pathBehind(prefix: string, key: string): string | undefined {
  return key.startsWith(`${prefix}/`) ? key.slice(prefix.length) : undefined;
}
