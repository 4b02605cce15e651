// kept_files.test.ts: what is not read again, and that nobody can tell from the archive.
import { readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { UNWATCHED } from '../../../archiver/follow.ts';
import { COMMAND, readOptions } from '../../../archiver/options.ts';
import type { PackOptions } from '../../../archiver/options.ts';
import { decide, findFiles, makeArchive } from '../../../archiver/packing.ts';
import { KeptFiles } from '../../../archiver/preview/kept_files.ts';
import { stampOf } from '../../../archiver/preview/snapshot.ts';
import { parseArguments } from '../../../src/cli.ts';
import type { CdbAddon } from '../../../src/native.ts';
import { MODIFIED, temporaryFolder } from '../../support/site.ts';
import { NOW, WORKSHOP, addon, makeSite } from '../fixture.ts';

/** Later than all times of files by so much that none is in doubt. */
const LATER_MS = 3_600_000;

function optionsOf(site: string): PackOptions {
  const argv = [site, join(temporaryFolder(), 'site.cdb'), '--compress=none'];
  return readOptions(parseArguments(COMMAND, argv), { env: {}, now: NOW });
}

async function pack(options: PackOptions, reader: typeof WORKSHOP.reader, kept?: KeptFiles) {
  const found = findFiles(options, {
    isOutput: () => false,
    onFolder: () => undefined,
    onFound: (file) => kept?.found(file, stampOf(file)),
  });
  const making = { watch: UNWATCHED, reader, durable: false, note: () => undefined };
  await makeArchive(decide(options, found), options, { ...making, target: options.out });
  return readFileSync(options.out);
}

/** Packs again and again with what is kept, and holds it against a packer that keeps nothing. */
function packer(
  site: string,
  laterMs = LATER_MS,
  cdb: Pick<CdbAddon, 'cdbFind' | 'mapFile'> = addon,
) {
  const options = optionsOf(site);
  const read: string[] = [];
  const reader = {
    ...WORKSHOP.reader,
    read: (paths: readonly string[]) => {
      read.push(...paths.map((path) => basename(path)));
      return WORKSHOP.reader.read(paths);
    },
  };
  const kept = new KeptFiles(cdb, reader);
  return {
    /** Names of what was read. */
    async pack(): Promise<string[]> {
      kept.begin(Date.now() + laterMs);
      const bytes = await pack(options, kept, kept);
      kept.keep(options.out);
      expect(bytes.equals(await pack(optionsOf(site), WORKSHOP.reader))).toBe(true);
      return read.splice(0).sort();
    },
  };
}

const SITE = { 'a.html': 'a', 'b.css': 'b', 'd/c.txt': 'same', 'd/again.txt': 'same', empty: '' };

test('the archive is that of a packer that keeps nothing, after every kind of change', async () => {
  const site = makeSite(SITE);
  const at = (name: string) => join(site, name);
  const { pack } = packer(site);
  expect(await pack()).toEqual(['a.html', 'again.txt', 'b.css', 'c.txt', 'empty']);
  expect(await pack()).toEqual([]);
  const changes: readonly (readonly [change: () => void, read: readonly string[]])[] = [
    [() => writeFileSync(at('a.html'), 'a longer one'), ['a.html']],
    [() => writeFileSync(at('new.html'), 'new'), ['new.html']],
    [() => writeFileSync(at('new.html'), 'same'), ['new.html']],
    [() => rmSync(at('b.css')), []],
    [() => renameSync(at('d'), at('e')), ['again.txt', 'c.txt']],
    [() => renameSync(at('a.html'), at('z.html')), ['z.html']],
    [() => writeFileSync(at('_headers'), '/*\n  X-Own: 1\n'), []],
    [() => writeFileSync(at('_redirects'), '/old /z.html\n/w/* /e/:splat\n'), []],
    [() => rmSync(at('_headers')), []],
    [() => symlinkSync('z.html', at('link.html')), ['link.html']],
    [() => utimesSync(at('z.html'), MODIFIED, new Date(1e12)), ['link.html', 'z.html']],
    [() => writeFileSync(at('empty'), 'not'), ['empty']],
    [() => writeFileSync(at('empty'), ''), ['empty']],
  ];
  for (const [change, read] of changes) {
    change();
    expect([String(change), await pack()]).toEqual([String(change), read]);
  }
});

test('a file of the same length and times is another file', async () => {
  const site = makeSite({ 'a.html': 'one', b: 'b' });
  const { pack } = packer(site);
  await pack();
  writeFileSync(join(site, '.a'), 'two');
  utimesSync(join(site, '.a'), MODIFIED, MODIFIED);
  renameSync(join(site, '.a'), join(site, 'a.html'));
  expect(await pack()).toEqual(['a.html']);
});

test('what was changed just before it was read is read again', async () => {
  const { pack } = packer(makeSite({ 'a.html': 'a' }), 0);
  expect([await pack(), await pack()]).toEqual([['a.html'], ['a.html']]);
});

test('where no file can be mapped all is read again', async () => {
  const mapFile = () => {
    throw Object.assign(new Error('no device'), { code: 'ENODEV' });
  };
  const { pack } = packer(makeSite({ 'a.html': 'a' }), LATER_MS, { ...addon, mapFile });
  expect([await pack(), await pack()]).toEqual([['a.html'], ['a.html']]);
});

test('a file that could not be read is not kept', async () => {
  const site = makeSite({ 'a.html': 'a' });
  const read = (paths: readonly string[]) => Promise.resolve(paths.map(() => undefined));
  const kept = new KeptFiles(addon, { ...WORKSHOP.reader, read });
  kept.begin(Date.now() + LATER_MS);
  expect(await kept.read([join(site, 'a.html')])).toEqual([undefined]);
});
