// redirects_file.ts: the file `_redirects` of a site: its rules in their order, and every line that
// is none. Pure.
import { readRedirect } from './redirect_line.ts';
import type { RedirectRule } from './redirect_line.ts';

export const REDIRECTS_FILE = '_redirects';
/** Two targets of the longest kind, and room for the rest. */
export const RULE_LINE_CHARACTERS_MAX = 20_000;

export interface RuleLine {
  /** The first line is 1. */
  readonly number: number;
  /** Trimmed; bytes that are not UTF-8 are U+FFFD. */
  readonly text: string;
}

/** Why a line is no rule: reason and remedy. */
export interface RuleFault {
  readonly line: number;
  readonly text: string;
}

export interface RedirectsFile {
  readonly rules: readonly RedirectRule[];
  readonly faults: readonly RuleFault[];
}

export function readRedirects(lines: readonly RuleLine[]): RedirectsFile {
  const rules: RedirectRule[] = [];
  const faults: RuleFault[] = [];
  for (const { number, text } of lines) {
    if (text === '' || text.startsWith('#')) continue;
    const rule = faultOfText(text) ?? readRedirect(number, text);
    if (typeof rule === 'string') faults.push({ line: number, text: `${rule}.` });
    else rules.push(rule);
  }
  return { rules, faults };
}

function faultOfText(text: string): string | undefined {
  if (text.length > RULE_LINE_CHARACTERS_MAX) {
    return `the line has ${text.length} characters; ${RULE_LINE_CHARACTERS_MAX} is the most`;
  }
  if (text.includes('\ufffd')) return 'there are bytes in it that are not UTF-8; save it as UTF-8';
  if (text.includes('\r')) return 'there is a CR inside it; let lines end with LF or CRLF';
  const control = /[\0-\x08\x0b-\x1f\x7f]/.exec(text)?.[0];
  if (control === undefined) return undefined;
  const code = control.charCodeAt(0).toString(16).padStart(2, '0');
  return `there is a control byte in it, 0x${code}; write the file as plain text`;
}
