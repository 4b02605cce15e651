// rules.test.ts: tables of rules as objects and as bytes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  PIECE_HEAD_BYTES,
  RULES_HEAD_BYTES,
  RULES_MAX,
  RULE_BYTES,
  RULE_HEAD_BYTES,
  RULE_PIECES,
  RULE_PIECES_AT,
  RULE_ROUTE_AT,
  RULE_SEGMENTS,
  RULE_SPLAT,
  SEGMENT_HEAD_BYTES,
} from '../../src/format/layout.ts';
import { decodeRules, encodeRules } from '../../src/format/rules.ts';
import type { Rule } from '../../src/format/rules.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 5 });
const byte = fc.nat(255);
const rule: fc.Arbitrary<Rule> = fc.record({
  kind: byte,
  segments: fc.array(text, { maxLength: 5 }),
  splat: fc.boolean(),
  pieces: fc.array(fc.record({ kind: byte, capture: byte, text }), { maxLength: 5 }),
  route: fc.uint8Array({ maxLength: 50 }),
});

test('rules come back from their bytes, at any place in a buffer', () => {
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), fc.nat(9), (rules, before) => {
      const bytes = encodeRules(rules);
      const buffer = Buffer.concat([Buffer.alloc(before, 0xff), bytes, Buffer.alloc(3, 0xff)]);
      expect(decodeRules(buffer.subarray(before, before + bytes.length))).toEqual(
        rules.map((given) => ({ ...given, route: Buffer.from(given.route) })),
      );
    }),
  );
});

const ONE: Rule = {
  kind: 2,
  segments: ['ab', ''],
  splat: true,
  pieces: [{ kind: 1, capture: 1, text: 'x' }],
  route: Uint8Array.of(7),
};

test('numbers stand where layout.ts says', () => {
  const bytes = Buffer.from(encodeRules([ONE, ONE]));
  const segments = 2 * SEGMENT_HEAD_BYTES + 2;
  const length = RULE_HEAD_BYTES + segments + PIECE_HEAD_BYTES + 1 + 1;
  expect(bytes.length).toBe(RULES_HEAD_BYTES + 2 * length);
  expect(bytes.readUInt32LE(0)).toBe(2);
  expect(bytes.subarray(RULES_HEAD_BYTES, RULES_HEAD_BYTES + length).toString('hex')).toBe(
    '1800' +
      '1200' +
      '1700' +
      '02' +
      '02' +
      '01' +
      '01' +
      '0000' + // head
      '0200' +
      '6162' +
      '0000' + // segments
      '01' +
      '01' +
      '0100' +
      '78' + // piece
      '07', // route
  );
});

test('what does not fit its field is our own fault', () => {
  expect(() => encodeRules([{ ...ONE, kind: 256 }])).toThrow(RangeError);
  expect(() => encodeRules([{ ...ONE, segments: ['a'.repeat(70_000)] }])).toThrow(RangeError);
  expect(() => encodeRules([{ ...ONE, route: new Uint8Array(70_000) }])).toThrow(RangeError);
});

const R = RULES_HEAD_BYTES;

test.each<[string, number, number, RegExp]>([
  ['no rule', 0, 0, /0 rules, not 1 to 1000/],
  ['too many', 2, 1, /65537 rules/],
  ['one rule more', 0, 2, /rule 2: it is cut short/],
  ['a shorter rule', R + RULE_BYTES, 11, /rule 1: it is cut short/],
  ['a longer rule', R + RULE_BYTES, 200, /rule 1: it is cut short/],
  ['pieces in the head', R + RULE_PIECES_AT, 3, /pieces at 3/],
  ['pieces past the route', R + RULE_PIECES_AT, 24, /pieces at 24 and a route at 23 of 24/],
  ['a route past the end', R + RULE_ROUTE_AT, 25, /a route at 25 of 24/],
  ['a route elsewhere', R + RULE_ROUTE_AT, 22, /cut short/],
  ['a further segment', R + RULE_SEGMENTS, 3, /cut short/],
  ['a segment less', R + RULE_SEGMENTS, 1, /bytes between segments/],
  ['a splat of another kind', R + RULE_SPLAT, 2, /must be zero/],
  ['a further piece', R + RULE_PIECES, 2, /cut short/],
  ['a byte that is not zero', R + RULE_PIECES + 1, 1, /must be zero/],
  ['text that is no UTF-8', R + RULE_HEAD_BYTES + SEGMENT_HEAD_BYTES, 0xff, /not UTF-8/],
])('%s is told apart in words', (_, at, value, reason) => {
  const bytes = Uint8Array.from(encodeRules([ONE]));
  bytes[at] = value;
  expect(decodeRules(bytes)).toMatch(reason);
});

test('too short, and too long', () => {
  const bytes = encodeRules([ONE]);
  expect(decodeRules(bytes.subarray(0, 3))).toMatch(/too short/);
  expect(decodeRules(bytes.subarray(0, -1))).toMatch(/rule 1: it is cut short/);
  expect(decodeRules(Buffer.concat([bytes, Buffer.alloc(1)]))).toMatch(/1 bytes after the last/);
  const many = encodeRules(Array.from({ length: RULES_MAX + 1 }, () => ONE));
  expect(decodeRules(many)).toMatch(/1001 rules/);
});

test('no bytes make it throw', () => {
  const bytes = fc.tuple(fc.nat(3), fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(bytes, ([count, tail]) => {
      const all = Uint8Array.from([count, 0, 0, 0, ...tail]);
      const decoded = decodeRules(all);
      if (typeof decoded !== 'string') expect(Uint8Array.from(encodeRules(decoded))).toEqual(all);
    }),
  );
});
