// digest.test.ts: what the digest of an archive is of, and what has its own.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { digestArchive, digestSpan } from '../../src/boot/digest.ts';
import { verifyArchive } from '../../src/boot/archive.ts';
import { cdbRecords } from '../../src/format/cdb.ts';
import { MANIFEST_DIGEST_AT, MANIFEST_DIGEST_BYTES } from '../../src/format/layout.ts';
import { noise } from '../support/site.ts';
import { GOOD, HOSTED, forge, makeCdb, refusalOf } from './forge.ts';

const manifestOf = (bytes: Uint8Array) =>
  [...cdbRecords(bytes)].find(({ key }) => Buffer.from(key).toString() === 'cdbsite')!;
const isKeyed = (key: Uint8Array) => key.length === 33 && (key[0] === 0x62 || key[0] === 0x68);

/** The page of the format word for word: the file with parts cut out, hashed. */
function wanted(bytes: Uint8Array): string {
  const digitsAt = manifestOf(bytes).valueAt + MANIFEST_DIGEST_AT;
  const gaps = [...cdbRecords(bytes)]
    .filter(({ key }) => isKeyed(key))
    .map(({ valueAt, value }) => [valueAt, valueAt + value.length] as const);
  const left: Uint8Array[] = [];
  let from = 0;
  const all = [...gaps, [digitsAt, digitsAt + MANIFEST_DIGEST_BYTES] as const];
  for (const [start, end] of all.sort((one, two) => one[0] - two[0])) {
    left.push(bytes.subarray(from, start));
    from = end;
  }
  return createHash('sha256')
    .update(Buffer.concat([...left, bytes.subarray(from)]))
    .digest('hex');
}

const long = { key: Buffer.from('/long'), value: noise(300_000, 5) };

test.each([
  ['a site', GOOD],
  ['sites by host', HOSTED],
  ['the manifest elsewhere', forge((records) => records.reverse())],
  ['a long value without a digest', forge((records) => records.unshift(long))],
])('it is of all but its digits and what has one of its own: %s', (_, bytes) => {
  expect(digestArchive(bytes, manifestOf(bytes).valueAt)).toBe(wanted(bytes));
});

test('what only looks like the key of a body is in it', () => {
  const keys = ['b', 'h', `b${'x'.repeat(31)}`, `b${'x'.repeat(33)}`, `c${'x'.repeat(32)}`];
  const bytes = forge((records) => {
    for (const key of keys) records.push({ key: Buffer.from(key), value: Buffer.from('value') });
  });
  const { valueAt } = manifestOf(bytes);
  const before = digestArchive(bytes, valueAt);
  for (const { key, valueAt: at } of cdbRecords(bytes)) {
    if (!keys.includes(Buffer.from(key).toString())) continue;
    const bent = Buffer.from(bytes);
    bent[at] = bent[at]! ^ 1;
    expect(digestArchive(bent, valueAt), Buffer.from(key).toString()).not.toBe(before);
  }
});

/** Where in GOOD each kind of byte is. */
function places(): [kind: string, at: number][] {
  const records = [...cdbRecords(GOOD)];
  const kinds = { manifest: /^cdbsite$/, body: /^b[^]{32}$/, head: /^h[^]{32}$/, route: /^\// };
  const tables = Buffer.from(GOOD).readUInt32LE(0);
  const slots = Array.from({ length: (GOOD.length - tables) / 8 }, (_, at) => tables + 8 * at);
  const isUsed = (slot: number) => Buffer.from(GOOD).readUInt32LE(slot + 4) !== 0;
  const used = slots.find(isUsed)!;
  const empty = slots.find((slot) => !isUsed(slot))!;
  const manifest = manifestOf(GOOD);
  const end = manifest.valueAt + manifest.value.length;
  return [
    ['the position of a hash table', 8 * 7],
    ['the slots of a hash table', 8 * 7 + 4],
    ...Object.entries(kinds).flatMap(([kind, shape]): [string, number][] => {
      const { key, valueAt } = records.find((record) =>
        shape.test(Buffer.from(record.key).toString('latin1')),
      )!;
      const at = valueAt - key.length;
      return [
        [`the length of a key: ${kind}`, at - 8],
        [`the length of a value: ${kind}`, at - 4],
        [`the key: ${kind}`, at + key.length - 1],
        [`the value: ${kind}`, valueAt + 13],
      ];
    }),
    ['the filling of the manifest', end - 2],
    ['the end of the manifest', end - 1],
    ['the hash of a slot', used],
    ['the position in a slot', used + 4],
    ['the hash of an empty slot', empty],
    ['the position in an empty slot', empty + 4],
    ['the last byte', GOOD.length - 1],
  ];
}

test.each(places())('no bit of it may change: %s', (_, at) => {
  for (let bit = 0; bit < 8; bit++) {
    const bent = Buffer.from(GOOD);
    bent[at] = bent[at]! ^ (1 << bit);
    expect(refusalOf(() => verifyArchive(bent, 'x.cdb'))).toMatch(/^x\.cdb: refused/);
  }
});

test('values that change places are refused, and so are whole records', () => {
  const bodies = [...cdbRecords(GOOD)].filter(({ key }) => key[0] === 0x62);
  const [one, other] = [bodies[0]!, bodies[1]!];
  const valuesMoved = Buffer.from(GOOD);
  const shared = Math.min(one.value.length, other.value.length);
  valuesMoved.set(other.value.subarray(0, shared), one.valueAt);
  expect(refusalOf(() => verifyArchive(valuesMoved, 'x'))).toMatch(/have another digest/);
  const order = forge((records) => records.splice(0, 2, records[1]!, records[0]!));
  const { digest } = verifyArchive(GOOD, 'x');
  order.write(digest, manifestOf(order).valueAt + MANIFEST_DIGEST_AT, 'latin1');
  expect(refusalOf(() => verifyArchive(order, 'x'))).toMatch(/refused at its digest/);
});

test('a span has the SHA-256 of its bytes, however long it is', () => {
  const bytes = noise(3_000_000, 9);
  for (const [from, to] of [
    [0, 0],
    [5, 50_000],
    [1, 1_048_577],
    [0, 1_048_577],
    [7, bytes.length],
  ] as const) {
    const sum = createHash('sha256').update(bytes.subarray(from, to)).digest('binary');
    expect(digestSpan(bytes, from, to)).toBe(sum);
  }
});

test('an archive without bodies has one as well', () => {
  const bytes = makeCdb([
    { key: Buffer.from('cdbsite'), value: Buffer.from(manifestOf(GOOD).value) },
  ]);
  expect(digestArchive(bytes, manifestOf(bytes).valueAt)).toBe(wanted(bytes));
});
