// headers_file.test.ts: what each line of `_headers` becomes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readHeaders } from '../../../archiver/rules/headers_file.ts';
import type { HeadersFile } from '../../../archiver/rules/headers_file.ts';
import { readLines } from '../../../archiver/rules/rule_file.ts';
import { FULL } from '../../support/ledger.ts';

const read = (text: string | Buffer): HeadersFile => readHeaders(readLines(Buffer.from(text)));

/** Each rule's line, and its headers as `Name: value`. */
function rulesOf(text: string | Buffer): [number, string[]][] {
  const { rules, problems } = read(text);
  expect(problems).toEqual([]);
  return rules.map(({ line, edits }) => [
    line,
    [...edits.values()].map(({ name, values }) => `${name}: ${values.join(' | ')}`),
  ]);
}
const problemsOf = (text: string | Buffer) =>
  read(text).problems.map(({ line, text: shown }) => `${line}: ${shown}`);

test('rules, comments and empty lines', () => {
  const text = '# all\n\n/*\n  X-One: 1\n  # two\n\tX-Two : a: b \n\n/a\nX-Three:3\n';
  expect(rulesOf(text)).toEqual([
    [3, ['X-One: 1', 'X-Two: a: b']],
    [8, ['X-Three: 3']],
  ]);
});

test('an empty file has no rules', () => {
  for (const text of ['', '\n', '\ufeff', '# only\r\n']) expect(rulesOf(text)).toEqual([]);
});

test('line ends of other systems and a byte order mark make no difference', () => {
  const text = '/*\n  X-One: 1\n  X-Two: 2\n';
  const rules = rulesOf(text);
  expect(rulesOf(text.replaceAll('\n', '\r\n'))).toEqual(rules);
  expect(rulesOf(`\ufeff${text}`)).toEqual(rules);
  expect(rulesOf(text.trimEnd())).toEqual(rules);
});

test('one name twice in a rule is one header, in whatever letters', () => {
  expect(rulesOf('/*\nLink: </a>\nlink: </b>\nX: y\n')).toEqual([
    [1, ['Link: </a> | </b>', 'X: y']],
  ]);
  expect(rulesOf('/*\nX: 1\n! x\nX: 2\n')).toEqual([[1, ['x: 2']]]);
  expect(rulesOf('/*\nX: 1\n! X\n')).toEqual([[1, ['X: ']]]);
});

test('a value is sent as it is written', () => {
  expect(rulesOf('/*\nCache-Control: max-age=0,no-cache\n')).toEqual([
    [1, ['Cache-Control: max-age=0,no-cache']],
  ]);
  expect(rulesOf('/*\nX: "a ,b"\t# no comment\n')).toEqual([[1, ['X: "a ,b"\t# no comment']]]);
});

const OWNED =
  'Connection Keep-Alive Proxy-Connection TE Trailer Transfer-Encoding Upgrade Content-Length ' +
  'Content-Encoding Content-Range Accept-Ranges Age Allow Date ETag Last-Modified';

test.each(OWNED.split(' '))('%s can neither be set nor removed', (name) => {
  const text = `/*\n  X: y\n  ${name.toLowerCase()}: 1\n  ! ${name}\n`;
  expect(problemsOf(text)).toEqual([
    expect.stringMatching(/^3: '[a-z-]+: 1': the server alone knows this header\. Delete/),
    expect.stringMatching(/^4: '! [A-Za-z-]+': the server alone knows this header\. Delete/),
  ]);
});

