// packs.test.ts: files of the cache, written, read, damaged.
import {
  chmodSync,
  closeSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PackReader, PackWriter, isPack, isUnfinished, openPack } from '../../archiver/packs.ts';
import type { Result } from '../../archiver/pool.ts';
import { ownBuffer } from '../../archiver/slab.ts';
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

/** Undefined: it is no pack, or cannot be opened. */
function withPack<Answer>(path: string, ask: (pack: PackReader) => Answer): Answer | undefined {
  const open = openPack(path);
  const pack = open && PackReader.of(open);
  const answer = pack && ask(pack);
  if (open) closeSync(open.descriptor);
  return answer;
}

const find = (pack: PackReader, number: number) =>
  pack.find(key(number), hashOf(number), ownBuffer);

/** What can be read of it; undefined: it is no pack. */
function read(path: string): (Result | undefined)[] | undefined {
  return withPack(path, (pack) => results.map((_, number) => find(pack, number)));
}

test('what was written is found, and nothing else', () => {
  const path = writePack();
  expect(read(path)).toEqual(results);
  const all = results.map((result, number) => [key(number), result]);
  expect(withPack(path, (pack) => [find(pack, 99), [...pack.entries()]])).toEqual([undefined, all]);
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
    for (const [, result] of withPack(path, (pack) => [...pack.entries()]) ?? []) {
      expect(sha256(result.bytes).equals(result.digest)).toBe(true);
    }
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
  expect(openPack(join(folder, 'link.pack'))).toBeUndefined();
  expect(openPack(folder)).toBeUndefined();
  expect(openPack(join(folder, 'no.pack'))).toBeUndefined();
  chmodSync(path, 0o622);
  expect(openPack(path)).toBeUndefined();
});
