// redirect_pattern.ts: the paths that a rule of `_redirects` is for. Pure.
//
// The server matches the same way, over bytes: src/hot/wildcards.ts.
import { KEY_BYTES_MAX, RULE_CAPTURES_MAX, RULE_SEGMENTS_MAX } from '../../src/format/layout.ts';
import { hasSoundEscapes, unescaped } from './escapes.ts';

export interface Pattern {
  /** Decoded; undefined is any one segment, which is captured. */
  readonly segments: readonly (string | undefined)[];
  /** Any rest follows, of any depth, also none; it is captured last. */
  readonly splat: boolean;
  /** Of the captures in their order. */
  readonly names: readonly string[];
}

export const SPLAT = 'splat';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The pattern of a path as it stands in a rule, or what is wrong with it in words. */
export function readPattern(path: string): Pattern | string {
  const parts = path.slice(1).split('/');
  // With and without a slash at its end it means the same.
  if (parts.at(-1) === '') parts.pop();
  const splat = parts.at(-1) === '*';
  if (splat) parts.pop();
  const segments: (string | undefined)[] = [];
  const names: string[] = [];
  for (const part of parts) {
    const capture = part.startsWith(':');
    const fault = capture ? faultOfName(part.slice(1), names) : faultOfText(part);
    if (fault !== undefined) return fault;
    segments.push(capture ? undefined : unescaped(part));
    if (capture) names.push(part.slice(1));
  }
  if (splat) {
    if (names.includes(SPLAT)) return `:${SPLAT} is what '*' is called; give it another name`;
    names.push(SPLAT);
  }
  return faultOfSize(path, segments.length, names.length) ?? { segments, splat, names };
}

function faultOfName(name: string, names: readonly string[]): string | undefined {
  if (!NAME.test(name)) {
    return `':${name}' is no placeholder: a colon and a name; a colon itself is written %3A`;
  }
  return names.includes(name) ? `':${name}' stands there twice` : undefined;
}

function faultOfText(text: string): string | undefined {
  if (text === '') return "'//': a path with an empty segment is always 404";
  if (text.includes('*')) return "'*' can only be the whole last segment; itself it is written %2A";
  if (!hasSoundEscapes(text)) return `'${text}' has a '%' that is no escape; itself it is %25`;
  const decoded = unescaped(text);
  if (decoded === undefined) return `'${text}' is not UTF-8 when its escapes are decoded`;
  if (decoded === '.' || decoded === '..') return `'${decoded}' is taken out of every request path`;
  return /[\0/\\]/.test(decoded)
    ? `'${text}': no path has NUL, '/' or '\\' in a segment`
    : undefined;
}

function faultOfSize(path: string, segments: number, captures: number): string | undefined {
  if (path.length > KEY_BYTES_MAX) return `a path of ${path.length}; ${KEY_BYTES_MAX} is the most`;
  if (segments > RULE_SEGMENTS_MAX) return `${segments} segments; ${RULE_SEGMENTS_MAX} is the most`;
  return captures > RULE_CAPTURES_MAX
    ? `${captures} captures; ${RULE_CAPTURES_MAX} is the most`
    : undefined;
}

/** Whether the rule is for one path alone, with and without a slash at its end. */
export function isStatic({ splat, names }: Pattern): boolean {
  return !splat && names.length === 0;
}

/** What a key is taken apart into, once for all patterns. */
export interface Segmented {
  /** After its first slash. */
  readonly rest: string;
  readonly segments: readonly string[];
  /** Where in `rest` each begins. */
  readonly starts: readonly number[];
}

export function segmented(key: string): Segmented {
  const rest = key.slice(1);
  const parts = rest.split('/');
  if (parts.at(-1) === '') parts.pop();
  let at = 0;
  const starts = parts.map((part) => {
    const start = at;
    at += part.length + 1;
    return start;
  });
  return { rest, segments: parts, starts };
}

/** Captures in the order of their names, or undefined where the path does not match. */
export function matchPattern(
  { segments, splat }: Pattern,
  path: Segmented,
): readonly string[] | undefined {
  const count = path.segments.length;
  if (splat ? count < segments.length : count !== segments.length) return undefined;
  for (const [index, segment] of segments.entries()) {
    if (segment !== undefined && segment !== path.segments[index]) return undefined;
  }
  const captures = path.segments.filter((_, index) => {
    return index < segments.length && segments[index] === undefined;
  });
  if (!splat) return captures;
  const start = path.starts[segments.length];
  return [...captures, start === undefined ? '' : path.rest.slice(start)];
}
