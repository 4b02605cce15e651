// negotiate.test.ts: which coding is sent, against a slow and plain reading of RFC 9110 12.5.3.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODING_BR, CODING_GZIP, CODING_IDENTITY, CODING_ZSTD } from '../../src/format/layout.ts';
import { FULL } from '../support/ledger.ts';
import { value } from '../support/reply.ts';
import { get, page, reply, serve } from './harness.ts';
import { counterexample } from './property.ts';

const NAMES = ['identity', 'gzip', 'br', 'zstd'];

/** Stored codings by path, the most preferred first. */
const STORED: Readonly<Record<string, readonly number[]>> = {
  '/all': [CODING_BR, CODING_ZSTD, CODING_GZIP, CODING_IDENTITY],
  '/odd': [CODING_GZIP, CODING_IDENTITY, CODING_BR],
  '/gzip': [CODING_GZIP, CODING_IDENTITY],
  '/plain': [CODING_IDENTITY],
};

serve(
  Object.fromEntries(
    Object.entries(STORED).map(([path, codings]) => {
      const variants = codings.map((coding) => ({ coding, body: NAMES[coding]!, etag: '"e"' }));
      return [path, { ...page(''), variants }];
    }),
  ),
);

/** Name of the coding sent, or the status. */
function ask(path: string, lines: readonly string[]): string | number {
  const answer = reply(get(path, ...lines.map((line) => `Accept-Encoding: ${line}`)));
  if (answer.status !== 200) return answer.status;
  const body = answer.body.toString();
  const coding = value(answer, 'content-encoding') ?? 'identity';
  return coding === body ? body : `${body} said to be ${coding}`;
}

function reference(path: string, lines: readonly string[]): string | number {
  const weights = new Map<string, number>();
  for (const member of lines.join(',').split(',')) {
    const form =
      /^[ \t]*([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*$/i;
    const [, token, weight] = form.exec(member) ?? [];
    if (token === undefined) continue;
    const name = token.toLowerCase() === 'x-gzip' ? 'gzip' : token.toLowerCase();
    if (!weights.has(name)) weights.set(name, weight === undefined ? 1 : Number(weight));
  }
  const rankOf = (name: string): number =>
    weights.get(name) ?? weights.get('*') ?? (name === 'identity' ? 0.0001 : 0);
  const names = STORED[path]!.map((coding) => NAMES[coding]!).filter((name) => rankOf(name) > 0);
  const best = Math.max(...names.map(rankOf));
  return names.find((name) => rankOf(name) === best) ?? 406;
}

test.each([
  ['/all', [], 'identity'],
  ['/all', [''], 'identity'],
  ['/all', ['gzip, deflate, br, zstd'], 'br'],
  ['/all', ['gzip, zstd'], 'zstd'],
  ['/odd', ['gzip, br'], 'gzip'],
  ['/odd', ['gzip;q=0.9, br'], 'br'],
  ['/odd', ['*'], 'gzip'],
  ['/odd', ['gzip;q=0, *'], 'identity'],
  ['/all', ['br;q=0.5, gzip;q=0.5'], 'br'],
  ['/all', ['identity, br;q=0.999'], 'identity'],
  ['/all', ['br;q=0.001'], 'br'],
  ['/all', ['br;q=0.001', 'identity'], 'identity'],
  ['/all', ['deflate'], 'identity'],
  ['/all', ['*;q=0, zstd;q=0.1'], 'zstd'],
  ['/all', ['identity;q=0'], 406],
  ['/all', ['*;q=0'], 406],
  ['/all', ['*;q=0, identity'], 'identity'],
  ['/plain', ['gzip, br'], 'identity'],
  ['/plain', ['gzip, identity;q=0'], 406],
])('%s for %j: %s', (path, lines, wanted) => {
  expect(ask(path, lines)).toBe(wanted);
  expect(reference(path, lines)).toBe(wanted);
});

const blank = fc.constantFrom('', '', '', ' ', '\t', ' \t ');
const weight = fc.constantFrom(
  ...[
    ['', '', '', ';q=1', ';q=0', ';q=0.5', ';q=0.25', ';q=0.001', ';q=1.000', ';Q=0.8', ';q=0.'],
    [';q=2', ';q=0.1234', ';q', ';', ';q=', ';a=b', '; q=0.7', ';q =1', ';q=.5', ' q=1', ';q=1.5'],
  ].flat(),
);
const token = fc.constantFrom(
  ...[
    ['gzip', 'GZIP', 'x-gzip', 'br', 'Br', 'zstd', 'identity', 'IDENTITY', '*', '*', 'deflate'],
    ['', '@', '"br"', 'gzip br'],
  ].flat(),
);
const member = fc.tuple(blank, token, blank, weight, blank).map((parts) => parts.join(''));
const line = fc.array(member, { maxLength: 6 }).map((members) => members.join(','));

test('any header gets what the plain implementation gives', () => {
  const paths = fc.constantFrom(...Object.keys(STORED));
  const asked = fc.tuple(paths, fc.array(line, { maxLength: 3 }));
  const agrees = ([path, lines]: [string, string[]]): boolean =>
    ask(path, lines) === reference(path, lines);
  expect(counterexample(asked, FULL ? 300_000 : 5_000, agrees)).toBeUndefined();
});

test('Vary stands on answers of what has several codings, and on every 406', () => {
  const vary = (path: string, ...lines: string[]): string | undefined =>
    value(reply(get(path, ...lines)), 'vary');
  expect(vary('/all')).toBe('Accept-Encoding');
  expect(vary('/all', 'If-None-Match: "e"')).toBe('Accept-Encoding');
  expect(vary('/all', 'Accept-Encoding: *;q=0')).toBe('Accept-Encoding');
  expect(vary('/plain')).toBeUndefined();
});
