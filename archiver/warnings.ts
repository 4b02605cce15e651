// warnings.ts: warnings as lines for people: of many of one kind the first few, and how many more.
import type { Warning } from './site.ts';
import { count, printable } from './text.ts';

/** Lines of one kind: thousands would hide all others. */
const SHOWN_MAX = 20;

/** In the order given; what is left out stands at the end. */
export function warningLines(warnings: readonly Warning[]): string {
  const seen = new Map<string, number>();
  const lines: string[] = [];
  for (const warning of warnings) {
    const kind = kindOf(warning);
    const number = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, number);
    if (number <= SHOWN_MAX) lines.push(warningLine(warning));
  }
  for (const [kind, number] of seen) {
    if (number <= SHOWN_MAX) continue;
    const more = count(number - SHOWN_MAX);
    lines.push(`cdbpack: warning: ${more} more like these (--json has all): ${kind}\n`);
  }
  return lines.join('');
}

export function warningLine({ path, line, text }: Warning): string {
  const place = line === undefined ? printable(path) : `${printable(path)}:${line}`;
  return `cdbpack: warning: ${place}: ${text}\n`;
}

/** What a rule file says wrong is told in many words, and is of that file. */
function kindOf({ path, line, text }: Warning): string {
  return line === undefined ? text : printable(path);
}

/** What an operator may want to know, and nothing is amiss in the archive. */
export function noteLine(text: string): string {
  return `cdbpack: note: ${printable(text)}\n`;
}
