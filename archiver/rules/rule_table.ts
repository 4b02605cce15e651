// rule_table.ts: the rules of a site that have captures, as its archive has them. Pure.
import {
  PIECE_KIND_CAPTURE,
  PIECE_KIND_PARAMETER,
  PIECE_KIND_QUERY,
  PIECE_KIND_TEXT,
  RULES_MAX,
  RULE_KIND_LOCATION,
  RULE_KIND_LOOKUP,
  RULE_KIND_ROUTE,
  RULE_TEXT_BYTES_MAX,
} from '../../src/format/layout.ts';
import type { RulePiece } from '../../src/format/rules.ts';
import { keyPrefix } from '../target.ts';
import { decodedPath } from './destination.ts';
import type { Destination, Piece } from './destination.ts';
import { NO_FILE, answerOf, isFixed } from './redirect_answers.ts';
import type { RuleAnswer } from './redirect_answers.ts';
import type { Pattern } from './redirect_pattern.ts';
import type { SitePlan } from './redirects_plan.ts';
import type { SiteRule } from './site_redirects.ts';

export interface TableRule {
  readonly rule: SiteRule;
  /** RULE_KIND_* */
  readonly kind: number;
  readonly pieces: readonly RulePiece[];
  /** A redirect whose Location is made has an empty one; undefined: a path is looked up. */
  readonly answer: RuleAnswer | undefined;
}

export interface RuleTable {
  readonly host: string;
  readonly rules: readonly TableRule[];
}

/** The folder that all its paths are in, as a key; its answers have the headers of that. */
export function folderOf(host: string, { rule }: TableRule): string {
  const { segments } = rule.from;
  const open = segments.indexOf(undefined);
  const fixed = open < 0 ? segments : segments.slice(0, open);
  return keyPrefix(host) + ['', ...fixed, ''].join('/');
}

/** Says in `site` what no rule is made of. */
export function tableOf(site: SitePlan, host: string): RuleTable {
  const rules: TableRule[] = [];
  for (const rule of site.wildcards) {
    const over = rules.find((earlier) => covers(earlier.rule.from, rule.from));
    if (over) {
      const text = `it is never reached: line ${over.rule.line} matches first. Move it above that.`;
      if (!rule.forced) site.doubts.set(rule, text);
      continue;
    }
    const made = makeRule(site, rule);
    const full = rules.length === RULES_MAX ? TOO_MANY : undefined;
    const fault = typeof made === 'string' ? made : full;
    if (fault !== undefined) site.faults.set(rule, fault);
    else rules.push(made as TableRule);
  }
  return { host, rules };
}

const TOO_MANY = `more than ${RULES_MAX} rules have a '*' or a ':name'. Say it with fewer.`;

/** Whether every path of the second has matched the first. */
function covers(first: Pattern, second: Pattern): boolean {
  const { segments } = first;
  const longer = second.segments.length - segments.length;
  if (first.splat ? longer < 0 : longer !== 0 || second.splat) return false;
  return segments.every((text, index) => text === undefined || text === second.segments[index]);
}

function makeRule(site: SitePlan, rule: SiteRule): TableRule | string {
  const { to, status } = rule;
  if (isFixed(rule)) {
    const answer = answerOf(rule, [], site.plan.routes, site.prefix);
    return answer ? { rule, kind: RULE_KIND_ROUTE, pieces: [], answer } : NO_FILE;
  }
  const isLookup = status === 200;
  const pieces = isLookup ? piecesOf(decodedPath(to)!, PIECE_KIND_CAPTURE) : locationPieces(to);
  const bytes = pieces.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes > RULE_TEXT_BYTES_MAX) {
    return `its destination has ${bytes} bytes of text. ${RULE_TEXT_BYTES_MAX} is the most.`;
  }
  if (isLookup) return { rule, kind: RULE_KIND_LOOKUP, pieces, answer: undefined };
  const open = { kind: 'redirect', status, before: '', after: '', ownQuery: false } as const;
  return { rule, kind: RULE_KIND_LOCATION, pieces, answer: open as RuleAnswer };
}

function locationPieces({ origin, path, query, fragment }: Destination): readonly RulePiece[] {
  const start: readonly RulePiece[] = piecesOf(path, PIECE_KIND_CAPTURE);
  const own: readonly RulePiece[] =
    query === undefined
      ? [{ kind: PIECE_KIND_QUERY, capture: 0, text: '' }]
      : piecesOf(['?', ...query], PIECE_KIND_PARAMETER);
  const end = fragment === undefined ? [] : piecesOf(['#', ...fragment], PIECE_KIND_PARAMETER);
  // The path begins with a slash, and a host ends there.
  const [first, ...rest] = start;
  return [{ ...first!, text: origin + first!.text }, ...rest, ...own, ...end];
}

function piecesOf(pieces: readonly Piece[], captureKind: number): RulePiece[] {
  return pieces.map((piece) =>
    typeof piece === 'number'
      ? { kind: captureKind, capture: piece, text: '' }
      : { kind: PIECE_KIND_TEXT, capture: 0, text: piece },
  );
}
