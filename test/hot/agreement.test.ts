// agreement.test.ts: the hot lookup against tinycdb, for every key and for keys that are not there.
import { expect, test } from 'vitest';
import { cdbHash } from '../../src/format/hash.ts';
import { FULL, record } from '../support/ledger.ts';
import { makeArchive, page } from './harness.ts';
import { disagreements, randomKeys } from './oracle.ts';
import { sparseArchive } from './sparse.ts';

const COUNT = FULL ? 100_000 : 2_000;
const value = Uint8Array.of(1, 2, 3, 4);
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

function archiveOf(keys: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(
    sparseArchive([{ at: 2_048, records: keys.map((key) => ({ key, value })) }]),
  );
}

test.each([0, 1, 2, 3, 17, 255])('archives of %d records made by tinycdb', (count) => {
  const names = Array.from({ length: count }, (_, n) => `/${'x'.repeat(n)}${n}`);
  const archive = makeArchive(Object.fromEntries(names.map((name) => [name, page(name)])));
  const keys = names.flatMap((name) => [bytes(name), bytes(`b${name}0`), bytes(`h${name}0`)]);
  expect(disagreements(archive, [...keys, ...randomKeys(200, count + 1)])).toEqual([]);
});

test(`${COUNT} keys and as many misses`, () => {
  const keys = Array.from({ length: COUNT }, (_, n) => bytes(`/folder-${n % 97}/page-${n}.html`));
  const archive = archiveOf(keys);
  const faults = disagreements(archive, [...keys, ...randomKeys(COUNT, 42)]);
  const near = keys.flatMap((key) => [key.subarray(1), key.subarray(0, -1)]);
  faults.push(...disagreements(archive, near));
  record(
    'lookups that agree with tinycdb',
    { keys: COUNT, misses: 3 * COUNT },
    faults.length === 0,
  );
  expect(faults).toEqual([]);
});

test('keys that all start at the same slot of one table', () => {
  const slots = 64;
  const keys: Uint8Array[] = [];
  for (let n = 0; keys.length < slots / 2; n++) {
    const key = bytes(`/${n}`);
    const hash = cdbHash(key, 0, key.length);
    if ((hash & 255) === 9 && (hash >>> 8) % slots === slots - 3) keys.push(key);
  }
  const others = [...randomKeys(20_000, 3)].filter(
    (key) => (cdbHash(key, 0, key.length) & 255) === 9,
  );
  expect(others.length).toBeGreaterThan(20);
  expect(disagreements(archiveOf(keys), [...keys, ...others])).toEqual([]);
});

test('different keys of one hash', () => {
  const seen = new Map<number, Uint8Array>();
  const twins: Uint8Array[] = [];
  for (let n = 0; twins.length < 6; n++) {
    const key = bytes(`/${(n * 2_654_435_761) % 4_294_967_296}`);
    const hash = cdbHash(key, 0, key.length);
    const other = seen.get(hash);
    if (other) twins.push(other, key);
    seen.set(hash, key);
  }
  expect(disagreements(archiveOf(twins), twins)).toEqual([]);
  const first = twins.filter((_, index) => index % 2 === 0);
  expect(disagreements(archiveOf(first), twins)).toEqual([]);
});

test('of a key written twice the first record is the one', () => {
  const key = bytes('/twice');
  expect(disagreements(archiveOf([key, bytes('/x'), key]), [key])).toEqual([]);
});

test('keys of every length up to the longest', () => {
  const keys = [0, 1, 2, 255, 256, 4_096, 8_191, 8_192].map((length) =>
    new Uint8Array(length).fill(97),
  );
  expect(disagreements(archiveOf(keys.slice(1)), keys)).toEqual([]);
});
