// headers.test.ts: our reading of `_headers` beside that of Netlify's own parser.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readHeaders } from '../../archiver/rules/headers_file.ts';
import { readLines } from '../../archiver/rules/rule_file.ts';
import { FULL, record } from '../support/ledger.ts';
import { applied, netlifyRules, ourHeaders, readNetlify, readOurs, readRows } from './headers.ts';
import type { NetlifyRule } from './headers.ts';

const rows = readRows();

test('the page has its table', () => {
  expect(rows.length).toBeGreaterThan(25);
});

test.each(rows)('$file at $path', async ({ file, path, netlify, ours }) => {
  expect([await readNetlify(file, path), readOurs(file, path)]).toEqual([netlify, ours]);
});

/** As people have them, after the manuals of both hosts and of site generators. */
const CORPUS = [
  '/*\n  X-Frame-Options: DENY\n  X-XSS-Protection: 1; mode=block\n',
  '# a comment\n/templates/index.html\n  X-Frame-Options: DENY\n/*\n  X-Robots-Tag: noindex\n',
  '/*\n  cache-control: max-age=0\n  cache-control: no-cache\n  cache-control: must-revalidate\n',
  '/static/*\n  Cache-Control: public, max-age=31536000, immutable\n/sw.js\n  Cache-Control: no-cache\n',
  "/*\n  Content-Security-Policy: default-src 'self'; img-src *; script-src 'self' 'unsafe-inline'\n",
  '/*.woff2\n\tAccess-Control-Allow-Origin: *\n/fonts/:name\n\tX-Font: yes\n',
  '/a/:b/c/*\r\n  X-One: 1\r\n\r\n/a/*\r\n  X-One: 2\r\n  Link: </a.css>; rel=preload\r\n',
  '/\n  X-Home: yes\n/index.html\n  X-Home: also\n/blog/\n  X-Blog: yes\n',
  '/.well-known/*\n  Content-Type: application/json\n  Access-Control-Allow-Origin: *\n',
  '/*\n  Strict-Transport-Security: max-age=63072000; includeSubDomains; preload\n/*\n  A: b\n',
];
const PATHS =
  '/ /index.html /a /a/b/c /a/b/c/d/e /static/app.js /sw.js /blog /blog/ /fonts/x.woff2 ' +
  '/deep/er/x.woff2 /.well-known/x.json /templates/index.html /A/B/c/';

test.each(CORPUS)('what people write reads alike: %j', async (file) => {
  for (const path of PATHS.split(' ')) {
    expect([path, readOurs(file, path)]).toEqual([path, await readNetlify(file, path)]);
  }
});

/** What the table says of Netlify's patterns, undone. */
function mended(rule: NetlifyRule): NetlifyRule {
  const source = rule.expression.source
    .replaceAll('\\/?(.*)', '(?:\\/.*)?')
    .replaceAll(/(?<!\\)\.(?!\*)/g, '\\.');
  return { ...rule, expression: new RegExp(source, 'iu') };
}

/** What we refuse or take for a removal is left out; the file is then the same for both. */
function withoutProblems(text: string): string {
  const lines = readLines(Buffer.from(text));
  const refused = new Set(
    readHeaders(lines).problems.flatMap(({ line, mild }) => (mild ? [] : [line])),
  );
  return lines
    .filter(({ number, text: line }) => !refused.has(number) && !line.startsWith('!'))
    .map(({ text: line }) => line)
    .join('\n');
}

const FILES = FULL ? 20_000 : 500;
const segment = fc.constantFrom('a', 'B', 'a.b', '*', ':x', '*.js', 'a*', '*a*b', '', 'é', 'docs');
const path = fc
  .array(segment, { maxLength: 4 })
  .map((parts) => `/${parts.join('/')}`)
  .filter((text) => !/\*\*/.test(text));
const FIELDS = 'A: 1|A: 2|B: x; y|C: "q, r"|D: a, b|  E : 5  |# no||Date: 1|nothing';
const field = fc.constantFrom(...FIELDS.split('|'));
const files = fc
  .array(fc.tuple(path, fc.array(field, { maxLength: 4 })), { maxLength: 5 })
  .map((rules) => rules.flatMap(([pattern, fields]) => [pattern, ...fields]).join('\n'));
const asked = fc
  .array(fc.constantFrom('a', 'b', 'a.b', 'axb', 'app.js', 'appxjs', 'é', 'docs', 'docsx', 'aab'), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((parts) => fc.constantFrom(`/${parts.join('/')}`, `/${parts.join('/')}/`, '/'));

test('what is drawn at random differs as the table says, and in nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      files,
      fc.array(asked, { minLength: 5, maxLength: 10 }),
      async (file, paths) => {
        const text = withoutProblems(file);
        const rules = await netlifyRules(text);
        if (rules === 'error')
          throw new Error(`Netlify refuses what we take: ${JSON.stringify(text)}`);
        for (const key of paths) {
          expect([key, sorted(ourHeaders(text, key))]).toEqual([
            key,
            sorted(applied(rules.map(mended), key)),
          ]);
        }
      },
    ),
    { numRuns: FILES },
  );
  record("_headers, beside Netlify's parser", { files: FILES });
}, 600_000);

/** In which order headers are sent makes no difference. */
function sorted(headers: string): string[] {
  return headers.split(/ (?=[a-e]=)/).sort();
}
