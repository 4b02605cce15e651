// tags.ts: is the ETag of a variant in a list of entity tags? RFC 9110 8.8.3, 13.1.
import { VARIANT_ETAG_AT, VARIANT_ETAG_BYTES, VARIANT_HEAD_AT } from '../format/layout.ts';
import { u16, u32, u8 } from './archive.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { ASTERISK, COLON, COMMA, CR, ETAGC, HTAB, QUOTE, SLASH, SPACE } from './tables.ts';

const { request } = R;

const WEAK_MARK = 0x57;
/** How tags are compared: by strong comparison a weak tag equals none. */
export const STRONG = 0;
export const WEAK = 1;

/**
 * `field` is R.IF_MATCH or R.IF_NONE_MATCH, `name` its lower-case name. `*` only as the whole
 * value.
 */
export function holdsTag(
  field: number,
  name: Uint8Array,
  base: number,
  variant: number,
  comparison: number,
): boolean {
  const at = base + request[field + R.VALUE_AT]!;
  const end = base + request[field + R.VALUE_END]!;
  const lines = request[field + R.LINES]!;
  if (lines === 1 && end - at === 1 && inbox[at] === ASTERISK) return true;
  if (isListed(at, end, variant, comparison)) return true;
  return lines > 1 && isInLaterLines(end, lines - 1, name, variant, comparison);
}

/**
 * Several lines are one list. The head is known to be sound, so its lines are found by their ends.
 */
function isInLaterLines(
  from: number,
  lines: number,
  name: Uint8Array,
  variant: number,
  comparison: number,
): boolean {
  let line = from;
  let left = lines;
  while (left > 0) {
    while (inbox[line] !== CR) line++;
    line += 2;
    if (!startsWithName(line, name)) continue;
    left--;
    const value = line + name.length + 1;
    let stop = value;
    while (inbox[stop] !== CR) stop++;
    if (isListed(value, stop, variant, comparison)) return true;
  }
  return false;
}

function startsWithName(line: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index++) {
    if ((inbox[line + index]! | 0x20) !== name[index]) return false;
  }
  return inbox[line + name.length] === COLON;
}

/**
 * Entity tags between commas; commas inside quotes part nothing; what does not parse matches
 * nothing.
 */
function isListed(from: number, end: number, variant: number, comparison: number): boolean {
  let at = from;
  while (at < end) {
    const byte = inbox[at]!;
    if (byte === SPACE || byte === HTAB || byte === COMMA) {
      at++;
      continue;
    }
    const weak = byte === WEAK_MARK && inbox[at + 1] === SLASH;
    if (weak) at += 2;
    const stop = tagEnd(at, end);
    const counts = stop > 0 && (!weak || comparison === WEAK);
    if (counts && isTagOf(variant, at, stop)) return true;
    at = memberEnd(stop > 0 ? stop : at, end);
  }
  return false;
}

/**
 * Behind the closing quote of the tag at `at`, if only white space or a comma follows; 0: no tag.
 */
function tagEnd(at: number, end: number): number {
  if (at >= end || inbox[at] !== QUOTE) return 0;
  let stop = at + 1;
  while (stop < end && ETAGC[inbox[stop]!] !== 0) stop++;
  if (stop >= end || inbox[stop] !== QUOTE) return 0;
  stop++;
  let after = stop;
  while (after < end && (inbox[after] === SPACE || inbox[after] === HTAB)) after++;
  return after === end || inbox[after] === COMMA ? stop : 0;
}

/** Unlike memberEnd() of lists.ts: no backslash quotes anything in an entity tag. */
function memberEnd(from: number, end: number): number {
  let quoted = false;
  let at = from;
  while (at < end && (quoted || inbox[at] !== COMMA)) {
    if (inbox[at] === QUOTE) quoted = !quoted;
    at++;
  }
  return at;
}

/** Octet by octet, quotes included. */
export function isTagOf(variant: number, at: number, end: number): boolean {
  const bytes = u16((variant + VARIANT_ETAG_BYTES) | 0);
  if (bytes === 0 || bytes !== end - at) return false;
  const etagAt = u16((variant + VARIANT_ETAG_AT) | 0);
  const etag = (u32((variant + VARIANT_HEAD_AT) | 0) + etagAt) | 0;
  for (let index = 0; index < bytes; index++) {
    if (u8((etag + index) | 0) !== inbox[at + index]) return false;
  }
  return true;
}
