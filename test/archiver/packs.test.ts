// packs.test.ts: files of the cache, written, read, damaged.
import { chmodSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PackReader, PackWriter, isPack, isUnfinished } from '../../archiver/packs.ts';
import type { Result } from '../../archiver/pool.ts';
import { sha256 } from '../../archiver/store.ts';
import { cdbHash } from '../../src/format/hash.ts';
import { noise, temporaryFolder, xorshift } from '../support/site.ts';
import { addon } from './fixture.ts';

const key = (number: number) => sha256(Buffer.from(`key ${number}`));
const hashOf = (number: number) => cdbHash(key(number), 0, 32);
const resultOf = (bytes: Uint8Array): Result => ({ bytes, digest: sha256(bytes) });
const results = [100, 0, 70_000, 1].map((length, seed) => resultOf(noise(length, seed + 1)));

function writePack(folder = temporaryFolder()): string {
  const writer = new PackWriter(folder, addon);
  for (const [number, result] of results.entries()) writer.add(key(number), result);
  expect(readdirSync(folder).filter(isPack)).toEqual([]);
  writer.finish();
  return join(folder, readdirSync(folder).find(isPack)!);
}

/** What can be read of it; undefined: it is no pack. */
function read(path: string): (Result | undefined)[] | undefined {
  const pack = PackReader.open(path);
  const found = pack && results.map((_, number) => pack.find(key(number), hashOf(number)));
  pack?.close();
  return found;
}

test('what was written is found, and nothing else', () => {
  const path = writePack();
  expect(read(path)).toEqual(results);
  const pack = PackReader.open(path)!;
  expect(pack.find(key(99), hashOf(99))).toBeUndefined();
  expect([...pack.entries()]).toEqual(results.map((result, number) => [key(number), result]));
  expect(pack.bytes).toBe(readFileSync(path).length);
  pack.close();
});

test('nobody sees a pack that is not complete, and nothing is left of one given up', () => {
  const folder = temporaryFolder();
  const writer = new PackWriter(folder, addon);
  writer.add(key(0), results[0]!);
  expect(readdirSync(folder).map(isUnfinished)).toEqual([true]);
  expect(readdirSync(folder).map(isPack)).toEqual([false]);
  writer.discard();
  expect(readdirSync(folder)).toEqual([]);
});

test('a pack cut short or bent anywhere gives the bytes written, or nothing', () => {
  const path = writePack();
  const whole = readFileSync(path);
  const next = xorshift(7);
  const check = (bytes: Uint8Array) => {
    writeFileSync(path, bytes);
    for (const [number, found] of (read(path) ?? []).entries()) {
      if (found) expect(Buffer.compare(found.bytes, results[number]!.bytes)).toBe(0);
    }
    const pack = PackReader.open(path);
    for (const [, result] of pack?.entries() ?? []) {
      expect(sha256(result.bytes).equals(result.digest)).toBe(true);
    }
    pack?.close();
  };
  for (let round = 0; round < 300; round++) {
    const bent = Buffer.from(whole);
    // Half of them where the tables and heads are: the large body is most of the file.
    const at = round % 2 === 0 ? next() % 2048 : next() % whole.length;
    for (let i = 0; i <= round % 4; i++) bent[(at + i) % whole.length] = next();
    check(bent);
  }
  for (let round = 0; round < 50; round++) check(whole.subarray(0, next() % whole.length));
  check(Buffer.alloc(5_000));
  check(Buffer.alloc(5_000, 0xff));
  writeFileSync(path, whole);
  expect(read(path)).toEqual(results);
});

test('a damaged entry is not there, the others are', () => {
  const path = writePack();
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(2048 + 8 + 32 + 32 + 50) ^ 1, 2048 + 8 + 32 + 32 + 50);
  writeFileSync(path, bytes);
  expect(read(path)).toEqual([undefined, ...results.slice(1)]);
});

test('what others could have written, what is a link or no file is not opened', () => {
  const folder = temporaryFolder();
  const path = writePack(folder);
  symlinkSync(path, join(folder, 'link.pack'));
  expect(PackReader.open(join(folder, 'link.pack'))).toBeUndefined();
  expect(PackReader.open(folder)).toBeUndefined();
  expect(PackReader.open(join(folder, 'no.pack'))).toBeUndefined();
  chmodSync(path, 0o622);
  expect(PackReader.open(path)).toBeUndefined();
});
