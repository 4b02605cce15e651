// progress.test.ts: one line on a terminal, nothing anywhere else.
import { expect, test } from 'vitest';
import { startProgress } from '../../archiver/progress.ts';

function run(isTTY: boolean, columns = 80): string {
  let shown = '';
  let now = 0;
  const screen = { isTTY, columns, write: (text: string) => (shown += text) };
  const progress = startProgress(screen, { files: 3, bytes: 3_000 }, () => now);
  for (const step of [50, 60, 890]) {
    now += step;
    progress.step(1_000);
  }
  progress.end();
  return shown;
}

test('on a terminal it is drawn ten times a second at most, and wiped away', () => {
  expect(run(true)).toBe(
    '\r\u001b[K2 of 3 files, 2.00 kB of 3.00 kB, 18.2 kB/s' +
      '\r\u001b[K3 of 3 files, 3.00 kB of 3.00 kB, 3.00 kB/s' +
      '\r\u001b[K',
  );
});

test('it never fills the last column', () => {
  expect(run(true, 11)).toBe('\r\u001b[K2 of 3 fil\r\u001b[K3 of 3 fil\r\u001b[K');
});

test('in a pipe it is silent', () => {
  expect(run(false)).toBe('');
});
