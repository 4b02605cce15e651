// tidy.test.ts: the sources themselves: style that matters is a test, not a plea.
//
// The rules stand in test/tidy/. Each is shown here to catch what it is for, and then that the tree
// keeps it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/paths.ts';
import { hotLaw } from './tidy/hot.ts';
import { importDirections } from './tidy/imports.ts';
import type { Rule } from './tidy/source.ts';
import { defaultExport, functionLength, leftovers, notRun, typeEscapes } from './tidy/syntax.ts';
import { fileLength, firstLine, lineWidth, machinePaths, nativeCore } from './tidy/text.ts';
import { claims, dependencies, documentReferences, ringSize, testTwins } from './tidy/tree.ts';

const TEXT_FILE = /\.(ts|mjs|cc|c|h|sh|md|json|jsonl|gyp|html|css|svg|txt)$|(^|\/)[^.]+$/;
const tree = readTree();

const RULES: Readonly<Record<string, Rule>> = {
  defaultExport,
  fileLength,
  firstLine,
  functionLength,
  hotLaw,
  importDirections,
  leftovers,
  lineWidth,
  machinePaths,
  nativeCore,
  notRun,
  typeEscapes,
};

const LONG_FUNCTION = `function f() {\n${'  f();\n'.repeat(59)}}\n`;
const hot = (body: string): string => `// x.ts: x\nexport function f(a: number) {\n  ${body}\n}\n`;

