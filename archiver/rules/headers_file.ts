// headers_file.ts: reads `_headers`: Netlify's dialect, and `! Name` of Cloudflare Pages, which
// removes a header. docs/site-rules.md is its description.
//
// Pure. Every line is a rule, part of one, a comment, empty, or a problem.
import { faultOfName, faultOfRemoval, faultOfValue } from './field.ts';
import { readPattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import { excerpt } from './problem.ts';
import type { Problem } from './problem.ts';
import { faultOfLine } from './rule_file.ts';
import type { Line } from './rule_file.ts';

export const HEADERS_FILE = '_headers';

/** What a rule does to one header. */
export interface Edit {
  /** As it is first written. */
  readonly name: string;
  /** Joined with commas, but for Set-Cookie; none: the header is removed. */
  readonly values: readonly string[];
  /** The last line that has a part in it. */
  readonly line: number;
}

export interface HeaderRule {
  readonly line: number;
  readonly pattern: Pattern;
  /** By name in small letters. */
  readonly edits: ReadonlyMap<string, Edit>;
}

export interface HeadersFile {
  readonly rules: readonly HeaderRule[];
  readonly problems: readonly Problem[];
}

interface OpenRule {
  readonly line: number;
  /** Undefined: the path is a problem, and its lines go with it. */
  readonly pattern: Pattern | undefined;
  readonly edits: Map<string, { name: string; values: string[]; line: number }>;
  /** What a value could ask for on Cloudflare Pages: the names of the path, and `splat`. */
  readonly captures: readonly string[];
  /** It has a line of its own, be it a problem. */
  used: boolean;
}

interface Reading {
  readonly rules: OpenRule[];
  readonly problems: Problem[];
}

const ABSOLUTE = /^https?:\/\//i;

export function readHeaders(lines: readonly Line[]): HeadersFile {
  const reading: Reading = { rules: [], problems: [] };
  for (const line of lines) {
    if (line.text !== '' && !line.text.startsWith('#')) readLine(reading, line);
  }
  const { rules, problems } = reading;
  for (const { line, used } of rules) {
    if (!used) {
      const text = 'no header stands below this path: the rule does nothing.';
      problems.push({ line, text, mild: true });
    }
  }
  problems.sort((left, right) => left.line - right.line);
  return { rules: rules.filter(isWhole), problems };
}

function isWhole(rule: OpenRule): rule is OpenRule & { readonly pattern: Pattern } {
  return rule.pattern !== undefined && rule.edits.size > 0;
}

function readLine(reading: Reading, line: Line): void {
  const { text } = line;
  const fault = faultOfLine(text);
  if (text.startsWith('/') || ABSOLUTE.test(text)) {
    openRule(reading, line, fault);
    return;
  }
  const rule = reading.rules.at(-1);
  if (rule) rule.used = true;
  if (fault !== undefined) addProblem(reading, line, fault);
  else if (text.startsWith('!')) readRemoval(reading, line);
  else readField(reading, line);
}

function openRule(reading: Reading, line: Line, fault: string | undefined): void {
  const pattern = fault ?? readPath(line.text);
  const sound = typeof pattern === 'string' ? undefined : pattern;
  // What is wrong with the path is told; that it has no headers then does not matter.
  const used = sound === undefined;
  const captures = capturesOf(line.text);
  reading.rules.push({ line: line.number, pattern: sound, edits: new Map(), captures, used });
  if (typeof pattern === 'string') addProblem(reading, line, pattern);
}

function capturesOf(path: string): string[] {
  const names = [...path.matchAll(/\/:([A-Za-z][A-Za-z0-9_]*)/g)].map(([, name]) => name!);
  return path.includes('*') ? [...names, 'splat'] : names;
}

function readPath(text: string): Pattern | string {
  if (ABSOLUTE.test(text)) {
    return 'a rule has a path alone. Write the path; a site of --host has a _headers of its own.';
  }
  return readPattern(text);
}

function readRemoval(reading: Reading, line: Line): void {
  const name = line.text.slice(1).trim();
  const fault = name.includes(':')
    ? 'a removal has no value. Write ! and the name of the header alone.'
    : (faultOfName(name) ?? faultOfRemoval(name));
  addEdit(reading, line, { name, value: undefined, fault });
}

function readField(reading: Reading, line: Line): void {
  const colon = line.text.indexOf(':');
  if (colon < 0) {
    addProblem(reading, line, 'it is neither a path, which begins with /, nor Name: value.');
    return;
  }
  const name = line.text.slice(0, colon).trim();
  const value = line.text.slice(colon + 1).trim();
  addEdit(reading, line, { name, value, fault: faultOfName(name) ?? faultOfValue(name, value) });
}

interface Wish {
  readonly name: string;
  /** Undefined: the header is to be removed. */
  readonly value: string | undefined;
  readonly fault: string | undefined;
}

function addEdit(reading: Reading, line: Line, { name, value, fault }: Wish): void {
  const rule = reading.rules.at(-1);
  const lower = name.toLowerCase();
  const before = rule?.edits.get(lower);
  const wrong = fault ?? faultOfPlace(rule, lower, before, value);
  if (wrong !== undefined) {
    addProblem(reading, line, wrong);
    return;
  }
  warnOfCaptures(reading, line, rule!, value);
  if (before && value !== undefined) {
    before.values.push(value);
    before.line = line.number;
  } else {
    const values = value === undefined ? [] : [value];
    rule!.edits.set(lower, { name, values, line: line.number });
  }
}

function warnOfCaptures(reading: Reading, line: Line, rule: OpenRule, value = ''): void {
  const asked = [...value.matchAll(/:([A-Za-z][A-Za-z0-9_]*)/g)].map(([, name]) => name!);
  const name = asked.find((candidate) => rule.captures.includes(candidate));
  if (name === undefined) return;
  const text = `Cloudflare Pages puts what the path has for :${name}; here it is sent as it is.`;
  reading.problems.push({ line: line.number, text, mild: true });
}

function faultOfPlace(
  rule: OpenRule | undefined,
  lower: string,
  before: Edit | undefined,
  value: string | undefined,
): string | undefined {
  if (!rule) return 'no path stands above it. Write the path whose header it is, /* for all.';
  if (!rule.pattern) return `it belongs to the path in line ${rule.line}, which is not understood.`;
  const twice = lower === 'content-type' && value !== undefined && before?.values.length === 1;
  return twice ? 'an answer has one Content-Type, and the rule has one already.' : undefined;
}

function addProblem({ problems }: Reading, { number, text }: Line, fault: string): void {
  problems.push({ line: number, text: `${excerpt(text)}: ${fault}` });
}
