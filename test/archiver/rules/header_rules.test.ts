// header_rules.test.ts: which rules of `_headers` have a part in which answer.
import { expect, test } from 'vitest';
import { HeaderRules, NO_EDITS } from '../../../archiver/rules/header_rules.ts';
import type { Edits } from '../../../archiver/rules/header_rules.ts';
import { readHeaders } from '../../../archiver/rules/headers_file.ts';
import { readLines } from '../../../archiver/rules/rule_file.ts';
import { siteOf } from '../fixture.ts';

/** By host. */
function rules(files: Readonly<Record<string, string>>): HeaderRules {
  return new HeaderRules(
    Object.entries(files).map(([host, text]) => ({
      site: siteOf(`folder${host}`, host),
      ...readHeaders(readLines(Buffer.from(text))),
      problems: [],
    })),
  );
}
const shown = (edits: Edits) =>
  [...edits].map(([name, { values }]) => `${name}=${values.join('|')}`).join(' ');

test('rules are put together in their order, the later wins', () => {
  const found = rules({ '': '/a\nX: 1\nY: 1\n/*\nX: 2\nZ: 2\n/:x\n! Y\n/a/\nZ: 4\n' });
  expect(shown(found.forKey('/a'))).toBe('x=2 y= z=4');
  expect(shown(found.forKey('/A/'))).toBe('x=2 y= z=4');
  expect(shown(found.forKey('/b'))).toBe('x=2 z=2 y=');
  expect(shown(found.forKey('/'))).toBe('x=2 z=2');
});

test('a removed header can be set again, and the values of one rule stay together', () => {
  const found = rules({ '': '/*\nX: 1\nX: 2\n/a*\n! X\n/ab*\nX: 3\n' });
  expect(shown(found.forKey('/'))).toBe('x=1|2');
  expect(shown(found.forKey('/a'))).toBe('x=');
  expect(shown(found.forKey('/ab'))).toBe('x=3');
});

test('Vary is never replaced', () => {
  const found = rules({ '': '/*\nVary: A\n/a\nVary: B\nVary: C\n' });
  expect(shown(found.forKey('/a'))).toBe('vary=A|B|C');
});

test('equal sets of rules are one value; no rule at all is no value', () => {
  const found = rules({ '': '/*.js\nX: 1\n/a.js\nY: 1\n' });
  expect(found.forKey('/b.js')).toBe(found.forKey('/c/d.js'));
  expect(found.forKey('/a.js')).not.toBe(found.forKey('/b.js'));
  expect(found.forKey('/a.css')).toBe(NO_EDITS);
  expect(rules({ '': '' }).forKey('/a')).toBe(NO_EDITS);
});

test('each site has its own rules', () => {
  const found = rules({ '': '/a\nX: default\n', 'a.example': '/a\nX: named\n', '[::1]': '' });
  expect(shown(found.forKey('/a'))).toBe('x=default');
  expect(shown(found.forKey('@a.example/a'))).toBe('x=named');
  expect(shown(found.forKey('@[::1]/a'))).toBe('');
  expect(shown(found.forKey('@b.example/a'))).toBe('');
});

test('for a folder count the rules that match all of it', () => {
  const found = rules({ '': '/*\nA: 1\n/docs/*\nB: 1\n/docs/:x\nC: 1\n/docs\nD: 1\n' });
  expect(shown(found.forFolder('/'))).toBe('a=1');
  expect(shown(found.forFolder('/docs/'))).toBe('a=1 b=1');
  expect(shown(found.forFolder('/docs/x/'))).toBe('a=1 b=1');
});

test('names that stand in every object are names like others', () => {
  const found = rules({ '': '/*\nconstructor: 1\n__proto__: 2\n' });
  expect(shown(found.forKey('/__proto__'))).toBe('constructor=1 __proto__=2');
});

test('headers that are too long are told with file and lines', () => {
  const found = rules({ 'a.example': '/a\nX: 1\n/*\nY: 1\nZ: 1\n' });
  const edits = found.forKey('@a.example/a');
  expect(found.overflow('@a.example/a', edits, 20_000).message).toBe(
    'the headers of /a have 20,000 bytes, and 16,384 is the most. ' +
      'Shorten what foldera.example/_headers has for it in the lines 2, 4, 5.',
  );
});
