// netlify.test.ts: our reading of `_redirects` against Netlify's own parser, line by line.
//
// A line that the two read otherwise must be in a class of netlify.md; its examples are tried too.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readRedirect } from '../../../archiver/rules/redirect_line.ts';
import type { RedirectRule } from '../../../archiver/rules/redirect_line.ts';
import { packageRoot } from '../../../src/paths.ts';
import { FULL, record } from '../../support/ledger.ts';
import { temporaryFolder, xorshift } from '../../support/site.ts';

interface Theirs {
  readonly from: string;
  readonly to: string;
  readonly status?: number;
  readonly force: boolean;
  readonly host?: string;
}

interface Parser {
  parseAllRedirects(files: { readonly redirectsFiles: readonly string[] }): Promise<{
    readonly redirects: readonly Theirs[];
    readonly errors: readonly Error[];
  }>;
}

interface Class {
  readonly ours: RegExp;
  readonly example: string;
}

const LINES = FULL ? 20_000 : 1_500;

const page = readFileSync(join(packageRoot, 'test/archiver/rules/netlify.md'), 'utf8');
const classes: readonly Class[] = [...page.matchAll(/^\| ([^|`]+) \| `([^`]+)` \|/gm)].map(
  ([, ours, example]) => ({ ours: new RegExp(ours!), example: example! }),
);
const file = join(temporaryFolder(), '_redirects');
let parser: Parser;

beforeAll(async () => {
  parser = (await import('@netlify/redirect-parser')) as unknown as Parser;
});

async function theirs(line: string): Promise<Theirs | Error> {
  writeFileSync(file, line);
  const { redirects, errors } = await parser.parseAllRedirects({ redirectsFiles: [file] });
  return redirects[0] ?? errors[0] ?? new Error('no rule');
}

/** What is to be the same where both take a line. */
function facts({ status, forced, host, to, from }: RedirectRule): unknown {
  const text = (pieces: readonly (string | number)[] | undefined, mark: string) =>
    pieces === undefined
      ? ''
      : mark + pieces.map((it) => (typeof it === 'number' ? `:${from.names[it]}` : it)).join('');
  const target = to.origin + text(to.path, '') + text(to.query, '?') + text(to.fragment, '#');
  return [status, forced, host, target];
}

function theirFacts({ status = 301, force, host, to }: Theirs): unknown {
  // Of a host alone we write the path, as every browser does.
  return [status, force, host, to.replace(/^(https?:\/\/[^/?#]*)(?=[?#]|$)/, '$1/')];
}

const FROM = [
  '/a',
  '/a/',
  '/*',
  '/a/*',
  '/:x',
  '/a/:x/*',
  'a',
  'https://a.example/x',
  '/a*',
  '/%zz',
];
const TO = [
  '/b',
  '/b/:x',
  '/:splat',
  'https://b.example/:splat',
  'http://b.example',
  '//b',
  '/b?x=:x#f',
];
const MORE = [
  '/.netlify/x',
  '/b/../c',
  '/b\\c',
  'https://:x.example/',
  '/b?x=1',
  '/*',
  'b',
  'x=:x',
];
const STATUS = [
  '',
  '',
  '301',
  '302',
  '200',
  '200!',
  '301!',
  '404',
  '410',
  'x',
  '3x1',
  'Country=de',
];
const END = ['', '', '', '# why', 'Language=en', '/c', '302'];

/** Class numbers that were met; -1: read alike. Throws at what is in no class. */
async function judge(line: string): Promise<number> {
  const own = readRedirect(1, line);
  const other = await theirs(line);
  if (typeof own === 'string') {
    if (other instanceof Error) return -1;
    const index = classes.findIndex(({ ours }) => ours.test(own));
    if (index < 0) throw new Error(`${line}: only we refuse it: ${own}`);
    return index;
  }
  if (other instanceof Error) throw new Error(`${line}: only they refuse it: ${other.message}`);
  expect(facts(own), line).toEqual(theirFacts(other));
  return -1;
}

test.each(classes)('$example is refused by us alone, as "$ours"', async ({ ours, example }) => {
  expect(readRedirect(1, example)).toMatch(ours);
  expect(await theirs(example)).not.toBeInstanceOf(Error);
});

test(`${LINES} lines are read alike, or are in a class`, async () => {
  const next = xorshift(2026);
  const pick = (words: readonly string[]) => words[next() % words.length]!;
  let alike = 0;
  for (let line = 0; line < LINES; line++) {
    const to = next() % 3 === 0 ? pick(MORE) : pick(TO);
    const words = [pick(FROM), to, pick(STATUS), pick(END)];
    if ((await judge(words.filter((word) => word !== '').join('  '))) < 0) alike++;
  }
  expect(alike).toBeGreaterThan(LINES / 10);
  record("rules, beside Netlify's parser", { lines: LINES, alike });
}, 600_000);

test('without a destination a rule for a host leads within its site', async () => {
  const line = 'https://a.example/* 200!';
  expect(await theirs(line)).toMatchObject({ to: 'https://a.example/:splat' });
  expect(readRedirect(1, line)).toMatchObject({ host: 'a.example', to: { origin: '' } });
});

test.each([
  '/home              /',
  '/blog/my-post.php  /blog/my-post # trailing',
  '/news              /blog                       302',
  '/cuties            https://www.petsofnetlify.com',
  '/my-redirect       /                           302!',
  '/*                 /index.html                 200',
  '/news/:month/:date/:year/:slug  /blog/:year/:month/:date/:slug',
  '/articles          /posts                      303',
  '/api/*             /v1/:splat                  200',
  '/*                 /404.html                   404',
  'http://blog.example/*  https://www.example/blog/:splat  301!',
  '/app/*             200',
])('%s is read alike', async (line) => {
  expect(await judge(line)).toBe(-1);
});
