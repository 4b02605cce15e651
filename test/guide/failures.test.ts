// failures.test.ts: the guide has an entry for every error that the sources can raise.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { failuresOf } from './failures.ts';

const PAGE = join(packageRoot, 'docs', 'guide', 'troubleshooting.md');
/** An entry has a word of its own, so that it cannot be meant for everything. */
const LETTERS_MIN = 4;

/** Tells what another process of ours has found, in whose source the text is. */
const RELAYED = 'src/ops/verify.ts: …: …';

const raised = failuresOf(readSources()).filter(({ path, text }) => `${path}: ${text}` !== RELAYED);
const entries = [...readFileSync(PAGE, 'utf8').matchAll(/^### `(.*)`$/gm)].map(([, text]) => text!);

test('every error has its entry', () => {
  const without = raised.filter(({ text }) => !entries.some((entry) => isAbout(entry, text)));
  expect(without.map(({ path, line, text }) => `${path}:${line}: ${text}`)).toEqual([]);
});

test.each(entries)('%s is an error that there is', (entry) => {
  expect(entry.replaceAll(/\P{L}/gu, '').length).toBeGreaterThanOrEqual(LETTERS_MIN);
  expect(raised.some(({ text }) => isAbout(entry, text))).toBe(true);
});

test('every place that raises an error is seen', () => {
  const places = new Set(failuresOf(readSources()).map(({ path, line }) => `${path}:${line}`));
  const calls = [...readSources()].flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => {
      const raises =
        /new Failure\(|\busageFailure\(/.test(line) && !/function |command\.program/.test(line);
      return raises ? [`${path}:${index + 1}`] : [];
    }),
  );
  expect(calls.length).toBeGreaterThan(60);
  expect(calls.filter((place) => !places.has(place))).toEqual([]);
});

test.each([
  ["throw new Failure(1, 'plain');", ['plain']],
  ['throw new Failure(1, `a ${b} c`);', ['a … c']],
  ["const t = 'a ' + `b ${c}`;\nthrow new Failure(1, t.trim());", ['a b …']],
  ["throw new Failure(1, yes ? 'a' : 'b');", ['a', 'b']],
  ["const lines = ['one:', two];\nthrow new Failure(1, lines.join());", ['one:…']],
  ["throw usageFailure(C, 'bad.');", ['bad. Try … --help.']],
  ['throw new Failure(1, made(2));\nfunction made(n) { return `of ${n}`; }', ['of …']],
  ["f('x');\nf('y');\nfunction f(w) { throw new Failure(1, `no ${w}`); }", ['no x', 'no y']],
  ["f('x');\nf(y);\nfunction f(w) { throw new Failure(1, `no ${w}`); }", ['no …']],
  ['throw new Failure(1, some.text);', ['…']],
])('%j raises %j', (source, texts) => {
  expect(failuresOf(new Map([['x.ts', source]])).map(({ text }) => text)).toEqual(texts);
});

test.each([
  ['cannot open …: …', 'cannot open …: ENOENT. Make one.', true],
  ['cannot open …: …', 'cannot bind …: …', false],
  ['… is a folder.', '… is a folder. Pack it.', true],
  ['a folder', 'it is a folder', false],
])('%j is about %j: %j', (entry, text, expected) => {
  expect(isAbout(entry, text)).toBe(expected);
});

/** From its beginning on. */
function isAbout(entry: string, text: string): boolean {
  const parts = entry.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}`).test(text);
}

function readSources(): ReadonlyMap<string, string> {
  const paths = ['src', 'archiver'].flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(packageRoot, path), 'utf8')]));
}
