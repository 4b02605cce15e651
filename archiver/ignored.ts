// ignored.ts: which names below a site's root are left out on purpose.
import ignore from 'ignore';

export interface IgnoreRules {
  /** Text of the site's .cdbpackignore, in the syntax of .gitignore. */
  readonly file: string;
  /** Patterns of --exclude, in the same syntax; they come after the file's. */
  readonly excludes: readonly string[];
  readonly includeHidden: boolean;
}

export const IGNORE_FILE = '.cdbpackignore';
/** Rules for the packer, at the root alone; never content. */
export const RULE_FILES: ReadonlySet<string> = new Set(['_headers', '_redirects']);
const WELL_KNOWN = '.well-known'; // RFC 8615 puts it at the root alone.

/** Whether a path below the root is a file that is read when packing and never packed. */
export function isRuleFile(path: string): boolean {
  return RULE_FILES.has(path) || path.slice(path.lastIndexOf('/') + 1) === IGNORE_FILE;
}

/** A test of paths relative to the root; a folder's path ends without a slash. */
export function makeIgnored(rules: IgnoreRules): (path: string, folder: boolean) => boolean {
  const matcher = ignore({ ignorecase: false, allowRelativePaths: true });
  matcher.add(rules.file).add([...rules.excludes]);
  return (path, folder) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!folder && isRuleFile(path)) return true;
    const hidden = name.startsWith('.') && path !== WELL_KNOWN;
    if (hidden && !rules.includeHidden) return true;
    return matcher.ignores(folder ? `${path}/` : path);
  };
}
