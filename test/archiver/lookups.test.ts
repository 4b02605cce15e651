// lookups.test.ts: what is found in packs, and in which of them.
import { closeSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Lookups, resultKey } from '../../archiver/lookups.ts';
import type { Sought } from '../../archiver/lookups.ts';
import { PackWriter, isPack, openPack } from '../../archiver/packs.ts';
import type { OpenPack } from '../../archiver/packs.ts';
import type { Result } from '../../archiver/pool.ts';
import { ownBuffer, sharedBuffers } from '../../archiver/slab.ts';
import { sha256 } from '../../archiver/store.ts';
import { CODING_BR, CODING_GZIP, CODING_IDENTITY } from '../../src/format/layout.ts';
import { onEnd } from '../support/cleanup.ts';
import { noise, temporaryFolder } from '../support/site.ts';
import { addon } from './fixture.ts';

const sought = (number: number, coding = CODING_GZIP, level = 9): Sought => ({
  body: sha256(Buffer.from(`body ${number}`)),
  recipe: { coding, level },
});
const resultOf = (bytes: Uint8Array): Result => ({ bytes, digest: sha256(bytes) });
const results = [100, 70_000, 0].map((length, seed) => resultOf(noise(length, seed + 1)));

/** With results of these numbers, in a folder of its own. */
function writePack(numbers: readonly number[]): string {
  const folder = temporaryFolder();
  const writer = new PackWriter(folder, addon);
  for (const number of numbers) writer.add(resultKey(sought(number), addon), results[number]!);
  writer.finish();
  return join(folder, readdirSync(folder).find(isPack)!);
}

function open(path: string): OpenPack {
  const pack = openPack(path)!;
  onEnd(() => closeSync(pack.descriptor));
  return pack;
}

test('each has its own result, of the first pack that has one', () => {
  const packs = [[1], [0, 1], [2]].map((numbers) => open(writePack(numbers)));
  const lookups = new Lookups(addon);
  const all = { packs, sought: [2, 0, 3, 1].map((number) => sought(number)) };
  const found = [{ ...results[2], pack: 2 }, { ...results[0], pack: 1 }, undefined];
  const plain = JSON.stringify([...found, { ...results[1], pack: 0 }]);
  expect(JSON.stringify(lookups.run(all, ownBuffer))).toBe(plain);
  expect(JSON.stringify(lookups.run(all, sharedBuffers()))).toBe(plain);
});

test('another body, coding, level or library is something else', () => {
  const keys = [
    resultKey(sought(0), addon),
    resultKey(sought(1), addon),
    resultKey(sought(0, CODING_BR), addon),
    resultKey(sought(0, CODING_GZIP, 8), addon),
    resultKey(sought(0), { libraries: { ...addon.libraries, gzip: 'libdeflate 99' } }),
  ].map((key) => key.toString('hex'));
  expect(new Set(keys).size).toBe(keys.length);
  expect(() => resultKey(sought(0, CODING_IDENTITY), addon)).toThrow('there is no coding 0');
});

test('a pack that is damaged or none has nothing, and the others have what they have', () => {
  const bent = writePack([0]);
  const bytes = readFileSync(bent);
  bytes.writeUInt8(bytes.readUInt8(2048 + 8 + 32 + 32 + 50) ^ 1, 2048 + 8 + 32 + 32 + 50);
  writeFileSync(bent, bytes);
  const none = writePack([0]);
  writeFileSync(none, 'none');
  const packs = [bent, none, writePack([0])].map(open);
  const [found] = new Lookups(addon).run({ packs, sought: [sought(0)] }, ownBuffer);
  expect(found).toEqual({ ...results[0], pack: 2 });
});
