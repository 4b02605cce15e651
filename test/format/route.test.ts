// route.test.ts: route records as objects and as bytes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CODING_NAMES,
  ROUTE_FLAGS,
  ROUTE_FLAG_MISSING,
  ROUTE_FLAG_REDIRECT,
  ROUTE_HEAD_BYTES,
  ROUTE_STATUS,
  ROUTE_VARIANTS,
  VARIANTS_MAX,
  VARIANT_BODY_AT,
  VARIANT_BYTES,
  VARIANT_CODING,
} from '../../src/format/layout.ts';
import { decodeRoute, encodeRoute } from '../../src/format/route.ts';
import type { Route } from '../../src/format/route.ts';

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const variant = fc.record({
  coding: fc.integer({ min: 0, max: CODING_NAMES.length - 1 }),
  statusBytes: u16,
  commonBytes: u16,
  contentBytes: u16,
  lengthBytes: u16,
  etagAt: u16,
  etagBytes: u16,
  typeAt: u16,
  typeBytes: u16,
  sharingBytes: u16,
  headAt: u32,
  bodyAt: u32,
  bodyBytes: u32,
});
const route: fc.Arbitrary<Route> = fc.record({
  status: u16,
  redirect: fc.boolean(),
  ownQuery: fc.boolean(),
  file: fc.boolean(),
  modified: u32,
  variants: fc.array(variant, { minLength: 1, maxLength: VARIANTS_MAX }),
});

test('a route comes back from its bytes, at any place in a buffer', () => {
  fc.assert(
    fc.property(route, fc.nat(9), (given, before) => {
      const bytes = encodeRoute(given);
      const buffer = Buffer.concat([Buffer.alloc(before, 0xff), bytes, Buffer.alloc(3, 0xff)]);
      expect(decodeRoute(buffer.subarray(before, before + bytes.length))).toEqual(given);
    }),
  );
});

const sound = fc.sample(route, { numRuns: 1, seed: 1 })[0]!;

test('numbers stand where layout.ts says', () => {
  const body = { ...sound.variants[0]!, coding: 2, bodyAt: 0x89ab_cdef };
  const bytes = encodeRoute({
    ...sound,
    status: 404,
    redirect: true,
    ownQuery: false,
    file: false,
    variants: [body, body],
  });
  const view = new DataView(bytes.buffer);
  expect(bytes.length).toBe(ROUTE_HEAD_BYTES + 2 * VARIANT_BYTES);
  expect(view.getUint16(ROUTE_STATUS, true)).toBe(404);
  expect(view.getUint16(ROUTE_FLAGS, true)).toBe(ROUTE_FLAG_REDIRECT | ROUTE_FLAG_MISSING);
  expect(view.getUint8(ROUTE_VARIANTS)).toBe(2);
  const second = ROUTE_HEAD_BYTES + VARIANT_BYTES;
  expect(view.getUint8(second + VARIANT_CODING)).toBe(2);
  expect(view.getUint32(second + VARIANT_BODY_AT, true)).toBe(0x89ab_cdef);
});

test('what does not fit its field is our own fault', () => {
  const [first] = sound.variants;
  const withVariant = (change: object) => () =>
    encodeRoute({ ...sound, variants: [{ ...first!, ...change }] });
  expect(withVariant({ etagAt: 0x1_0000 })).toThrow(RangeError);
  expect(withVariant({ bodyAt: 2 ** 32 })).toThrow(RangeError);
  expect(withVariant({ bodyAt: -1 })).toThrow(RangeError);
  expect(withVariant({ bodyBytes: 0.5 })).toThrow(RangeError);
  expect(() => encodeRoute({ ...sound, variants: [] })).toThrow(RangeError);
});

test('a record that is none is told apart in words', () => {
  const bytes = encodeRoute({ ...sound, variants: [sound.variants[0]!] });
  const changed = (at: number, value: number) => {
    const copy = Uint8Array.from(bytes);
    copy[at] = value;
    return decodeRoute(copy);
  };
  expect(decodeRoute(bytes.subarray(0, 5))).toMatch(/too short/);
  expect(decodeRoute(bytes.subarray(1))).toBeTypeOf('string');
  expect(decodeRoute(new Uint8Array([...bytes, 0]))).toMatch(/not the 44/);
  expect(changed(ROUTE_VARIANTS, 0)).toMatch(/0 variants/);
  expect(changed(ROUTE_VARIANTS, 5)).toMatch(/5 variants/);
  expect(changed(ROUTE_VARIANTS + 1, 1)).toMatch(/must be zero/);
  expect(changed(ROUTE_FLAGS, 16)).toMatch(/unknown flags/);
  expect(changed(ROUTE_FLAGS, ROUTE_FLAG_MISSING)).toMatch(/and the wrong flag/);
  expect(changed(ROUTE_HEAD_BYTES + VARIANT_CODING, 4)).toMatch(/unknown coding 4/);
  expect(changed(ROUTE_HEAD_BYTES + 1, 1)).toMatch(/must be zero/);
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const decoded = decodeRoute(bytes);
      if (typeof decoded !== 'string') expect(encodeRoute(decoded)).toEqual(bytes);
    }),
  );
});
