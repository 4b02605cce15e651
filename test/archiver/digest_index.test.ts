// digest_index.test.ts: the index against a Map, with digests that collide on purpose.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DigestIndex } from '../../archiver/digest_index.ts';
import { sha256 } from '../../archiver/store.ts';

/** An index whose places are numbers from 1 of these digests. */
function indexOf(digests: readonly Uint8Array[]) {
  let asked = 0;
  const index = new DigestIndex((place, digest) => {
    asked++;
    return Buffer.compare(digests[place - 1]!, digest) === 0;
  });
  return { index, asked: () => asked };
}

/** Few tags, so that slots and whole tags are shared. */
const digest = fc
  .tuple(fc.constantFrom(0, 1, 2, 1023, 2 ** 31, 2 ** 32 - 1), fc.nat(3))
  .map(([tag, rest]) => {
    const bytes = Buffer.alloc(32, rest);
    bytes.writeUInt32BE(tag);
    return bytes;
  });

test('it finds what a Map finds, also where tags collide', () => {
  fc.assert(
    fc.property(fc.array(digest, { maxLength: 60 }), (wanted) => {
      const added: Buffer[] = [];
      const { index } = indexOf(added);
      const model = new Map<string, number>();
      for (const each of wanted) {
        const name = each.toString('hex');
        expect(index.find(each)).toBe(model.get(name) ?? 0);
        if (model.has(name)) continue;
        index.add(each, added.push(each));
        model.set(name, added.length);
      }
    }),
  );
});

test('it grows, and asks for next to nothing that is not there', () => {
  const digests = Array.from({ length: 20_000 }, (_, i) => sha256(Buffer.from(String(i))));
  const { index, asked } = indexOf(digests);
  digests.forEach((each, at) => index.add(each, at + 1));
  digests.forEach((each, at) => expect(index.find(each)).toBe(at + 1));
  const before = asked();
  for (let i = 0; i < 20_000; i++) expect(index.find(sha256(Buffer.from(`no ${i}`)))).toBe(0);
  expect(asked() - before).toBeLessThan(20);
});

test('the largest place is one', () => {
  const index = new DigestIndex((place) => place === 2 ** 32 - 1);
  index.add(Buffer.alloc(32), 2 ** 32 - 1);
  expect(index.find(Buffer.alloc(32))).toBe(2 ** 32 - 1);
});
