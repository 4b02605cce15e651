// conditions.ts: does the client hold this very representation already? RFC 9110 13.1.2.
import { bytesOf } from '../format/bytes.ts';
import { VARIANT_ETAG_AT, VARIANT_ETAG_BYTES, VARIANT_HEAD_AT } from '../format/layout.ts';
import { u16, u32, u8 } from './archive.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { ASTERISK, COLON, COMMA, CR, ETAGC, HTAB, QUOTE, SLASH, SPACE } from './tables.ts';

const { request } = R;

const WEAK = 0x57;
const IF_NONE_MATCH = bytesOf('if-none-match');

/**
 * If-None-Match against the ETag of the selected variant, by weak comparison; `*` only as the whole
 * value.
 */
export function isNotModified(base: number, variant: number): boolean {
  const lines = request[R.NONE_MATCHES]!;
  if (lines === 0) return false;
  const at = base + request[R.NONE_MATCH_AT]!;
  const end = base + request[R.NONE_MATCH_END]!;
  if (lines > 1) return isInLaterLines(at, end, lines, variant);
  if (end - at === 1 && inbox[at] === ASTERISK) return true;
  return isListed(at, end, variant);
}

/**
 * Several lines are one list. The head is known to be sound, so its lines are found by their ends.
 */
function isInLaterLines(at: number, end: number, lines: number, variant: number): boolean {
  if (isListed(at, end, variant)) return true;
  let line = end;
  let left = lines - 1;
  while (left > 0) {
    while (inbox[line] !== CR) line++;
    line += 2;
    if (!startsWithName(line)) continue;
    left--;
    const value = line + IF_NONE_MATCH.length + 1;
    let stop = value;
    while (inbox[stop] !== CR) stop++;
    if (isListed(value, stop, variant)) return true;
  }
  return false;
}

function startsWithName(line: number): boolean {
  for (let index = 0; index < IF_NONE_MATCH.length; index++) {
    if ((inbox[line + index]! | 0x20) !== IF_NONE_MATCH[index]) return false;
  }
  return inbox[line + IF_NONE_MATCH.length] === COLON;
}

/**
 * Entity tags between commas; commas inside quotes part nothing; what does not parse matches
 * nothing.
 */
function isListed(from: number, end: number, variant: number): boolean {
  let at = from;
  while (at < end) {
    const byte = inbox[at]!;
    if (byte === SPACE || byte === HTAB || byte === COMMA) {
      at++;
      continue;
    }
    if (byte === WEAK && inbox[at + 1] === SLASH) at += 2;
    const stop = tagEnd(at, end);
    if (stop > 0 && isTagOf(variant, at, stop)) return true;
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
function isTagOf(variant: number, at: number, end: number): boolean {
  const bytes = u16((variant + VARIANT_ETAG_BYTES) | 0);
  if (bytes !== end - at) return false;
  const etagAt = u16((variant + VARIANT_ETAG_AT) | 0);
  const etag = (u32((variant + VARIANT_HEAD_AT) | 0) + etagAt) | 0;
  for (let index = 0; index < bytes; index++) {
    if (u8((etag + index) | 0) !== inbox[at + index]) return false;
  }
  return true;
}
