// verify.test.ts: an archive file, found sound.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openArchive, verifyWritten } from '../../archiver/verify.ts';
import { EXIT } from '../../src/errors.ts';
import { temporaryFolder } from '../support/site.ts';
import { soundArchive } from './fixture.ts';

const good = await soundArchive({ 'a.txt': 'a' });
const folder = temporaryFolder();

test('a sound one comes with its manifest', () => {
  const archive = openArchive(good.target);
  expect(archive.manifest).toEqual(good.manifest);
  archive.close();
  expect(verifyWritten(good.target, 'x')).toEqual(good.manifest);
});

test('how far it has come is told, to the end of the records', () => {
  let told = 0;
  openArchive(good.target, (bytes) => (told += bytes)).close();
  expect(told).toBe(good.bytes.readUInt32LE(0) - 2_048);
});

test('a file that is written to while it is open is told when it is closed', () => {
  const path = join(folder, 'bent.cdb');
  writeFileSync(path, good.bytes);
  const archive = openArchive(path);
  utimesSync(path, 1, 1);
  expect(() => archive.close()).toThrow(
    /bent\.cdb was written to while it was read: nothing said of it holds\. Try again when/,
  );
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