/** Rule, path, text: each must be caught. */
const FAULTS: readonly (readonly [string, string, string])[] = [
  ['defaultExport', 'src/x.ts', 'export default 1;'],
  ['defaultExport', 'src/x.ts', 'export default function f() {}'],
  ['defaultExport', 'src/x.ts', 'const a = 1;\nexport { a as default };'],
  ['fileLength', 'src/x.ts', '\n'.repeat(301)],
  ['firstLine', 'src/x.ts', "import 'node:fs';"],
  ['firstLine', 'src/x.ts', '// y.ts: another name'],
  ['firstLine', 'src/x.ts', '#!/usr/bin/env node\nconst a = 1;'],
  ['firstLine', 'scripts/x.mjs', '/* x.mjs: the other kind of comment */'],
  ['firstLine', 'native/x.cc', '#include <stdio.h>'],
  ['firstLine', 'native/x.sh', '#!/bin/sh\nset -eu'],
  ['functionLength', 'src/x.ts', LONG_FUNCTION],
  ['functionLength', 'src/x.ts', `const f = () => {\n${'  f();\n'.repeat(60)}};`],
  ['importDirections', 'src/hot/x.ts', "import { a } from '../boot/x.ts';"],
  ['importDirections', 'src/hot/x.ts', "import { a } from '../errors.ts';"],
  ['importDirections', 'src/hot/x.ts', "import { a } from '../format/route.ts';"],
  ['importDirections', 'src/hot/x.ts', "import { readFileSync } from 'node:fs';"],
  ['importDirections', 'src/hot/x.ts', "import mime from 'mime-types';"],
  ['importDirections', 'src/hot/x.ts', "import type { Ring } from '../native.ts';"],
  ['importDirections', 'src/format/x.ts', "import { a } from '../cli.ts';"],
  ['importDirections', 'src/boot/x.ts', "import { a } from '../ops/x.ts';"],
  ['importDirections', 'src/boot/x.ts', "import { a } from '../config.ts';"],
  ['importDirections', 'src/ops/x.ts', "import { a } from '../boot/archive.ts';"],
  ['importDirections', 'src/ops/x.ts', "import { a } from '../hot/x.ts';"],
  ['importDirections', 'src/limits.ts', "import { a } from './cli.ts';"],
  ['importDirections', 'src/worker.ts', "import { a } from './paths.ts';"],
  ['importDirections', 'src/cdbserve.ts', "import { a } from '../archiver/scan.ts';"],
  ['importDirections', 'src/supervisor.ts', "import { a } from './worker.ts';"],
  ['importDirections', 'src/supervisor.ts', "import mime from 'mime-types';"],
  ['importDirections', 'archiver/scan.ts', "import { a } from '../src/boot/archive.ts';"],
  ['importDirections', 'archiver/scan.ts', "import { a } from '../src/hot/lookup.ts';"],
  ['importDirections', 'archiver/scan.ts', "export { a } from './cdbpack.ts';"],
  ['importDirections', 'archiver/scan.ts', "const { a } = await import('./cdbinspect.ts');"],
  ['importDirections', 'src/hot/x.ts', "const a = require('node:fs');"],
  ['importDirections', 'test/x.test.ts', "import { a } from '../src/cdbserve.ts';"],
  ['importDirections', 'unknown/x.ts', 'export const a = 1;'],
  ['leftovers', 'src/x.ts', `// ${'TO'}DO: later`],
  ['leftovers', 'src/x.ts', `const a = 1; /* ${'FIX'}ME */`],
  ['leftovers', 'src/x.ts', `function f() {\n  // ${'X'}XX\n}`],
  ['leftovers', 'src/x.ts', '// @ts-ignore\nconst a = 1;'],
  ['leftovers', 'src/x.ts', '// @ts-expect-error\nconst a = 1;'],
  ['leftovers', 'src/x.ts', '// oxlint-disable-next-line\nconst a = 1;'],
  ['leftovers', 'native/x.cc', `/* ${'TO'}DO */`],
  ['lineWidth', 'src/x.ts', `// ${'x'.repeat(98)}`],
  ['lineWidth', 'test/x.test.ts', `// '${'x'.repeat(98)}'`],
  ['lineWidth', 'native/x.h', `/* ${'x'.repeat(98)} */`],
  ['machinePaths', 'docs/x.md', `see ${'/wor'}k/main/x`],
  ['machinePaths', 'src/x.ts', `const a = '${'/hom'}e/me';`],
  ['nativeCore', 'native/ring.cc', '#include <napi.h>'],
  ['nativeCore', 'native/archive.cc', '#include "gate.h"'],
  ['nativeCore', 'native/ring.h', '# include <node_api.h>'],
  ['notRun', 'test/x.test.ts', "test.only('a', () => {});"],
  ['notRun', 'test/x.test.ts', "test.skip('a', () => {});"],
  ['notRun', 'test/x.test.ts', "describe.each([1]).skip('a', () => {});"],
  ['notRun', 'test/x.test.ts', "test.skipIf(true)('a', () => {});"],
  ['notRun', 'test/x.test.ts', "it.todo('a');"],
  ['typeEscapes', 'src/x.ts', 'const a = b as any;'],
  ['typeEscapes', 'src/x.ts', 'function f(a: any[]) {}'],
  ...[
    'new Uint8Array(1);',
    'return { a };',
    'return [a];',
    'return () => a;',
    'return function g() {};',
    'function g() {}',
    'class A {}',
    'return `${a}`;',
    'return `a`;',
    'g(...a);',
    'throw a;',
    'try { a; } finally { a; }',
    'return /a/;',
    'for (const b of a) b;',
    'for (const b in a) b;',
    'const [b] = a;',
    'const { b } = a;',
    'delete a.b;',
    'return 1n;',
    "return 'a' + a;",
    "a += 'b';",
    'return a + 1 + "b";',
    'return a.subarray(1);',
    'return a.slice(1);',
    'return a.toString();',
    'a.set(b, 1);',
    'return String(a);',
    'return Date.now();',
    'return JSON.stringify(a);',
    'return arguments;',
    'return Buffer;',
    'setTimeout(f, 1);',
    'return f?.call(a);',
  ].map((body) => ['hotLaw', 'src/hot/x.ts', hot(body)] as const),
  ['hotLaw', 'src/hot/x.ts', 'export async function f() {}'],
  ['hotLaw', 'src/hot/x.ts', 'export function* f() {}'],
  ['hotLaw', 'src/hot/x.ts', 'export function f(...a: number[]) {}'],
  ['hotLaw', 'src/hot/x.ts', 'export const f = () => new Uint8Array(1);'],
  ['hotLaw', 'src/hot/x.ts', 'function make() { return []; }\nexport function f() { make(); }'],
  ['hotLaw', 'src/hot/x.ts', 'function make() { return []; }\nexport { make };'],
  [
    'hotLaw',
    'src/hot/x.ts',
    'const A = make();\nfunction make() { return []; }\n' +
      'function g() { make(); }\nexport function f() { g(); }',
  ],
  ['hotLaw', 'src/hot/x.ts', 'export function f() { ring.turn(1); }'],
  ['hotLaw', 'src/hot/ring.ts', 'export function f() { ring.stats(); }'],
  [
    'hotLaw',
    'src/hot/x.ts',
    "import { g } from '../format/bytes.ts';\nexport const f = () => g();",
  ],
  ['hotLaw', 'src/format/hash.ts', 'export function cdbHash() { return []; }'],
  ['hotLaw', 'src/hot/x.ts', "process.dlopen(module, 'wall.node');"],
];

