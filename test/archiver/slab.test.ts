// slab.test.ts: short pieces share buffers, long ones do not, and none overlap.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buffersOf, ownBuffer, sharedBuffers } from '../../archiver/slab.ts';

test('every piece has its length and no byte of another', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40_000), { maxLength: 30 }), (lengths) => {
      const take = sharedBuffers();
      const pieces = lengths.map(take);
      for (const [at, piece] of pieces.entries()) piece.fill(at + 1);
      for (const [at, piece] of pieces.entries()) {
        expect(piece.length).toBe(lengths[at]);
        expect(piece.every((byte) => byte === at + 1)).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test('short ones share a buffer, and a long one has its own', () => {
  const take = sharedBuffers();
  const pieces = [100, 200_000, 300].map(take);
  expect(buffersOf(pieces)).toEqual([pieces[0]!.buffer, pieces[1]!.buffer]);
  expect(pieces[1]!.buffer.byteLength).toBe(200_000);
  expect(ownBuffer(10).buffer.byteLength).toBe(10);
});

test('buffers are those of nobody else', () => {
  const [one, other] = [sharedBuffers()(10), sharedBuffers()(10)];
  expect(buffersOf([one, other, one])).toHaveLength(2);
});
