// readme.test.ts: the commands of README.md, each line run as it stands there.
//
// Those of the Debian package change the machine: test/install/debian.full.test.ts runs them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { readPage } from './page.ts';
import type { Block } from './page.ts';
import { SITE, perform } from './stage.ts';

const LIMIT_MS = 120_000;

const DEBIAN = 'test/install/debian.full.test.ts';
/** Lines that others run, and what these have of it. */
const ELSEWHERE: readonly (readonly [line: RegExp, path: string, there: RegExp])[] = [
  [/^npm test\b/, 'package.json', /"test":/],
  [/^npm run deb\b/, 'test/scripts/deb.test.ts', /'deb\.mjs'/],
  [/^apt install /, DEBIAN, /installLine\('apt'\)/],
  [/^cdbpack public\/ \/var\/lib\//, DEBIAN, /readmeBlock\('Your own site', 1\)/],
  [/^systemctl /, DEBIAN, /readmeBlock\('Your own site', 1\)/],
];
const SERVES = /^(npm start|cdbserve (?!--))/;
/** Those above it are about the checkout. */
const OF_A_SITE = 'Your own site';

/** A block for each line. */
function linesOf(block: Block): Block[] {
  return block.text.split('\n').map((text) => ({
    ...block,
    text,
    kind: SERVES.test(text) ? 'serve' : 'run',
    inCheckout: block.section !== OF_A_SITE,
  }));
}

const lines = readPage('README.md').flatMap(linesOf);
const own = lines.filter(({ text }) => !ELSEWHERE.some(([pattern]) => pattern.test(text)));

test(
  'each line of a checkout, of installing and of a site of one’s own',
  async () => {
    expect(own.length).toBeGreaterThan(7);
    expect(await perform(own, { installed: false, files: SITE })).toEqual([]);
  },
  LIMIT_MS,
);

test.each(ELSEWHERE)('%s is a line, and %s has what runs it', (line, path, there) => {
  expect(lines.some(({ text }) => line.test(text))).toBe(true);
  expect(readFileSync(join(packageRoot, path), 'utf8')).toMatch(there);
});