/** What must not be caught: a rule that refuses everything would pass the list above. */
const SOUND: readonly (readonly [string, string])[] = [
  ['src/x.ts', "#!/usr/bin/env node\n// x.ts: a program\nimport 'node:fs';\n"],
  ['src/x.ts', `// x.ts: a text is no comment\nexport const a = '${'TO'}DO';\n`],
  ['test/x.test.ts', `// x.test.ts: x\nexport const a = '${'x'.repeat(98)}';\n`],
  ['src/boot/x.ts', "// x.ts: is handed a config\nimport type { Config } from '../config.ts';\n"],
  ['src/ops/x.ts', "// x.ts: gives orders\nimport { a } from '../boot/orders.ts';\n"],
  ['native/ring.h', '/* ring.h: a header */\n#include <stdint.h>\n'],
  [
    'native/wall_binding.cc',
    '// wall_binding.cc: a binding\n#include <napi.h>\n#include "gate.h"\n',
  ],
  ['test/x.test.ts', '// x.test.ts: x\nconst list = { only: 1 };\nexport const a = list.only;\n'],
  [
    'src/hot/ring.ts',
    '// ring.ts: x\nexport function turn(rows: number) {\n  ring.turn(rows);\n}\n',
  ],
  [
    'src/hot/x.ts',
    "// x.ts: tables at load, plain integers after\nimport * as R from './request.ts';\n" +
      "const TABLE = make('a', [1, 2]);\nfunction make(...a: unknown[]): Uint8Array {\n" +
      '  return Uint8Array.from([...helper(a)], (one) => one as number);\n}\n' +
      'function helper(a: unknown[]): unknown[] {\n  return a.map((b) => `${b}`);\n}\n' +
      'export function f(at: number): number {\n  TABLE.fill(0);\n' +
      '  for (let i = 0; i < at; i++) R.step(i);\n  return Math.min(g(at), TABLE[at]! + 1);\n}\n' +
      'function g(at: number): number {\n  return at + 1;\n}\n',
  ],
];

for (const [rule, path, text] of FAULTS) {
  test(`${rule} catches a fault in ${path}: ${brief(text)}`, () => {
    expect(RULES[rule]!(path, text)).not.toEqual([]);
  });
}

test('every rule has a fault that it catches', () => {
  expect(new Set(FAULTS.map(([rule]) => rule))).toEqual(new Set(Object.keys(RULES)));
});

for (const [path, text] of SOUND) {
  test(`no rule minds ${path}: ${brief(text)}`, () => {
    expect(Object.values(RULES).flatMap((rule) => rule(path, text))).toEqual([]);
  });
}

