// verify.test.ts: an archive file, found sound.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Written } from '../../archiver/pool.ts';
import { checkBegun, faultOfStructure, openArchive, verifyWritten } from '../../archiver/verify.ts';
import { EXIT } from '../../src/errors.ts';
import { ROUTE_VARIANTS } from '../../src/format/layout.ts';
import { forge, recordOf } from '../boot/forge.ts';
import { temporaryFolder } from '../support/site.ts';
import { addon, soundArchive } from './fixture.ts';

const good = await soundArchive({ 'a.txt': 'a text' });
const folder = temporaryFolder();

test('a sound one comes with its manifest', () => {
  const archive = openArchive(good.target);
  expect(archive.manifest).toEqual(good.manifest);
  archive.close();
});

const pool = {
  findFault: (written: Written) => Promise.resolve(faultOfStructure(written, addon)),
};

test('one just written is sound in both halves', async () => {
  let told = 0;
  const written = { path: good.target, name: 'new.cdb' };
  await verifyWritten(written, { addon, pool, verified: (bytes) => (told += bytes) });
  expect(told).toBe(good.bytes.readUInt32LE(0) - 2_048);
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
});

const bentBody = (): Buffer => {
  const bytes = Buffer.from(good.bytes);
  bytes.write('A', bytes.indexOf('a text'));
  return bytes;
};
/** Under a right digest: the other half alone sees it. */
const bentRoute = () =>
  forge((records) => recordOf(records, '/a.html').value.writeUInt8(0, ROUTE_VARIANTS));

test.each([
  ['a body', bentBody, /another digest/],
  ['a route', bentRoute, /0 variants/],
])('with %s changed one just written is our own fault', async (_, make, reason) => {
  const path = join(folder, 'written.cdb');
  writeFileSync(path, make());
  const verifying = verifyWritten({ path, name: 'new.cdb' }, { addon, pool });
  await expect(verifying).rejects.toMatchObject({ exitCode: EXIT.bug });
  await expect(verifying).rejects.toThrow(/^the archive just written is not sound/);
  await expect(verifying).rejects.toThrow(reason);
});

test('what was found sound while the rest was written is not looked at again', async () => {
  const path = join(folder, 'begun.cdb');
  const written = { path, name: 'new.cdb' };
  const bodyEnd = good.bytes.indexOf('a text') + 'a text'.length;
  writeFileSync(path, good.bytes.subarray(0, bodyEnd + 20));
  const begun = checkBegun(written, addon);
  expect(begun).toEqual({ fault: undefined, to: bodyEnd });
  writeFileSync(path, bentBody());
  await verifyWritten(written, { addon, pool, begun: Promise.resolve(begun) });
  const bentHead = Buffer.from(good.bytes);
  bentHead.write('h', good.bytes.indexOf('HTTP/1.1'));
  writeFileSync(path, bentHead);
  const verifying = verifyWritten(written, { addon, pool, begun: Promise.resolve(begun) });
  await expect(verifying).rejects.toThrow(/its bytes have another digest/);
});

test('what was found bent while the rest was written is our own fault', async () => {
  const path = join(folder, 'bent-begun.cdb');
  const written = { path, name: 'new.cdb' };
  writeFileSync(path, bentBody());
  const begun = Promise.resolve(checkBegun(written, addon));
  writeFileSync(path, good.bytes);
  const verifying = verifyWritten(written, { addon, pool, begun });
  await expect(verifying).rejects.toThrow(/^the archive just written is not sound.*another digest/);
});

test('nothing, and what is no file, are told apart', () => {
  mkdirSync(join(folder, 'dir'));
  expect(() => openArchive(join(folder, 'nope'))).toThrow(/there is no file .*nope\. Name an/);
  expect(() => openArchive(join(folder, 'dir'))).toThrow(/dir is no file\. Name an archive/);
});
