// ranges.test.ts: Range values against a slow and plain reading of RFC 9110 14.1.2.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  RANGE_IGNORED,
  RANGE_UNSATISFIABLE,
  ranges,
  RANGES_MAX,
  readRanges,
} from '../../src/hot/ranges.ts';
import { inbox } from '../../src/hot/ring.ts';

const FULL = process.env['CDBSERVE_FULL'] === '1';
const AT = 17;
const IGNORED = 'ignored';
type Span = readonly [first: number, bytes: number];

/** The parts to send, none for a 416; what stands behind the value is as wrong as can be. */
function read(value: string, length: number): readonly Span[] | typeof IGNORED {
  inbox.set(Buffer.from(`${value}\r\n9-9,9-9`, 'latin1'), AT);
  ranges.fill(0);
  const count = readRanges(AT, AT + value.length, length);
  if (count === RANGE_IGNORED) return IGNORED;
  expect(count).toBeGreaterThanOrEqual(RANGE_UNSATISFIABLE);
  return Array.from({ length: count }, (_, at) => [ranges[at * 2]!, ranges[at * 2 + 1]!]);
}

const saturate = (digits: string): number => Math.min(Number(digits), 0xffff_ffff);

function reference(value: string, length: number): readonly Span[] | typeof IGNORED {
  const set = /^bytes=(.*)$/is.exec(value)?.[1];
  // [ element ] *( OWS "," OWS [ element ] ): nothing before the first element but a comma.
  if (set === undefined || /^[ \t]+[^ \t,]/.test(set)) return IGNORED;
  const members = set
    .split(',')
    .map((text) => text.replaceAll(/^[ \t]+|[ \t]+$/g, ''))
    .filter((text) => text !== '');
  if (members.length === 0) return IGNORED;
  const spans: Span[] = [];
  for (const member of members) {
    const [, first, last] = /^(\d*)-(\d*)$/.exec(member) ?? ['', '', ''];
    if (first === '' && last === '') return IGNORED;
    if (first !== '' && last !== '' && BigInt(last!) < BigInt(first!)) return IGNORED;
    const suffix = Math.min(saturate(last!), length);
    const from = first === '' ? length - suffix : saturate(first!);
    const to = first === '' || last === '' ? length : Math.min(saturate(last!) + 1, length);
    // A suffix of nothing can be satisfied, but no Content-Range can say so: the whole, then.
    if (first === '' && length === 0 && saturate(last!) > 0) return IGNORED;
    if (from < to) spans.push([from, to - from]);
  }
  const sum = spans.reduce((bytes, [, more]) => bytes + more, 0);
  const tooMany = spans.length > RANGES_MAX || (spans.length > 1 && sum > length);
  return tooMany ? IGNORED : spans;
}

const many = (count: number, member = '0-0'): string => `bytes=${Array(count).fill(member)}`;

