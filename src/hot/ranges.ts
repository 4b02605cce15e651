// ranges.ts: reads a Range value against a length. RFC 9110 14.1.2, 14.2.
//
// Positions are u32 and saturate, for no body is longer; that a range runs backwards is seen from
// its digits. Unsatisfiable ranges are dropped here, so that only their number matters later.
import { bytesOf } from '../format/bytes.ts';
import { inbox } from './ring.ts';
import { COMMA, DIGIT_0, EQUALS, HTAB, SPACE } from './tables.ts';

export const RANGES_MAX = 16;
/** First position and length of each range kept, in the order asked. */
export const ranges = new Uint32Array(RANGES_MAX * 2);

/**
 * The value is to be ignored: another unit, a syntax error, too many ranges, or more bytes than
 * there are.
 */
export const RANGE_IGNORED = -1;
export const RANGE_UNSATISFIABLE = 0;

const UNIT = bytesOf('bytes');
const DASH = 0x2d;
const POSITION_MAX = 0xffff_ffff;
const ABSENT = -1;

/** Scratch of the parser: where it stands. */
const cursor = new Int32Array(1);

/** How many ranges of 1 to RANGES_MAX are to be sent, or RANGE_UNSATISFIABLE, or RANGE_IGNORED. */
export function readRanges(from: number, end: number, length: number): number {
  let at = from;
  while (at - from < UNIT.length) {
    if ((inbox[at]! | 0x20) !== UNIT[at - from]) return RANGE_IGNORED;
    at++;
  }
  if (at >= end || inbox[at] !== EQUALS) return RANGE_IGNORED;
  return readSet(at + 1, end, length);
}

function readSet(from: number, end: number, length: number): number {
  let members = 0;
  let kept = 0;
  let bytes = 0;
  cursor[0] = from;
  // Before the first member no white space may stand but in front of a comma.
  if (!endsMember(end) && cursor[0]! > from) return RANGE_IGNORED;
  for (;;) {
    skipEmptyMembers(end);
    if (cursor[0]! >= end) break;
    members++;
    const taken = readMember(end, length, kept);
    if (taken === RANGE_IGNORED) return RANGE_IGNORED;
    if (taken === 0) continue;
    if (kept < RANGES_MAX) bytes += ranges[kept * 2 + 1]!;
    kept++;
  }
  if (members === 0 || kept > RANGES_MAX) return RANGE_IGNORED;
  return kept > 1 && bytes > length ? RANGE_IGNORED : kept;
}

/** Is the number at `at` less than the other one? Neither saturates here. */
function isLess(at: number, end: number, otherAt: number, otherEnd: number): boolean {
  const start = skipZeros(at, end);
  const otherStart = skipZeros(otherAt, otherEnd);
  const longer = end - start - (otherEnd - otherStart);
  if (longer !== 0) return longer < 0;
  for (let index = 0; index < end - start; index++) {
    const more = inbox[start + index]! - inbox[otherStart + index]!;
    if (more !== 0) return more < 0;
  }
  return false;
}

function skipZeros(from: number, end: number): number {
  let at = from;
  while (at < end && inbox[at] === DIGIT_0) at++;
  return at;
}

function skipEmptyMembers(end: number): void {
  let at = cursor[0]!;
  while (at < end && (inbox[at] === COMMA || inbox[at] === SPACE || inbox[at] === HTAB)) at++;
  cursor[0] = at;
}

/** 1: kept as range number `kept`; 0: unsatisfiable; RANGE_IGNORED: no range at all. */
function readMember(end: number, length: number, kept: number): number {
  const firstAt = cursor[0]!;
  const first = readPosition(end);
  const dash = cursor[0]!;
  if (dash >= end || inbox[dash] !== DASH) return RANGE_IGNORED;
  cursor[0] = dash + 1;
  const last = readPosition(end);
  const lastEnd = cursor[0]!;
  if (!endsMember(end) || (first === ABSENT && last === ABSENT)) return RANGE_IGNORED;
  if (first === ABSENT) return keepSuffix(last, length, kept);
  if (last !== ABSENT && isLess(dash + 1, lastEnd, firstAt, dash)) return RANGE_IGNORED;
  if (first >= length) return 0;
  return keep(first, last === ABSENT || last >= length ? length - first : last - first + 1, kept);
}

function keepSuffix(suffix: number, length: number, kept: number): number {
  if (suffix === 0) return 0;
  if (length === 0) return RANGE_IGNORED;
  const bytes = suffix < length ? suffix : length;
  return keep(length - bytes, bytes, kept);
}

function keep(first: number, bytes: number, kept: number): number {
  if (kept < RANGES_MAX) {
    ranges[kept * 2] = first;
    ranges[kept * 2 + 1] = bytes;
  }
  return 1;
}

/** White space may stand only before a comma or the end. */
function endsMember(end: number): boolean {
  let at = cursor[0]!;
  while (at < end && (inbox[at] === SPACE || inbox[at] === HTAB)) at++;
  cursor[0] = at;
  return at === end || inbox[at] === COMMA;
}

function readPosition(end: number): number {
  let at = cursor[0]!;
  let position = ABSENT;
  while (at < end) {
    const digit = inbox[at]! - DIGIT_0;
    if (digit < 0 || digit > 9) break;
    position = position === ABSENT ? digit : position * 10 + digit;
    if (position > POSITION_MAX) position = POSITION_MAX;
    at++;
  }
  cursor[0] = at;
  return position;
}
