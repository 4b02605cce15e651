// spans.test.ts: lengths by offset against a Map.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Spans } from '../../src/boot/spans.ts';

test('spans know lengths at exact offsets alone', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(2 ** 32 - 1)), fc.nat(2 ** 32 - 1), (places, other) => {
      const spans = new Spans(places.length + 5);
      const model = new Map(places.sort((a, b) => a - b).map((at, index) => [at, index]));
      for (const [at, bytes] of model) spans.add(at, bytes);
      for (const at of [...places, other, 0]) expect(spans.lengthAt(at)).toBe(model.get(at));
    }),
  );
});