test('a source without its test is caught, and so is a stale exception', () => {
  const sources = new Map([['src/hot/parse.ts', '']]);
  expect(testTwins(sources, {})).toHaveLength(1);
  expect(testTwins(new Map([...sources, ['test/hot/parse.test.ts', '']]), {})).toEqual([]);
  const exception = { 'src/hot/parse.ts': ['test/spec', 'why'] } as const;
  expect(testTwins(new Map([...sources, ['test/spec/a.md', '']]), exception)).toEqual([]);
  expect(testTwins(sources, exception)).toHaveLength(1);
  expect(testTwins(new Map(), exception)).toHaveLength(1);
});

test.each(['`src/gone.ts`', '`gone.ts`', '[a](gone.md)', '[a](../src/gone.ts#l1)'])(
  'a document that names %s is caught',
  (reference) => {
    const files = new Map([['docs/x.md', `See ${reference}.`]]);
    expect(documentReferences(files)).toHaveLength(1);
  },
);

test('a document may name what is there', () => {
  const text = 'See `src/hot/`, `src/a.ts`, `a.ts`, [a](../src/a.ts), [b](https://example.org/).';
  const files = new Map([
    ['docs/x.md', text],
    ['src/a.ts', ''],
    ['src/hot/b.ts', ''],
  ]);
  expect(documentReferences(files)).toEqual([]);
});

test('a dependency without its line and an import without its dependency are caught', () => {
  const files = new Map([['package.json', '{"devDependencies":{"a":"1"}}']]);
  expect(dependencies(files)).toHaveLength(1);
  files.set('docs/dependencies.md', '| `a` | why |');
  expect(dependencies(files)).toEqual([]);
  expect(dependencies(new Map([...files, ['test/x.ts', "import 'b/c';"]]))).toHaveLength(1);
  expect(dependencies(new Map([...files, ['test/x.ts', "import 'a';"]]))).toEqual([]);
  expect(dependencies(new Map([...files, ['archiver/x.ts', "import 'a';"]]))).toHaveLength(1);
});

test('a claim without a test is caught', () => {
  const table = '| claim | test |\n|---|---|\n';
  expect(claims(new Map([['docs/threats.md', `${table}| it holds | trust us |`]]))).toHaveLength(1);
  expect(
    claims(new Map([['docs/threats.md', `${table}| it holds | \`test/x.test.ts\` |`]])),
  ).toEqual([]);
});

test('a ring of more than a thousand lines is caught', () => {
  const code = 'send();\n'.repeat(1_000);
  expect(ringSize(new Map([['native/ring_send.cc', `/* why\n */\n\n// how\n${code}`]]))).toEqual(
    [],
  );
  expect(ringSize(new Map([['native/ring_send.cc', `${code}send();`]]))).toHaveLength(1);
});

test.each(Object.entries(RULES))('the tree keeps %s', (_name, rule) => {
  expect([...tree].flatMap(([path, text]) => rule(path, text))).toEqual([]);
});

test.each(Object.entries({ claims, dependencies, documentReferences, ringSize, testTwins }))(
  'the tree keeps %s',
  (_name, rule) => {
    expect(rule(tree)).toEqual([]);
  },
);

function brief(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length <= 70 ? line : `${line.slice(0, 70)}…`;
}

/** What git knows or would add, as it stands on disk; of files that are no text the name alone. */
function readTree(): ReadonlyMap<string, string> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const listing = spawnSync('git', args, { cwd: packageRoot, encoding: 'utf8' });
  if (listing.status !== 0) throw new Error(`git ls-files: ${listing.stderr}`);
  const paths = listing.stdout.split('\0').filter((path) => path !== '');
  const present = paths.flatMap((path) => {
    const text = readText(join(packageRoot, path));
    return text === undefined ? [] : [[path, text] as const];
  });
  return new Map(present.map(([path, text]) => [path, TEXT_FILE.test(path) ? text : '']));
}

/** Undefined: removed on disk and not yet in git. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
