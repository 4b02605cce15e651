// cdb.test.ts: a CDB is sound when every byte of it is accounted for.
import { expect, test } from 'vitest';
import { checkCdb } from '../../src/boot/cdb.ts';
import { cdbHash } from '../../src/format/hash.ts';
import { xorshift } from '../support/site.ts';
import { GOOD, makeCdb, refusalOf } from './forge.ts';

const record = (key: string, value = '') => ({ key: Buffer.from(key), value: Buffer.from(value) });
const THREE = makeCdb([record('one', 'a'), record('two'), record('three', 'ccc')]);
const reason = (bytes: Uint8Array) => refusalOf(() => checkCdb(bytes, 'x.cdb'));
const END = THREE.readUInt32LE(0);

function changed(at: number, value: number): Buffer {
  const copy = Buffer.from(THREE);
  copy.writeUInt32LE(value, at);
  return copy;
}

/** Where the slot of a key is. */
function slotOf(key: string): number {
  const hash = cdbHash(Buffer.from(key), 0, key.length);
  const table = THREE.readUInt32LE((hash & 255) * 8);
  const slots = THREE.readUInt32LE((hash & 255) * 8 + 4);
  return table + ((hash >>> 8) % slots) * 8;
}

test('the offsets of all records come back', () => {
  expect([...checkCdb(THREE, 'x.cdb')]).toEqual([2048, 2048 + 12, 2048 + 12 + 11]);
  expect([...checkCdb(makeCdb([]), 'x.cdb')]).toEqual([]);
  expect(checkCdb(GOOD, 'x.cdb').length).toBeGreaterThan(20);
});

test.each([
  ['empty', Buffer.alloc(0), /^x\.cdb: refused: the file is empty\. Name an archive/],
  ['a text', Buffer.from('<!doctype html>\n'.repeat(200)), /begins as a text file/],
  ['a short text', Buffer.from('hi\n'), /begins as a text file/],
  ['a header cut short', GOOD.subarray(0, 2047), /2047 bytes are less than the 2048 .* cut short/],
  ['zeros', Buffer.alloc(5000), /at the header: the file is no CDB/],
  ['a program', Buffer.alloc(5000, '\u007fELF\u0001\u0000'), /at the header: hash table 1 begins/],
  ['cut short', THREE.subarray(0, -1), /hash tables end at .* past the end .* cut short: copy/],
  ['a byte more', Buffer.concat([THREE, Buffer.alloc(1)]), /at its end: 1 bytes follow/],
])('%s is told apart', (_, bytes, text) => {
  expect(reason(bytes)).toMatch(text);
});

test.each([
  ['a key past the end', changed(2048, 0xffff_ffff), /at offset 2048: the record ends at 42949/],
  [
    'a value past the end',
    changed(2048 + 4, 9999),
    /at record "one", offset 2048: the record ends/,
  ],
  ['a gap before the tables', changed(2048 + 12 + 11 + 4, 1), /at offset/],
  ['records that swallow one', changed(2048 + 4, 12), /2 records and 6 slots/],
  ['an odd number of slots', changed(255 * 8 + 4, 1), /past the end/],
  ['a table that is not where it should be', changed(8, END + 8), /hash table 1 begins at/],
  ['a slot that is empty', changed(slotOf('two') + 4, 0), /record "two": no hash slot leads to it/],
  ['a slot with another hash', changed(slotOf('two'), 7), /record "two": no hash slot leads/],
  ['a slot to nowhere', changed(slotOf('two') + 4, 0xffff_fff0), /record "two": no hash slot/],
  ['a slot to another record', changed(slotOf('two') + 4, 2048), /record "two": no hash slot/],
])('%s is refused', (_, bytes, text) => {
  expect(reason(bytes)).toMatch(text);
});

test('a used slot that no record needs is refused', () => {
  const empty = [slotOf('one'), slotOf('two'), slotOf('three')].map((slot) =>
    // Two slots a table: the other one of each is empty.
    THREE.readUInt32LE(slot + 8 < THREE.length ? slot + 12 : 0) === 0 ? slot + 8 : slot - 8,
  )[0]!;
  expect(reason(changed(empty + 4, 2048))).toMatch(/4 of 6 slots are used, not half/);
  expect(reason(changed(empty, 1))).toMatch(/it is empty, but has a hash/);
});

test('a key that is there twice is refused', () => {
  expect(reason(makeCdb([record('a', '1'), record('b'), record('a', '2')]))).toMatch(
    /at record "a": its key is there twice/,
  );
});

test('a table that makes every lookup long is refused before it takes long', () => {
  const bytes = makeCdb(
    crowded(3_072).map((key) => ({ key: Buffer.from(key, 'latin1'), value: Buffer.alloc(0) })),
  );
  const started = performance.now();
  expect(reason(bytes)).toMatch(/its lookup is too long, as in a table made for that/);
  expect(performance.now() - started).toBeLessThan(5_000);
});

/** Keys of one table, all of which start in the first eighth of its slots. */
function crowded(count: number): string[] {
  const keys: string[] = [];
  const next = xorshift(5);
  const buffer = Buffer.alloc(8);
  for (let tried = 0; tried < 30_000_000 && keys.length < count; tried++) {
    buffer.writeUInt32LE(next(), 0);
    buffer.writeUInt32LE(tried, 4);
    const hash = cdbHash(buffer, 0, 8);
    if ((hash & 255) === 9 && (hash >>> 8) % (2 * count) < count / 4) {
      keys.push(buffer.toString('latin1'));
    }
  }
  return keys;
}
