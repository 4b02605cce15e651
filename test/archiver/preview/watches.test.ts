// watches.test.ts: folders that are watched while they are made, moved, replaced and removed.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Watches } from '../../../archiver/preview/watches.ts';
import { onEnd } from '../../support/cleanup.ts';
import { until } from '../../support/preview.ts';
import { temporaryFolder } from '../../support/site.ts';

function watching() {
  let heard = 0;
  const watches = new Watches(() => heard++);
  onEnd(() => watches.close());
  return {
    watches,
    enter(...paths: readonly string[]) {
      for (const path of paths) watches.enter(path);
      watches.sweep();
    },
    /** Waits for what `change` leads to, and then for silence. */
    async hears(change: () => void): Promise<void> {
      const before = heard;
      change();
      await until('a sign of it', () => heard > before);
      for (let last = -1; last !== heard; await sleep(20)) last = heard;
    },
  };
}

test('files that are written, renamed and removed', async () => {
  const base = temporaryFolder();
  const { watches, enter, hears } = watching();
  enter(base);
  await hears(() => writeFileSync(join(base, 'a'), 'x'));
  await hears(() => writeFileSync(join(base, 'a'), 'y'));
  await hears(() => renameSync(join(base, 'a'), join(base, 'b')));
  await hears(() => rmSync(join(base, 'b')));
  expect(watches.full).toBeUndefined();
});

test('a folder that is another one under the same name', async () => {
  const folder = join(temporaryFolder(), 'a');
  const { watches, enter, hears } = watching();
  for (let round = 0; round < 5; round++) {
    mkdirSync(folder);
    enter(folder);
    expect(watches.size).toBe(1);
    await hears(() => writeFileSync(join(folder, 'x'), ''));
    await hears(() =>
      round % 2 ? renameSync(folder, `${folder}${round}`) : rmSync(folder, { recursive: true }),
    );
    expect(watches.size).toBe(0);
  }
});

test('what is not entered again is let go', async () => {
  const base = temporaryFolder();
  const { watches, enter } = watching();
  mkdirSync(join(base, 'a'));
  enter(base, join(base, 'a'), join(base, 'missing'));
  expect(watches.size).toBe(2);
  enter(base);
  expect(watches.size).toBe(1);
  watches.close();
  expect(watches.size).toBe(0);
});
