// rule_table.test.ts: rules with captures as pieces.
import { expect, test } from 'vitest';
import { RULES_MAX, RULE_TEXT_BYTES_MAX } from '../../../src/format/layout.ts';
import { planRules, told } from './plan_rules.ts';

const SITE = ['index.html', 'b/c.txt'];

function pieces(line: string): unknown {
  const [table] = planRules(SITE, line).plan.redirects.tables;
  return table!.rules.map(({ kind, pieces: found }) => [
    kind,
    ...found.map((piece) => (piece.kind === 0 ? piece.text : [piece.kind, piece.capture])),
  ])[0];
}

test.each([
  ['/a/:x/* /b/:splat/:x', [1, '/b/', [1, 1], '/', [1, 0], [3, 0]]],
  ['/a/:x /b?q=:x&r#:x', [1, '/b', '?', 'q=', [2, 0], '&r', '#', [2, 0]]],
  ['/a/* https://b.example/:splat', [1, 'https://b.example/', [1, 0], [3, 0]]],
  ['/a/* https://b.example?q=:splat', [1, 'https://b.example/', '?', 'q=', [2, 0]]],
  ['/a/* /b%20/:splat 200', [2, '/b /', [1, 0]]],
  ['/a/* /b/c.txt 200', [0]],
  ['/a/* /new', [0]],
  ['/a/* 200', [2, '/a/', [1, 0]]],
])('%s', (line, expected) => {
  expect(pieces(line)).toEqual(expected);
});

test('a rule below one that has all its paths is none, forced ones without a word', () => {
  const text = '/a/:x/* A1\n/a/b/:y/c A2\n/a/b/* A3 301!\n/a/* A4\n/a/:x A5\n/*/ A6\n/b/* A7';
  const planned = planRules(SITE, text.replaceAll('A', 'https://b.example/'));
  expect(planned.plan.redirects.tables[0]!.rules.map(({ rule }) => rule.line)).toEqual([1, 4, 6]);
  expect(told(planned).map((line) => line.split(' ')[0])).toEqual(['2?', '5?', '7?']);
});

test('more rules than a table has, and more text than a rule has, cannot be honoured', () => {
  const many = Array.from({ length: RULES_MAX + 2 }, (_, at) => `/p${at}/* /q/:splat\n`).join('');
  expect(told(planRules(SITE, many)).map((line) => line.split(' ')[0])).toEqual(['1001!', '1002!']);
  const long = `/a/* /${'b'.repeat(RULE_TEXT_BYTES_MAX)}/:splat`;
  expect(told(planRules(SITE, long))).toEqual([expect.stringMatching(/^1! .*2048 is the most/)]);
});
