// events.test.ts: every event that a service may write is in the guide, and no other.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EVENTS } from '../src/events.ts';
import { packageRoot } from '../src/paths.ts';
import { descendants, parse } from './tidy/source.ts';
import { execFileSync } from 'node:child_process';
import ts from 'typescript6';

const PAGE = readFileSync(join(packageRoot, 'docs', 'guide', 'monitoring.md'), 'utf8');

test('the table of the guide is this one', () => {
  const rows = Object.entries(EVENTS).map(
    ([name, { level, when, fields }]) => `| \`${name}\` | ${level} | ${when} | ${fields} |`,
  );
  const [, table] = PAGE.split('| event | level | when | fields |\n|---|---|---|---|\n');
  expect(table!.split('\n\n')[0]!.split('\n')).toEqual(rows);
});

test('a name is one word, in small letters', () => {
  const names = Object.keys(EVENTS);
  expect(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
});

/** Names that are given to event() in a source. */
function namesIn(path: string): string[] {
  const file = parse(path, readFileSync(join(packageRoot, path), 'utf8'));
  return [...descendants(file)].flatMap((node) => {
    if (!ts.isCallExpression(node) || !node.expression.getText().endsWith('log.event')) return [];
    const [name] = node.arguments;
    return name && ts.isStringLiteral(name) ? [name.text] : [];
  });
}

test('each is written somewhere', () => {
  const listed = execFileSync('git', ['ls-files', '-co', 'src'], { cwd: packageRoot });
  const paths = listed
    .toString()
    .split('\n')
    .filter((path) => /^src\/.*\.ts$/.test(path));
  expect([...new Set(paths.flatMap(namesIn))].sort()).toEqual(Object.keys(EVENTS).sort());
});
