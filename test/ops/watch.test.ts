// watch.test.ts: news of a file, told once it stays as it is.
import { copyFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { identityOf } from '../../src/ops/load.ts';
import { Looks, watchFile } from '../../src/ops/watch.ts';
import { onEnd } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/site.ts';

test.each([
  ['what is known is no news', 'a a a a', 'a', ''],
  ['another file is news at its second look, and again until it is known', 'a b b b b', 'a', '2 4'],
  ['what changes at every look is not settled', 'a b c d e', 'a', ''],
  ['what settles after that is', 'a b c d d', 'a', '4'],
  ['a gap is no news, and breaks what was seen before', 'b - b b', 'a', '3'],
  ['what was there before and is back is no news', 'b a b a', 'a', ''],
])('%s', (_what, seen, known, told) => {
  const looks = new Looks();
  const news = seen
    .split(' ')
    .flatMap((now, at) => (looks.look(now === '-' ? undefined : now, known) ? [at] : []));
  expect(news.join(' ')).toBe(told);
});

const identity = (path: string): string => identityOf(statSync(path, { bigint: true }));

test('renames, symbolic links that are switched, and writes are told once each', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'site.cdb');
  const one = join(folder, 'one');
  writeFileSync(one, '1');
  symlinkSync('one', path);
  let known = identity(path);
  let told = 0;
  const stop = watchFile(
    path,
    10,
    () => known,
    (now) => {
      known = now;
      told++;
    },
  );
  onEnd(stop);
  const changes = [
    () => copyFileSync(one, join(folder, 'two')),
    () => symlinkSync('two', join(folder, 'new')),
    () => renameSync(join(folder, 'new'), path),
    () => writeFileSync(join(folder, 'two'), 'written to'),
    () => rmSync(path),
    () => renameSync(one, path),
  ];
  const after = [0, 0, 1, 2, 2, 3];
  for (const [at, change] of changes.entries()) {
    change();
    const last = performance.now() + 5_000;
    while (told < after[at]! && performance.now() < last) await sleep(10);
    await sleep(60);
    expect([at, told]).toEqual([at, after[at]]);
  }
});
