// killed.test.ts: kill -9 at any moment of packing: the archive is the old or the new one, the
// cache is of use, and the next run leaves nothing lying about.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isPack } from '../../archiver/packs.ts';
import { FULL, record } from '../support/ledger.ts';
import { packFolder, packer, temporaryFolder, xorshift } from '../support/site.ts';

const KILLS = FULL ? 50 : 5;
const FLAGS = ['--quiet', '--codings', 'br,zstd,gzip'];
const next = xorshift(20_261_122);
const base = temporaryFolder();
const site = join(base, 'site');
const out = join(base, 'out', 'site.cdb');
const cache = join(base, 'cache');

/** Text that takes a while to compress. */
function words(bytes: number): string {
  let text = '';
  while (text.length < bytes) text += `${(next() % 4_096).toString(36)} `;
  return text;
}

async function killAfter(milliseconds: number): Promise<boolean> {
  const argv = [packer, site, out, ...FLAGS, '--cache', cache];
  const child = spawn(process.execPath, argv, { stdio: 'ignore' });
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  const [, signal] = await exit;
  clearTimeout(timer);
  return signal === 'SIGKILL';
}

async function packed(name: string, flags: readonly string[]): Promise<Buffer> {
  const { archive } = await packFolder(site, name, [...FLAGS, ...flags]);
  return readFileSync(archive);
}

test(`${KILLS} kills at random moments`, async () => {
  for (const folder of [site, join(base, 'out')]) mkdirSync(folder);
  const paths = Array.from({ length: 12 }, (_, at) => join(site, `${at}.txt`));
  for (const path of paths) writeFileSync(path, words(60_000));
  const started = performance.now();
  let old = await packed(out, ['--cache', cache]);
  let whole = performance.now() - started;
  let killed = 0;
  let left = 0;
  for (let round = 0; round < KILLS; round++) {
    for (const path of paths) appendFileSync(path, words(50));
    if (await killAfter((next() / 2 ** 32) * whole)) killed++;
    left +=
      readdirSync(join(base, 'out')).length + readdirSync(cache).filter(isTemporary).length - 1;
    const now = readFileSync(out);
    const begun = performance.now();
    const wanted = await packed(join(base, 'wanted.cdb'), []);
    whole = Math.min(whole, performance.now() - begun);
    expect(now.equals(old) || now.equals(wanted)).toBe(true);
    old = await packed(out, ['--cache', cache]);
    expect(old.equals(wanted)).toBe(true);
    expect(readdirSync(join(base, 'out'))).toEqual(['site.cdb']);
    expect(readdirSync(cache).filter((name) => !isPack(name))).toEqual([]);
  }
  expect(killed).toBeGreaterThan(KILLS / 2);
  const before = readdirSync(cache);
  expect((await packed(out, ['--cache', cache])).equals(old)).toBe(true);
  // Everything was known: nothing is added.
  expect(readdirSync(cache)).toEqual(before);
  record('packing, kill -9', { kills: killed, leftovers_removed: left });
}, 900_000);

function isTemporary(name: string): boolean {
  return !isPack(name);
}