test.each<readonly [string, number, readonly Span[] | typeof IGNORED]>([
  ['bytes=0-0', 10, [[0, 1]]],
  ['bytes=0-', 10, [[0, 10]]],
  ['bytes=9-', 10, [[9, 1]]],
  ['bytes=10-', 10, []],
  ['bytes=2-4', 10, [[2, 3]]],
  ['bytes=2-99', 10, [[2, 8]]],
  ['bytes=-1', 10, [[9, 1]]],
  ['bytes=-10', 10, [[0, 10]]],
  ['bytes=-11', 10, [[0, 10]]],
  ['bytes=-0', 10, []],
  ['bytes=-00', 10, []],
  ['BYTES=0-0', 10, [[0, 1]]],
  ['bYtEs=0-0', 10, [[0, 1]]],
  ['bytes=007-008', 10, [[7, 2]]],
  ['bytes=4-2', 10, IGNORED],
  ['bytes=20-12', 10, IGNORED],
  ['bytes=0-0,4-2', 10, IGNORED],
  ['bytes=0-0,x', 10, IGNORED],
  ['bytes=x,0-0', 10, IGNORED],
  ['bytes=99-,x', 10, IGNORED],
  ['bytes', 10, IGNORED],
  ['byte=0-0', 10, IGNORED],
  ['bytesx=0-0', 10, IGNORED],
  ['bytes =0-0', 10, IGNORED],
  ['bytes= 0-0', 10, IGNORED],
  ['bytes=\t0-0', 10, IGNORED],
  ['bytes= ,0-0', 10, [[0, 1]]],
  ['bytes=,0-0', 10, [[0, 1]]],
  ['items=0-0', 10, IGNORED],
  ['none', 10, IGNORED],
  ['', 10, IGNORED],
  ['bytes=', 10, IGNORED],
  ['bytes=,', 10, IGNORED],
  ['bytes=-', 10, IGNORED],
  ['bytes=--1', 10, IGNORED],
  ['bytes=+1-2', 10, IGNORED],
  ['bytes=1-2-3', 10, IGNORED],
  ['bytes=1', 10, IGNORED],
  ['bytes=0x1-2', 10, IGNORED],
  ['bytes=1.0-2', 10, IGNORED],
  ['bytes=0 -1', 10, IGNORED],
  ['bytes=0- 1', 10, IGNORED],
  ['bytes=0-1 2-3', 10, IGNORED],
  ['bytes=0-1;2-3', 10, IGNORED],
  ['bytes="0-1"', 10, IGNORED],
  ['bytes=0-1 ,\t2-3', 10, [[0, 2], [2, 2]]], // prettier-ignore
  ['bytes=,, ,0-1,,\t, -2, ,', 10, [[0, 2], [8, 2]]], // prettier-ignore
  ['bytes=5-6,0-1', 10, [[5, 2], [0, 2]]], // prettier-ignore
  ['bytes=0-4,4-8', 10, [[0, 5], [4, 5]]], // prettier-ignore
  ['bytes=0-4,0-4', 10, [[0, 5], [0, 5]]], // prettier-ignore
  ['bytes=0-4,0-5', 10, IGNORED],
  ['bytes=0-,0-0', 10, IGNORED],
  ['bytes=0-,99-', 10, [[0, 10]]],
  ['bytes=99-,-0', 10, []],
  ['bytes=-0,-1', 10, [[9, 1]]],
  ['bytes=0-', 0, []],
  ['bytes=0-0', 0, []],
  ['bytes=-0', 0, []],
  ['bytes=-1', 0, IGNORED],
  ['bytes=0-,-1', 0, IGNORED],
  [many(16), 16, Array<Span>(16).fill([0, 1])],
  [many(16), 15, IGNORED],
  [many(17), 99, IGNORED],
  [`${many(40, '99-')},${many(16).slice(6)}`, 99, Array<Span>(16).fill([0, 1])],
  [`${many(16)},99-,-0,`, 99, Array<Span>(16).fill([0, 1])],
  ['bytes=4294967295-', 10, []],
  ['bytes=4294967296-', 10, []],
  [`bytes=${'9'.repeat(400)}-`, 10, []],
  [`bytes=0-${'9'.repeat(400)}`, 10, [[0, 10]]],
  [`bytes=-${'9'.repeat(400)}`, 10, [[0, 10]]],
  [`bytes=${'0'.repeat(400)}1-2`, 10, [[1, 2]]],
  ['bytes=18446744073709551616-', 10, []],
  ['bytes=4294967296-4294967295', 10, IGNORED],
  ['bytes=4294967297-4294967296', 10, IGNORED],
  ['bytes=4294967297-0004294967296', 10, IGNORED],
  ['bytes=4294967296-4294967297', 10, []],
  ['bytes=0004294967296-4294967296', 10, []],
  [`bytes=${'9'.repeat(400)}-${'9'.repeat(399)}8`, 10, IGNORED],
  [`bytes=${'9'.repeat(400)}-${'9'.repeat(400)}`, 10, []],
  ['bytes=-4294967297', 10, [[0, 10]]],
  ['bytes=0-4294967296', 10, [[0, 10]]],
  ['bytes=4294967293-', 0xffff_fffe, [[0xffff_fffd, 1]]],
  ['bytes=2147483647-2147483648', 0xffff_fffe, [[0x7fff_ffff, 2]]],
  ['bytes=0-', 0xffff_fffe, [[0, 0xffff_fffe]]],
  ['bytes=-3000000000', 0xf000_0000, [[0xf000_0000 - 3_000_000_000, 3_000_000_000]]],
  ['bytes=0-2147483647,2147483648-', 0xffff_fffe, [[0, 2 ** 31], [2 ** 31, 2 ** 31 - 2]]], // prettier-ignore
  ['bytes=0-2147483648,2147483648-', 0xffff_fffe, IGNORED],
])('%j of %d bytes', (value, length, wanted) => {
  expect(read(value, length)).toEqual(wanted);
  expect(reference(value, length)).toEqual(wanted);
});

const position = fc.oneof(
  fc.nat({ max: 12 }).map(String),
  fc.nat({ max: 12 }).map(String),
  fc.constantFrom('', '', '00', '010', '4294967294', '4294967295', '4294967296', '99999999999999'),
);
const member = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(position, position).map((ends) => ends.join('-')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '-', '5', '--1', '1-2-3', 'a-', '1 -2', '1-2 3', '+1-', '1-2;'),
  },
);
const blank = fc.constantFrom('', '', '', '', ' ', '\t', ' \t ');
const padded = fc.tuple(blank, member, blank).map((parts) => parts.join(''));
const set = fc.tuple(
  fc.array(padded, { maxLength: 6 }).map((members) => members.join(',')),
  fc.constantFrom('', '', '', ',', ', ', ',,'),
);
const unit = fc.constantFrom(...Array(8).fill('bytes='), 'Bytes=', 'bytes', 'byte=', 'bytes =');
const length = fc.oneof(fc.nat({ max: 14 }), fc.constantFrom(0, 1, 40, 100, 0xffff_fffe));

test('any set is read as the plain implementation reads it', () => {
  fc.assert(
    fc.property(unit, set, length, (start, [members, tail], bytes) => {
      const value = `${start}${members}${tail}`;
      expect(read(value, bytes)).toEqual(reference(value, bytes));
    }),
    { numRuns: FULL ? 1_000_000 : 8_000 },
  );
});

test('any number of small ranges is counted as the plain implementation counts them', () => {
  const small = fc.constantFrom('0-0', '1-1', '-1', '99-', '-0', '', '0-1');
  const sets = fc.array(small, { minLength: 13, maxLength: 24 });
  fc.assert(
    fc.property(sets, fc.constantFrom(8, 14, 15, 16, 17, 18, 60), (members, bytes) => {
      const value = `bytes=${members.join(',')}`;
      expect(read(value, bytes)).toEqual(reference(value, bytes));
    }),
    { numRuns: FULL ? 200_000 : 3_000 },
  );
});

test('any text after the unit is read as the plain implementation reads it', () => {
  const text = fc.string({ unit: fc.constantFrom(...'0123456789-,, \t=x'), maxLength: 12 });
  fc.assert(
    fc.property(text, fc.nat({ max: 30 }), (members, bytes) => {
      const value = `bytes=${members}`;
      expect(read(value, bytes)).toEqual(reference(value, bytes));
    }),
    { numRuns: FULL ? 1_000_000 : 8_000 },
  );
});
