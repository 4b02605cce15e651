// headers.ts: `_headers` read by our parser and by Netlify's, in one form.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllHeaders } from '@netlify/headers-parser';
import type { Header } from '@netlify/headers-parser';
import { HeaderRules } from '../../archiver/rules/header_rules.ts';
import { HEADERS_FILE, readHeaders } from '../../archiver/rules/headers_file.ts';
import { readLines } from '../../archiver/rules/rule_file.ts';
import { packageRoot } from '../../src/paths.ts';
import { temporaryFolder } from '../support/site.ts';

export interface Row {
  readonly file: string;
  readonly path: string;
  readonly netlify: string;
  readonly ours: string;
}

/** One rule of Netlify's with its expression, which a test may mend. */
export interface NetlifyRule {
  readonly pattern: string;
  readonly expression: RegExp;
  readonly values: Readonly<Record<string, string>>;
}

const folder = temporaryFolder();

export function readRows(): Row[] {
  const page = readFileSync(join(packageRoot, 'test', 'differential', 'headers.md'), 'utf8');
  return [...page.matchAll(/^\| `(.*?)` \| `(.*?)` \| `(.*?)` \| `(.*?)` \| (?!---)/gm)].map(
    ([, file, path, netlify, ours]) => ({
      file: file!.replaceAll('\\n', '\n'),
      path: path!,
      netlify: netlify!,
      ours: ours!,
    }),
  );
}

export async function netlifyRules(text: string): Promise<NetlifyRule[] | 'error'> {
  const path = join(folder, HEADERS_FILE);
  writeFileSync(path, text);
  const options = { headersFiles: [path], configHeaders: [], minimal: false };
  const { headers, errors } = await parseAllHeaders(options);
  if (errors.length > 0) return 'error';
  return (headers as readonly Header[]).map((header) => ({
    pattern: header.for,
    expression: header.forRegExp,
    values: header.values as Readonly<Record<string, string>>,
  }));
}

export async function readNetlify(text: string, path: string): Promise<string> {
  const rules = await netlifyRules(text);
  return rules === 'error' ? rules : applied(rules, path);
}

/** The headers of a path as `name=value`, the later rule wins. */
export function applied(rules: readonly NetlifyRule[], path: string): string {
  const all = new Map<string, string>();
  for (const { expression, values } of rules) {
    if (!expression.test(path)) continue;
    for (const [name, value] of Object.entries(values)) all.set(name.toLowerCase(), value);
  }
  return shown([...all]);
}

export function readOurs(text: string, path: string): string {
  const file = readHeaders(readLines(Buffer.from(text)));
  if (file.problems.some(({ mild }) => mild !== true)) return 'error';
  return file.problems.length > 0 ? 'warning' : ourHeaders(text, path);
}

/** Without regard to problems. */
export function ourHeaders(text: string, path: string): string {
  const { rules } = readHeaders(readLines(Buffer.from(text)));
  const site = { host: '', root: '' };
  const edits = [...new HeaderRules([{ site, rules, problems: [] }]).forKey(path)];
  return shown(
    edits
      .filter(([, { values }]) => values.length > 0)
      .flatMap(([name, { values }]) =>
        name === 'set-cookie'
          ? values.map((value) => [name, value] as const)
          : [[name, values.join(', ')] as const],
      ),
  );
}

function shown(headers: readonly (readonly [name: string, value: string])[]): string {
  const cookies = headers.filter(([name]) => name === 'set-cookie').length > 1 ? '; ' : ' ';
  return headers.map(([name, value]) => `${name}=${value}`).join(cookies) || 'none';
}
