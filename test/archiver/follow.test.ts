// follow.test.ts: the work of a packer as it is shown and remembered.
import { expect, test } from 'vitest';
import { follow } from '../../archiver/follow.ts';
import type { Packing } from '../../archiver/follow.ts';

const told: string[] = [];
const progress = {
  phase: (name: string, work?: object) => void told.push(`${name} ${JSON.stringify(work)}`),
  step: (bytes: number) => void told.push(`step ${bytes}`),
  say: (text: string) => void told.push(text),
  end: () => undefined,
};

function packing(path: string, seconds: number, stored: Packing['stored'] = []): Packing {
  const file = { site: { host: 'a.example', root: '' }, path, bytes: 1_000, modifiedMs: 0 };
  return { file, bytes: 1_000, stored, seconds };
}

test('phases and steps are shown, files only when asked for', () => {
  const { watch } = follow(progress, false);
  watch.phase('writing', { items: 1, bytes: 2 });
  watch.step(3);
  watch.file(packing('a', 0));
  expect(told.splice(0)).toEqual(['writing {"items":1,"bytes":2}', 'step 3']);
  const verbose = follow(progress, true);
  const stored = [['br', 100] as const, ['gzip', 120] as const, ['identity', 1_000] as const];
  verbose.watch.file(packing('new\nline', 0.25, stored));
  verbose.watch.file(packing('copy', 0));
  expect(told.splice(0)).toEqual([
    'cdbpack: @a.example/new\\u{a}line: 1.00 kB, br 100 B, gzip 120 B, 0.3 s\n',
    'cdbpack: @a.example/copy: 1.00 kB, stored already, 0.0 s\n',
  ]);
});

test('the five slowest are kept, and none that was fast', () => {
  const { watch, slowest } = follow(progress, false);
  for (const seconds of [0.5, 3, 1, 2, 9, 5, 0.999, 4]) watch.file(packing(`${seconds}`, seconds));
  expect(slowest.map(({ seconds }) => seconds)).toEqual([9, 5, 4, 3, 2]);
  expect(slowest[0]).toEqual({ path: '@a.example/9', bytes: 1_000, seconds: 9 });
});
