// verify.test.ts: an archive file in memory, found sound.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openArchive, verifyWritten } from '../../archiver/verify.ts';
import { EXIT } from '../../src/errors.ts';
import { temporaryFolder } from '../support/site.ts';
import { soundArchive } from './fixture.ts';

const good = await soundArchive({ 'a.txt': 'a' });
const folder = temporaryFolder();

test('a sound one comes with its manifest', () => {
  expect(openArchive(good.target).manifest).toEqual(good.manifest);
  expect(verifyWritten(good.target, 'x').manifest).toEqual(good.manifest);
});

test('one that is not is refused under its name, or is our own fault when just written', () => {
  const path = join(folder, 'cut.cdb');
  writeFileSync(path, good.bytes.subarray(0, 2_500));
  expect(() => openArchive(path)).toThrow(
    expect.objectContaining({ exitCode: EXIT.archiveRefused }),
  );
  expect(() => openArchive(path)).toThrow(/cut\.cdb: refused at the header: .* cut short/);
  expect(() => verifyWritten(path, 'new.cdb')).toThrow(
    expect.objectContaining({ exitCode: EXIT.bug }),
  );
  expect(() => verifyWritten(path, 'new.cdb')).toThrow(/^the archive just written is not sound/);
});

test('nothing, and what is no file, are told apart', () => {
  mkdirSync(join(folder, 'dir'));
  expect(() => openArchive(join(folder, 'nope'))).toThrow(/there is no file .*nope\. Name an/);
  expect(() => openArchive(join(folder, 'dir'))).toThrow(/dir is no file\. Name an archive/);
});
