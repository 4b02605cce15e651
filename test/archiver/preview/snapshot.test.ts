// snapshot.test.ts: what differs between two looks at the same sites.
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileList } from '../../../archiver/file_list.ts';
import { Snapshot, stampOf } from '../../../archiver/preview/snapshot.ts';
import { scanSite } from '../../../archiver/scan.ts';
import type { FoundFile } from '../../../archiver/scan.ts';
import type { Site } from '../../../archiver/site.ts';
import { MODIFIED } from '../../support/site.ts';
import { SCAN, makeSite, siteOf } from '../fixture.ts';

function look(...sites: Site[]): Snapshot {
  const files = new FileList();
  const stamps: string[] = [];
  const onFound = (file: FoundFile) => stamps.push(stampOf(file));
  for (const site of sites) scanSite(site, { ...SCAN, onFound }, files);
  return new Snapshot(sites, files, stamps);
}

/** What `change` makes different, in words. */
function differences(site: Site, change: () => void, ...others: Site[]): string[] {
  const before = look(site, ...others);
  change();
  const { count, first } = look(site, ...others).changesSince(before);
  return [`${count}`, ...first.map(({ name, how }) => `${name} ${how}`)];
}

test('files that are new, changed, gone and moved, and folders alone', () => {
  const root = makeSite({ a: 'a', 'b/c': 'c', 'b-c': 'x', é: 'e' });
  const site = siteOf(root);
  const write = (path: string, text: string) => writeFileSync(join(root, path), text);
  expect(differences(site, () => undefined)).toEqual(['0']);
  expect(differences(site, () => write('b/a', ''))).toEqual(['1', 'b/a new']);
  expect(differences(site, () => write('b/a', '1'))).toEqual(['1', 'b/a changed']);
  expect(differences(site, () => rmSync(join(root, 'é')))).toEqual(['1', 'é gone']);
  expect(differences(site, () => mkdirSync(join(root, 'empty')))).toEqual(['0']);
  const move = () => renameSync(join(root, 'b'), join(root, 'z'));
  expect(differences(site, move)).toEqual(['4', 'b/a gone', 'b/c gone', 'z/a new']);
  expect(differences(site, () => write('n\nl', ''))).toEqual(['1', 'n\\u{a}l new']);
});

test('as many bytes, and the old time put back', () => {
  const root = makeSite({ a: 'a' });
  const write = () => {
    writeFileSync(join(root, 'a'), 'b');
    utimesSync(join(root, 'a'), MODIFIED, MODIFIED);
  };
  expect(differences(siteOf(root), write)).toEqual(['1', 'a changed']);
});

test('rules, which are no files of a site', () => {
  const root = makeSite({ a: 'a', _headers: '' });
  const write = (path: string) => () => writeFileSync(join(root, path), '/x /y\n');
  expect(differences(siteOf(root), write('_redirects'))).toEqual(['1', '_redirects new']);
  expect(differences(siteOf(root), write('_headers'))).toEqual(['1', '_headers changed']);
  const remove = () => rmSync(join(root, '_headers'));
  expect(differences(siteOf(root), remove)).toEqual(['1', '_headers gone']);
});

test('several sites', () => {
  const [one, two] = [siteOf(makeSite({ b: '' })), siteOf(makeSite({ a: '', _headers: '' }), 'h')];
  const write = () => {
    for (const { root } of [one, two]) writeFileSync(join(root, 'new'), '');
    rmSync(join(two.root, '_headers'));
  };
  const found = differences(one, write, two);
  expect(found).toEqual(['3', '@h/_headers gone', 'new new', '@h/new new']);
});
