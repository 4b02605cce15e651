// compress.test.ts: one coding of one body, here and now.
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BodyCompressor } from '../../archiver/compress.ts';
import { CODING_BR, CODING_GZIP, CODING_IDENTITY, CODING_ZSTD } from '../../src/format/layout.ts';
import { noise } from '../support/site.ts';
import { addon } from './fixture.ts';

const compressor = new BodyCompressor(addon);
const page = Buffer.from('the same words, again and again. '.repeat(1_000));
const codings = [
  { coding: CODING_BR, level: 9 },
  { coding: CODING_GZIP, level: 9 },
  { coding: CODING_ZSTD, level: 12 },
];

test('br and gzip come back to the same bytes', () => {
  expect(brotliDecompressSync(compressor.compress(codings[0]!, page)!)).toEqual(page);
  expect(gunzipSync(compressor.compress(codings[1]!, page)!)).toEqual(page);
});

test.each(codings)('coding $coding: the same bytes whatever came before', (recipe) => {
  const first = compressor.compress(recipe, page)!;
  compressor.compress(recipe, noise(6_000_000, 1).fill(0, 1_000_000));
  compressor.compress(recipe, Buffer.from('short '.repeat(30)));
  expect(compressor.compress(recipe, page)).toEqual(first);
  expect(first.length).toBe(first.buffer.byteLength);
});

test.each(codings)('coding $coding: what saves too little is undefined', (recipe) => {
  expect(compressor.compress(recipe, noise(100_000, 1))).toBeUndefined();
  // A twentieth less a little of it can be saved.
  expect(compressor.compress(recipe, noise(100_000, 1).fill(0, 95_500))).toBeUndefined();
  expect(compressor.compress(recipe, noise(100_000, 1).fill(0, 94_000))).toBeDefined();
  expect(compressor.compress(recipe, Buffer.alloc(66))).toBeUndefined();
  expect(compressor.compress(recipe, Buffer.alloc(100))).toBeDefined();
});

test.each([500, 65_520, 65_521, 200_000])('br of %i bytes comes back', (length) => {
  const body = Buffer.alloc(length, noise(length / 4, 3));
  const coded = compressor.compress(codings[0]!, body)!;
  expect(brotliDecompressSync(coded).equals(body)).toBe(true);
  // RFC 7932 section 9.1: a first bit of 0 is a window of 2^16 - 16 bytes.
  expect(coded[0]! & 1).toBe(length <= 65_520 ? 0 : 1);
});

test('a job has its results in the order of its recipes', () => {
  const { bytes, results } = compressor.run({ bytes: page, recipes: codings });
  expect(bytes).toBe(page);
  expect(results.map((result) => result!.bytes)).toEqual(
    codings.map((recipe) => compressor.compress(recipe, page)),
  );
});

test('an unknown coding is our fault', () => {
  const recipe = { coding: CODING_IDENTITY, level: 1 };
  expect(() => compressor.compress(recipe, page)).toThrow(/there is no coding 0/);
});
