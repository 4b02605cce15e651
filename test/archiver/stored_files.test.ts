// stored_files.test.ts: bodies of files, found by file and by content.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Store, sha256 } from '../../archiver/store.ts';
import { StoredFiles } from '../../archiver/stored_files.ts';
import { onEnd } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/site.ts';
import { addon } from './fixture.ts';

const descriptor = openSync(join(temporaryFolder(), 'a.cdb'), 'w+');
onEnd(() => closeSync(descriptor));
const store = new Store(new addon.CdbMake(descriptor), 1_000_000);

const add = (text: string) => {
  const digest = sha256(Buffer.from(text));
  return { at: store.addBody(Buffer.from(text), digest).at, digest };
};

test('variants come with length and digest, the most preferred first', () => {
  const files = new StoredFiles(store, 3);
  const plain = add('a long body');
  const coded = add('short');
  files.add(
    1,
    new Map([
      [0, plain.at],
      [2, coded.at],
    ]),
    plain.digest,
    'coded',
  );
  files.setModified(1, 1_700_000_000);
  const [first, second] = files.variants(1);
  expect(first).toMatchObject({ coding: 2, at: coded.at, bytes: 5 });
  expect(second).toMatchObject({ coding: 0, at: plain.at, bytes: 11 });
  expect(Buffer.from(second!.digest)).toEqual(plain.digest);
  expect(files.codings(1)).toEqual([0, 2]);
  expect(files.modified(1)).toBe(1_700_000_000);
  expect([files.variants(0), files.modified(0)]).toEqual([[], 0]);

  files.share(2, 1);
  expect(files.variants(2)).toEqual(files.variants(1));
});

test('content is found by its digest and by how it was encoded', () => {
  const files = new StoredFiles(store, 2);
  const one = add('one');
  files.add(0, new Map([[0, one.at]]), one.digest, 'plain');
  expect(files.find(one.digest, 'plain')).toBe(0);
  expect(files.find(one.digest, 'coded')).toBeUndefined();
  expect(files.find(add('two').digest, 'plain')).toBeUndefined();
  files.add(1, new Map([[0, one.at]]), one.digest, 'coded');
  expect(files.find(one.digest, 'coded')).toBe(1);
});

test('a content is claimed once, before it is there and after', () => {
  const files = new StoredFiles(store, 2);
  const { at, digest } = add('claimed');
  expect(files.claim(digest, 'coded')).toBe(true);
  expect(files.claim(digest, 'coded')).toBe(false);
  expect(files.claim(digest, 'plain')).toBe(true);
  files.add(0, new Map([[0, at]]), digest, 'coded');
  expect(files.claim(digest, 'coded')).toBe(false);
});
