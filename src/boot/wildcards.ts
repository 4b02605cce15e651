// wildcards.ts: whether a table of rules is one that the hot loop can follow without a check.
//
// Functions give what is wrong in words, or undefined.
import {
  PIECE_KIND_CAPTURE,
  PIECE_KIND_PARAMETER,
  PIECE_KIND_QUERY,
  PIECE_KIND_TEXT,
  ROUTE_FLAGS,
  ROUTE_FLAG_REDIRECT,
  RULE_CAPTURES_MAX,
  RULE_KIND_LOCATION,
  RULE_KIND_LOOKUP,
  RULE_KIND_ROUTE,
  RULE_SEGMENTS_MAX,
  RULE_TEXT_BYTES_MAX,
} from '../format/layout.ts';
import { decodeRules } from '../format/rules.ts';
import type { Rule, RulePiece } from '../format/rules.ts';
import { OPEN_LOCATION, checkRoute } from './routes.ts';
import type { Archive } from './routes.ts';

export interface FoundRules {
  readonly rules: number;
  /** Of their routes, bits by CODING_*. */
  readonly codings: number;
}

/** What may stand in a URL, RFC 3986 section 2; '\' may not. */
const URL_TEXT = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/;
const OWN_PATH = /^\/(?!\/)/;
const ABSOLUTE = /^https?:\/\/[A-Za-z0-9[\]:._-]+\//;

export function checkRules(archive: Archive, value: Uint8Array): FoundRules | string {
  const rules = decodeRules(value);
  if (typeof rules === 'string') return rules;
  let codings = 0;
  for (const [index, rule] of rules.entries()) {
    const found = faultOfPattern(rule) ?? checkAnswer(archive, rule);
    if (typeof found === 'string') return `rule ${index + 1}: ${found}`;
    codings |= found;
  }
  return { rules: rules.length, codings };
}

function faultOfPattern({ segments }: Rule): string | undefined {
  if (segments.length > RULE_SEGMENTS_MAX) return `${segments.length} segments`;
  const unclean = segments.some((text) => /[\0/\\]|^\.{1,2}$/.test(text));
  return unclean ? 'a segment that no path has' : undefined;
}

/** Gives the codings of the rule's route. */
function checkAnswer(archive: Archive, rule: Rule): number | string {
  const captures = rule.segments.filter((text) => text === '').length + (rule.splat ? 1 : 0);
  if (captures > RULE_CAPTURES_MAX) return `${captures} captures`;
  switch (rule.kind) {
    case RULE_KIND_ROUTE:
      if (rule.pieces.length > 0) return 'pieces that nothing is made of';
      return checkRoute(archive, rule.route, 'rule');
    case RULE_KIND_LOCATION:
      return faultOfLocation(rule.pieces, captures) ?? checkOpen(archive, rule.route);
    case RULE_KIND_LOOKUP:
      return faultOfPath(rule, captures) ?? 0;
  }
  return `unknown kind ${rule.kind}`;
}

function checkOpen(archive: Archive, route: Uint8Array): number | string {
  const codings = checkRoute(archive, route, 'rule', OPEN_LOCATION);
  if (typeof codings === 'string') return codings;
  return (route[ROUTE_FLAGS]! & ROUTE_FLAG_REDIRECT) === 0 ? 'no redirect' : codings;
}

function faultOfLocation(pieces: readonly RulePiece[], captures: number): string | undefined {
  const [first] = pieces;
  if (!first || first.kind !== PIECE_KIND_TEXT) return 'a Location that begins with no text';
  const own = OWN_PATH.test(first.text);
  if (!own && !ABSOLUTE.test(first.text)) return 'a Location that begins with no path and no host';
  const queries = pieces.filter(({ kind }) => kind === PIECE_KIND_QUERY).length;
  if (queries > 1) return 'a Location with two queries';
  const texts = pieces.filter(({ kind }) => kind === PIECE_KIND_TEXT);
  if (!texts.every(({ text }) => URL_TEXT.test(text))) return 'a Location with odd characters';
  if (own && hasEmptySegment(pieces)) return 'a Location with an empty segment';
  return faultOfPieces(pieces, captures, PIECE_KIND_QUERY);
}

/** Before the query: `//` there could come to stand at the beginning. */
function hasEmptySegment(pieces: readonly RulePiece[]): boolean {
  const end = pieces.findIndex(({ kind, text }) => kind === PIECE_KIND_QUERY || /[?#]/.test(text));
  const path = end < 0 ? pieces : pieces.slice(0, end + 1);
  return path.some(({ text }) => text.replace(/[?#].*/, '').includes('//'));
}

function faultOfPath({ pieces, route }: Rule, captures: number): string | undefined {
  if (route.length > 0) return 'a route beside a path to look up';
  const [first] = pieces;
  if (!first || first.kind !== PIECE_KIND_TEXT || !OWN_PATH.test(first.text)) {
    return 'a path that begins with no slash';
  }
  return faultOfPieces(pieces, captures, PIECE_KIND_CAPTURE);
}

function faultOfPieces(
  pieces: readonly RulePiece[],
  captures: number,
  kindMax: number,
): string | undefined {
  let bytes = 0;
  for (const { kind, capture, text } of pieces) {
    if (kind > kindMax) return `unknown kind of piece ${kind}`;
    const captured = kind === PIECE_KIND_CAPTURE || kind === PIECE_KIND_PARAMETER;
    if (captured ? capture >= captures : capture !== 0) return `no capture ${capture}`;
    if ((kind === PIECE_KIND_TEXT) !== (text !== '')) return 'a piece with text and a use for none';
    bytes += Buffer.byteLength(text);
  }
  return bytes > RULE_TEXT_BYTES_MAX ? `${bytes} bytes of text` : undefined;
}
