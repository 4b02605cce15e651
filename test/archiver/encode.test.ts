// encode.test.ts: which codings are stored.
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { encodeBody, makeCoders } from '../../archiver/encode.ts';
import type { Coder } from '../../archiver/encode.ts';
import { CODING_BR, CODING_GZIP, CODING_IDENTITY } from '../../src/format/layout.ts';
import { noise } from '../support/site.ts';

const gzip = makeCoders(['gzip'], 'balanced');
const codings = async (bytes: Uint8Array, coders: readonly Coder[]) =>
  (await encodeBody(bytes, coders)).map((body) => body.coding);

/** A coder that saves exactly so many bytes. */
const saving = (bytes: number, coding = CODING_BR): Coder => ({
  coding,
  compress: (body) => Promise.resolve(body.subarray(bytes)),
});

test('gzip comes back to the same bytes and stands first', async () => {
  const page = Buffer.from('the same words '.repeat(100));
  const [first, second] = await encodeBody(page, gzip);
  expect([first?.coding, second?.coding]).toEqual([CODING_GZIP, CODING_IDENTITY]);
  expect(gunzipSync(first!.bytes)).toEqual(page);
  expect(second!.bytes).toBe(page);
});

test('a gzip header says neither when nor on what system it was made', async () => {
  const [first] = await encodeBody(Buffer.alloc(5_000), gzip);
  expect([...first!.bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
});

test('what does not shrink is stored as it is', async () => {
  expect(await codings(noise(5_000, 1), gzip)).toEqual([CODING_IDENTITY]);
  expect(await codings(new Uint8Array(0), gzip)).toEqual([CODING_IDENTITY]);
  expect(await codings(Buffer.alloc(64), gzip)).toEqual([CODING_IDENTITY]);
});

test('a coding must save 64 bytes and 5 %', async () => {
  const both = [CODING_BR, CODING_IDENTITY];
  expect(await codings(Buffer.alloc(500), [saving(64)])).toEqual(both);
  expect(await codings(Buffer.alloc(500), [saving(63)])).toEqual([CODING_IDENTITY]);
  expect(await codings(Buffer.alloc(10_000), [saving(500)])).toEqual(both);
  expect(await codings(Buffer.alloc(10_000), [saving(499)])).toEqual([CODING_IDENTITY]);
});

test('the smallest body comes first', async () => {
  const coders = [saving(600, CODING_GZIP), saving(700, CODING_BR)];
  expect(await codings(Buffer.alloc(1_000), coders)).toEqual([
    CODING_BR,
    CODING_GZIP,
    CODING_IDENTITY,
  ]);
});

test('no effort makes no coder', () => {
  expect(makeCoders(['gzip'], 'none')).toEqual([]);
  expect(makeCoders(['gzip'], 'fast').map((coder) => coder.coding)).toEqual([CODING_GZIP]);
});
