// redirects_file.ts: the file `_redirects` of a site: its rules in their order, and every line that
// is none. Pure.
import type { Problem } from './problem.ts';
import { readRedirect } from './redirect_line.ts';
import type { RedirectRule } from './redirect_line.ts';
import { faultOfLine } from './rule_file.ts';
import type { Line } from './rule_file.ts';

export const REDIRECTS_FILE = '_redirects';
/** Two targets of the longest kind, and room for the rest. */
export const RULE_LINE_CHARACTERS_MAX = 20_000;

export interface RedirectsFile {
  readonly rules: readonly RedirectRule[];
  readonly problems: readonly Problem[];
}

export function readRedirects(lines: readonly Line[]): RedirectsFile {
  const rules: RedirectRule[] = [];
  const problems: Problem[] = [];
  for (const { number, text } of lines) {
    if (text === '' || text.startsWith('#')) continue;
    const rule = faultOfText(text) ?? readRedirect(number, text);
    if (typeof rule === 'string') problems.push({ line: number, text: `${rule}.` });
    else rules.push(rule);
  }
  return { rules, problems };
}

function faultOfText(text: string): string | undefined {
  if (text.length > RULE_LINE_CHARACTERS_MAX) {
    return `the line has ${text.length} characters; ${RULE_LINE_CHARACTERS_MAX} is the most`;
  }
  const fault = faultOfLine(text)?.replace(/\.$/, '');
  if (fault !== undefined) return fault;
  const control = /[\0-\x08\x0b-\x1f\x7f]/.exec(text)?.[0];
  if (control === undefined) return undefined;
  const code = control.charCodeAt(0).toString(16).padStart(2, '0');
  return `there is a control byte in it, 0x${code}; write the file as plain text`;
}
