// commands.test.ts: what the pages of docs/guide/ tell a reader to type does what they say.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { blocksOf, isAsSaid, readPage } from './page.ts';
import { CERTIFICATE, SSHD, inFrontOf } from './machines.ts';
import { SITE, perform } from './stage.ts';
import type { Stage } from './stage.ts';

const LIMIT_MS = 120_000;

/** A 503 is an answer, and not to be asked for again. */
const IMPATIENT = 'echo silent >"$HOME/.curlrc"\n';

/** Every page with commands, and what it takes for granted. */
const PAGES: Readonly<Record<string, Stage>> = {
  'getting-started': { installed: false },
  'coming-from': { installed: true, files: SITE },
  packing: { installed: true, files: SITE },
  troubleshooting: { installed: true, files: SITE },
  service: { installed: true, files: SITE, before: IMPATIENT },
  monitoring: { installed: true, files: SITE },
  publish: { installed: true, files: SITE, before: SSHD },
};

test.each(Object.entries(PAGES))(
  '%s',
  async (name, stage) => {
    const blocks = readPage(`docs/guide/${name}.md`);
    expect(blocks).not.toEqual([]);
    expect(await perform(blocks, stage)).toEqual([]);
  },
  LIMIT_MS,
);

const LOGGING = ' --access-log - --log-addresses full';
const CLIENT = '127.0.0.5';

/** The client of a forger, as the log of the server that block `serving` starts has it. */
const forgery = (serving: number): string => `\`\`\`sh
curl -s -o seen.html --interface ${CLIENT} -A forger -H 'X-Forwarded-For: 203.0.113.7' \\
  https://example.com/
until grep forger "$stage/out/${serving}" >seen.log; do sleep 0.1; done
cut -d ' ' -f 1 seen.log
\`\`\`
\`\`\`output
${CLIENT}
\`\`\`
`;

test.each(['Caddy', 'nginx', 'HAProxy'])(
  'https behind %s, where nobody can forge an address',
  async (proxy) => {
    const blocks = readPage('docs/guide/https.md');
    const own = blocks.filter(({ section }) => section === proxy);
    expect(own).not.toEqual([]);
    const all = [...blocks.filter(({ section }) => section === ''), ...own];
    const serving = all.findIndex(({ kind }) => kind === 'serve');
    all[serving] = { ...all[serving]!, text: all[serving]!.text + LOGGING };
    all.push(...blocksOf(forgery(serving)));
    const before = CERTIFICATE + inFrontOf(proxy);
    expect(await perform(all, { installed: true, files: SITE, before })).toEqual([]);
  },
  LIMIT_MS,
);

test('no page with commands is left out', () => {
  const pages = readdirSync(join(packageRoot, 'docs', 'guide'));
  const run = pages.filter((page) => readPage(`docs/guide/${page}`).length > 0);
  expect(run.sort()).toEqual([...Object.keys(PAGES), 'https'].map((name) => `${name}.md`).sort());
});

test(
  'a command that does otherwise is found, and what is after it is not run',
  async () => {
    const page = '```sh\nfalse\n```\n```sh\necho reached\n```\n';
    const faults = await perform(blocksOf(page), { installed: true });
    expect(faults).toHaveLength(2);
    expect(faults[0]).toContain('exit code 1');
    expect(faults[1]).toContain('not reached');
    const other = '```sh\necho this\n```\n```output\nthat\n```\n';
    expect(await perform(blocksOf(other), { installed: true })).toHaveLength(1);
    const none = '```sh serve\ncdbserve none.cdb\n```\n';
    expect((await perform(blocksOf(none), { installed: true }))[0]).toContain(
      'cannot open none.cdb',
    );
  },
  LIMIT_MS,
);

test.each([
  ['a\nb', 'a\nb\n', true],
  ['a\n…\nd', 'a\nb\nc\nd\n', true],
  ['a …d', 'a b.c d\n', true],
  ['a\n…', 'a\n', true],
  ['HTTP/2 200', 'HTTP/2 200 \r\n', true],
  ['a', 'a\nb\n', false],
  ['a\nb', 'b\na\n', false],
  ['a.c', 'abc\n', false],
])('%j is said of %j: %j', (said, printed, expected) => {
  expect(isAsSaid(said, printed)).toBe(expected);
});

test('a word that means nothing is no word of a block', () => {
  expect(() => blocksOf('```sh rout\ntrue\n```\n')).toThrow('rout');
});
