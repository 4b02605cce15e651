// rounds.test.ts: what the conductor is told of a folder, in which order, and how often.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND, readOptions } from '../../../archiver/options.ts';
import { Rounds } from '../../../archiver/preview/rounds.ts';
import { parseArguments } from '../../../src/cli.ts';
import type { Message } from '../../../src/preview/messages.ts';
import { onEnd } from '../../support/cleanup.ts';
import { until } from '../../support/preview.ts';
import { temporaryFolder } from '../../support/site.ts';
import { makeSite } from '../fixture.ts';

interface Told {
  readonly message: Message;
  goOn(): void;
}

/** Of each message it is for the test to say when the conductor has made use of it. */
function start(site: string, flags: readonly string[] = []) {
  const target = join(temporaryFolder(), 'site.cdb');
  const argv = [site, target, '--compress=none', ...flags];
  const options = readOptions(parseArguments(COMMAND, argv), { env: {}, now: 2e9 });
  const told: Told[] = [];
  let ended: () => void = () => undefined;
  const end = new Promise<never>((_, reject) => (ended = () => reject(new Error('ended'))));
  const rounds = new Rounds(options, target, (message) => {
    const used = new Promise<void>((resolve) => told.push({ message, goOn: resolve }));
    return Promise.race([used, end]);
  });
  let failure: unknown;
  rounds.run().catch((error: unknown) => (failure = error));
  onEnd(() => {
    ended();
    return rounds.close();
  });
  return {
    async next(): Promise<Message> {
      await until('a message', () => told.length > 0 || failure !== undefined);
      if (failure !== undefined) throw failure;
      const { message, goOn } = told.shift()!;
      goOn();
      return message;
    },
    /** Without having it go on. */
    async peek(): Promise<Message> {
      await until('a message', () => told.length > 0);
      return told[0]!.message;
    },
    count: () => told.length,
  };
}

test('one archive is waited for before the next is made', async () => {
  const site = makeSite({ a: 'a' });
  const rounds = start(site);
  expect(await rounds.peek()).toMatchObject({ kind: 'packed', files: 1 });
  for (const name of ['b', 'c', 'd', 'e']) writeFileSync(join(site, name), 'x');
  expect(rounds.count()).toBe(1);
  await rounds.next();
  const changes = { count: 4, first: [{ name: 'b', how: 'new' }, {}, {}] };
  expect(await rounds.next()).toMatchObject({ kind: 'packed', files: 5, changes });
});

test('a fault is told once, another one again, and what is as it was too', async () => {
  const site = makeSite({ a: 'a' });
  const rounds = start(site);
  await rounds.next();
  writeFileSync(join(site, '_redirects'), '/x /y 999\n');
  const line = expect.stringContaining('_redirects:1: ') as string;
  expect(await rounds.next()).toMatchObject({ kind: 'refused', exitCode: 1, text: line });
  writeFileSync(join(site, '_redirects'), '/x /y 999\n#\n');
  renameSync(site, `${site}2`);
  expect(await rounds.next()).toMatchObject({
    kind: 'refused',
    text: `the folder ${site} is gone.`,
  });
  mkdirSync(site);
  const empty = expect.stringContaining('holds no file to serve') as string;
  expect(await rounds.next()).toMatchObject({ kind: 'refused', text: empty });
  rmSync(site, { recursive: true });
  renameSync(`${site}2`, site);
  expect(await rounds.next()).toMatchObject({ kind: 'refused', text: line });
  rmSync(join(site, '_redirects'));
  expect(await rounds.next()).toEqual({ kind: 'restored' });
});

test('warnings are told when they are new, and whether there is a page at the root', async () => {
  const site = makeSite({ 'a.html': 'a', 'b\\': '' });
  const rounds = start(site);
  const warning = 'cdbpack: warning: b\\: no URL can reach a name with a backslash: skipped\n';
  expect(await rounds.next()).toMatchObject({ warnings: warning, hasRoot: false });
  writeFileSync(join(site, 'index.html'), 'x');
  expect(await rounds.next()).toMatchObject({ warnings: '', hasRoot: true });
});

test.each([
  [{ 'sub/a': '', _redirects: '/ /sub/a\n' }, true],
  [{ '200.html': '' }, true],
  [{ 'sub/index.html': '' }, false],
])('%j: something at the root: %s', async (files, hasRoot) => {
  expect(await start(makeSite(files)).next()).toMatchObject({ hasRoot });
});