test.each([
  ['X: y\n', 1, /^'X: y': no path stands above it\. Write the path/],
  ['! X\n', 1, /no path stands above it/],
  ['/*\nBasic-Auth: user:password\n', 2, /sent to everybody\. Ask for passwords in a proxy/],
  ['/*\nLocation: /b\n', 2, /redirects alone\. Make the redirect in _redirects/],
  ['/*\nnonsense\n', 2, /neither a path, which begins with \/, nor Name: value/],
  ['/*\nno name: x\n', 2, /no name of a header/],
  ['/*\n: x\n', 2, /no name of a header/],
  ['/*\nX-é: x\n', 2, /no name of a header/],
  ['/*\nX:\n', 2, /it has no value\. Write one, or ! X/],
  ['/*\nX: é\n', 2, /not printable ASCII.*%XX/],
  ['/*\nX: a\x07b\n', 2, /not printable ASCII/],
  ['/*\nX: a\0b\n', 2, /a NUL in it\. Write the file as plain text/],
  ['/*\nX: a\rY: b\n', 2, /a CR inside it\. Let lines end with LF or CRLF/],
  ['/a\0b\nX: y\n', 1, /a NUL in it/],
  [Buffer.from('/*\nX: \xff\n', 'latin1'), 2, /not UTF-8\. Save it as UTF-8/],
  [Buffer.from('/\xff\nX: y\n', 'latin1'), 1, /not UTF-8/],
  [`/*\nX: ${'v'.repeat(16_385)}\n`, 2, /16,385 characters; 16,384 is the most/],
  ['/*\n! Vary\n', 2, /cannot be removed: caches would mix up answers/],
  ['/*\nVary: "x"\n', 2, /no list of header names/],
  ['/*\n! Content-Type\n', 2, /cannot be removed: without it a browser would guess/],
  ['/*\nContent-Type: text\n', 2, /no media type\. Write one such as/],
  ['/*\nContent-Type: a/b\nContent-Type: c/d\n', 3, /one Content-Type, and the rule has one/],
  ['/*\n! X: y\n', 2, /a removal has no value/],
  ['/*\n!\n', 2, /no name of a header/],
  ['/a # b\nX: y\n', 1, /no query, no fragment and no comment/],
  ['/:x-y\nX: y\n', 1, /:name/],
  ['https://a.example/*\nX: y\n', 1, /a path alone\. .*--host has a _headers of its own/],
])('%j is refused with its line, a reason and a remedy', (text, line, reason) => {
  const [first, ...others] = read(text).problems;
  expect(first).toMatchObject({ line, text: expect.stringMatching(reason) as string });
  expect(first!.text).toMatch(/\.$/);
  for (const other of others) expect(other.text).toMatch(/line 1, which is not understood/);
});

test('a part of a rule that cannot be honoured takes nothing else with it', () => {
  const { rules, problems } = read('/a\nX: 1\nDate: x\nY: 2\n\n/b?c\nX: 3\n! Z\n\n/d\nX: 4\n');
  expect(problems.map(({ line }) => line)).toEqual([3, 6, 7, 8]);
  expect(rules.map(({ line, edits }) => [line, [...edits.keys()]])).toEqual([
    [1, ['x', 'y']],
    [10, ['x']],
  ]);
});

test('a path without headers is a warning', () => {
  const { rules, problems } = read('/a\n# X: y\n/b\nX: y\n');
  expect(problems).toEqual([{ line: 1, text: expect.stringMatching(/nothing/), mild: true }]);
  expect(rules.map(({ line }) => line)).toEqual([3]);
});

test('what Cloudflare Pages would put into a value is a warning', () => {
  const { rules, problems } = read('/a/:page/*\nX: :page!\nY: a :splat\nZ: :other x:1 :pages\n');
  expect(problems).toEqual([
    { line: 2, text: expect.stringMatching(/for :page; here it is sent/), mild: true },
    { line: 3, text: expect.stringMatching(/for :splat/), mild: true },
  ]);
  expect(rules[0]!.edits.get('x')!.values).toEqual([':page!']);
  expect(read('/a\nX: :splat\n').problems).toEqual([]);
});

test('problems come in the order of their lines, and cut long lines short', () => {
  const text = `/a\n/b\nDate: ${'x'.repeat(1000)}\n`;
  const { problems } = read(text);
  expect(problems.map(({ line }) => line)).toEqual([1, 3]);
  expect(problems[1]!.text.length).toBeLessThan(200);
  expect(problems[1]!.text).toContain('…');
});

test('a million lines are read in one go', () => {
  const many = FULL ? 1_000_000 : 200_000;
  expect(read('/a\n'.repeat(many)).problems.length).toBe(many);
  expect(read('nonsense\n'.repeat(many)).problems.length).toBe(many);
  const { rules } = read(`/a\n${'X: y\n'.repeat(many)}`);
  expect(rules[0]!.edits.get('x')!.values.length).toBe(many);
});

const PIECES =
  '/|/a/*|/:x|X: y|! X|#|:|\r|\n|\n|\n|\0| |*|é|\ufeff|\u2028|Set-Cookie: a|Vary: B|' +
  'Content-Type: a/b|Date: x|https://|%|?';
const piece = fc.constantFrom(...PIECES.split('|'));

test('every line has one fate, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const lines = readLines(Buffer.from(pieces.join('')));
      const { rules, problems } = readHeaders(lines);
      const told = new Set(problems.map(({ line }) => line));
      const used = new Set(
        rules.flatMap(({ line, edits }) => [line, ...[...edits.values()].map((edit) => edit.line)]),
      );
      for (const { number, text } of lines) {
        const silent = text === '' || text.startsWith('#');
        if (silent) expect(told.has(number) || used.has(number)).toBe(false);
        const alone = problems.filter(({ line }) => line === number);
        expect(alone.length).toBeLessThanOrEqual(1);
      }
      for (const { edits } of rules) {
        for (const { name, values } of edits.values()) {
          expect(`${name}: ${values.join('')}`).toMatch(/^[A-Za-z*#%-]+: [\x20-\x7e]*$/);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
