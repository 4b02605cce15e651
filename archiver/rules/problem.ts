// problem.ts: lines of `_headers` and `_redirects` that cannot be honoured, and what becomes of
// them.
import { join } from 'node:path';
import { EXIT, Failure } from '../../src/errors.ts';
import { nameIn } from '../site.ts';
import type { Site, Warning } from '../site.ts';
import { count, plural, printable } from '../text.ts';

/** What is wrong with one line. */
export interface Problem {
  /** The first line is 1. */
  readonly line: number;
  /** Whole sentences: the reason, then the remedy. */
  readonly text: string;
  /** It is honoured, but perhaps not as its writer thinks: a warning in any case. */
  readonly mild?: boolean;
}

/** A problem of one of the rule files of a site. */
export interface FileProblem extends Problem {
  readonly site: Site;
  /** `_headers` or `_redirects` */
  readonly file: string;
}

/** Of a file with more, the first ones are enough to see what is wrong with it. */
export const PROBLEMS_SHOWN_MAX = 100;
const EXCERPT_UNITS_MAX = 60;

/** A part of a line as it may stand in a message. */
export function excerpt(text: string): string {
  if (text.length <= EXCERPT_UNITS_MAX) return `'${printable(text)}'`;
  // A pair of surrogates that is cut shows as an escape.
  return `'${printable(text.slice(0, EXCERPT_UNITS_MAX))}…'`;
}

/**
 * Gives what is to be warned of. Throws a Failure that shows all that cannot be honoured, unless
 * such lines may be left out.
 */
export function judgeProblems(problems: readonly FileProblem[], lenient: boolean): Warning[] {
  const grave = problems.filter(({ mild }) => mild !== true);
  if (grave.length > 0 && !lenient) throw problemFailure(grave);
  return problems.map(({ site, file, line, text, mild }) => ({
    path: nameIn(site, file),
    line,
    text: mild ? text : `left out: ${text}`,
  }));
}

function problemFailure(problems: readonly FileProblem[]): Failure {
  const lines = problems
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map(
      ({ site, file, line, text }) => `\n  ${printable(join(site.root, file))}:${line}: ${text}`,
    );
  const rest = problems.length - lines.length;
  const more = rest > 0 ? `\n  and ${count(rest)} more` : '';
  const text =
    `${plural(problems.length, 'line')} of the site's rules cannot be honoured:` +
    `${lines.join('')}${more}\n` +
    `Correct what is wrong, or leave such lines out with --rules-lenient.`;
  return new Failure(EXIT.failure, text);
}
