// progress.test.ts: one line on a terminal, nothing anywhere else.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startProgress } from '../../archiver/progress.ts';
import type { Progress, Screen } from '../../archiver/progress.ts';
import { noise, packer, temporaryFolder } from '../support/site.ts';
import { onTerminal } from '../support/terminal.ts';

const CLEAR = '\r\u001b[K';

/** What is written to a screen, piece by piece; `wait` lets time go on. */
function draw(
  screen: Omit<Screen, 'write'>,
  run: (progress: Progress, wait: (ms: number) => void) => void,
  terminal: string | undefined = 'xterm',
): string[] {
  const shown: string[] = [];
  let now = 0;
  const full = Object.assign(screen, { write: (text: string) => void shown.push(text) });
  const progress = startProgress(full, terminal, () => now);
  run(progress, (ms) => (now += ms));
  return shown;
}

test('a phase is drawn at once, a step ten times a second at most, and all is wiped away', () => {
  const shown = draw({ isTTY: true, columns: 80 }, (progress, wait) => {
    progress.phase('compressing', { items: 4, bytes: 4_000 });
    for (const step of [50, 60, 890]) {
      wait(step);
      progress.step(1_000);
    }
    wait(3_000);
    progress.step(500);
    progress.end();
    progress.end();
  });
  expect(shown).toEqual([
    `${CLEAR}compressing, 4, 4.00 kB`,
    `${CLEAR}compressing: 2 of 4, 2.00 kB of 4.00 kB, 18.2 kB/s`,
    `${CLEAR}compressing: 3 of 4, 3.00 kB of 4.00 kB, 3.00 kB/s`,
    `${CLEAR}compressing: 4 of 4, 3.50 kB of 4.00 kB, 875 B/s, 0:01 left`,
    CLEAR,
  ]);
});

test('work of unknown length is counted, work without items by its bytes', () => {
  const shown = draw({ isTTY: true, columns: 80 }, (progress, wait) => {
    progress.phase('scanning');
    wait(100);
    progress.step(0);
    progress.phase('writing', { items: 90_000, bytes: 0 });
    for (let i = 0; i < 9; i++) progress.step(0);
    wait(3_000);
    progress.step(0);
    progress.phase('verifying', { items: 0, bytes: 1_234_567 });
    wait(3_000);
    progress.step(300_000);
    progress.end();
  });
  expect(shown.map((text) => text.slice(CLEAR.length))).toEqual([
    'scanning',
    'scanning: 1',
    'writing, 90,000',
    'writing: 10 of 90,000, 7:29:57 left',
    'verifying, 1.23 MB',
    'verifying: 24 %, 0:10 left',
    '',
  ]);
});

test('it follows the width of the window and never fills the last column', () => {
  const screen = { isTTY: true, columns: 80 };
  const shown = draw(screen, (progress, wait) => {
    progress.phase('compressing', { items: 4, bytes: 4_000 });
    for (const columns of [20, 12, 5, 1, 0]) {
      screen.columns = columns;
      wait(100);
      progress.step(1);
    }
  });
  const lines = shown.map((text) => text.slice(CLEAR.length));
  expect(lines.slice(1)).toEqual(['compressing: 1 o...', 'compress...', 'c...', '', '']);
});

test('a text that stays is written above the line', () => {
  const shown = draw({ isTTY: true }, (progress) => {
    progress.phase('scanning');
    progress.say('a warning\n');
  });
  expect(shown).toEqual([`${CLEAR}scanning`, `${CLEAR}a warning\n`, `${CLEAR}scanning`]);
});

test.each([
  ['in a pipe', { isTTY: false }, 'xterm'],
  ['on a dumb terminal', { isTTY: true }, 'dumb'],
  ['where nobody says what terminal it is', { isTTY: true }, ''],
])('%s it is silent, but for what is said', (_, screen, terminal) => {
  const shown = draw(
    screen,
    (progress, wait) => {
      progress.phase('scanning');
      wait(500);
      progress.step(1);
      progress.say('a warning\n');
      progress.end();
    },
    terminal,
  );
  expect(shown).toEqual(['a warning\n']);
});

const site = join(temporaryFolder(), 'site');
mkdirSync(site);
for (let i = 0; i < 12; i++) {
  writeFileSync(join(site, `${i}.txt`), noise(1_500_000, i + 1).toString('base64'));
}
const command = [process.execPath, packer, site, `${site}.cdb`, '--no-cache'];

test('a real terminal, made narrower meanwhile, is left as it was but for the summary', async () => {
  let resized = false;
  const { code, text } = await onTerminal(command, { columns: 100 }, (shown, resize) => {
    if (resized || !/compressing: \d/.test(shown)) return;
    resize(40);
    resized = true;
  });
  expect(code).toBe(0);
  const lines = text.split(CLEAR).slice(1);
  const summary = lines.pop();
  expect(lines[0]).toBe('scanning');
  expect(lines.some((line) => /^compressing: \d+ of 12, .*B\/s/.test(line))).toBe(true);
  expect(lines.at(-1)).toMatch(/^verifying(?:, \d\d\.\d MB$|: \d+ %)/);
  for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]{0,99}$/);
  // Some may have been on their way; from the first narrow one on all are.
  const lengths = lines
    .filter((line) => line.startsWith('compressing: '))
    .map((line) => line.length);
  const narrow = lengths.findIndex((length) => length < 40);
  expect(narrow).toBeGreaterThan(0);
  expect(Math.max(...lengths.slice(narrow))).toBeLessThan(40);
  expect(summary).toMatch(/^\S+site\.cdb: \d+\.\d MB, packed in [^\u001b]*$/);
});

test.each([
  [
    'a dumb one gets the summary alone',
    'dumb',
    ['--compress', 'none'],
    /^\S+site\.cdb: [^\u001b]*$/,
  ],
  ['a quiet run shows nothing', 'xterm', ['--compress', 'none', '--quiet'], /^$/],
  ['a verbose run names files', 'xterm', ['--compress', 'none', '--verbose'], /cdbpack: 0\.txt: 2/],
])('%s', async (_, terminal, flags, expected) => {
  const settings = { columns: 80, env: { TERM: terminal } };
  expect((await onTerminal([...command, ...flags], settings)).text).toMatch(expected);
});
