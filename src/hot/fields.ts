// fields.ts: what a field line says, for the few fields that matter here. All other fields are only
// checked.
//
// Lines of one list field add up. RFC 9110 5.3, 7.6.1, 8.6, 10.1.1, 12.5.3; RFC 9112 6.1.
import { bytesOf } from '../format/bytes.ts';
import { CODING_BR, CODING_GZIP, CODING_IDENTITY, CODING_ZSTD } from '../format/layout.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import {
  ASTERISK,
  COMMA,
  DIGIT_0,
  DIGIT_9,
  DOT,
  EQUALS,
  HTAB,
  QUOTE,
  SEMICOLON,
} from './tables.ts';
import { BACKSLASH, SPACE, TCHAR } from './tables.ts';

const { request } = R;

const HOST = bytesOf('host');
const EXPECT = bytesOf('expect');
const CONNECTION = bytesOf('connection');
const RANGE = bytesOf('range');
const IF_MATCH = bytesOf('if-match');
const IF_RANGE = bytesOf('if-range');
const IF_NONE_MATCH = bytesOf('if-none-match');
const IF_MODIFIED_SINCE = bytesOf('if-modified-since');
const IF_UNMODIFIED_SINCE = bytesOf('if-unmodified-since');
const CONTENT_LENGTH = bytesOf('content-length');
const ACCEPT_ENCODING = bytesOf('accept-encoding');
const TRANSFER_ENCODING = bytesOf('transfer-encoding');
const CLOSE = bytesOf('close');
const KEEP_ALIVE = bytesOf('keep-alive');
const CONTINUE = bytesOf('100-continue');
const CHUNKED = bytesOf('chunked');
const GZIP = bytesOf('gzip');
const X_GZIP = bytesOf('x-gzip');
const BR = bytesOf('br');
const ZSTD = bytesOf('zstd');
const IDENTITY = bytesOf('identity');

const CONTENT_LENGTH_DIGITS_MAX = 15;
const QUALITY_FULL = 1000;

/** Is this stretch of the inbox that word, whatever the case of its letters? */
function isWord(word: Uint8Array, at: number, bytes: number): boolean {
  if (word.length !== bytes) return false;
  for (let index = 0; index < bytes; index++) {
    if ((inbox[at + index]! | 0x20) !== word[index]) return false;
  }
  return true;
}

/** `at` to `end` is the value without the white space round it. */
export function readField(
  base: number,
  name: number,
  nameBytes: number,
  at: number,
  end: number,
): void {
  switch (nameBytes) {
    case 4:
      if (isWord(HOST, name, 4)) readHost(base, at, end);
      return;
    case 5:
      if (isWord(RANGE, name, 5)) hold(R.RANGE, base, at, end);
      return;
    case 6:
      if (isWord(EXPECT, name, 6)) readExpect(at, end);
      return;
    case 8:
      if (isWord(IF_MATCH, name, 8)) hold(R.IF_MATCH, base, at, end);
      else if (isWord(IF_RANGE, name, 8)) hold(R.IF_RANGE, base, at, end);
      return;
    case 10:
      if (isWord(CONNECTION, name, 10)) readConnection(at, end);
      return;
    case 13:
      if (isWord(IF_NONE_MATCH, name, 13)) hold(R.IF_NONE_MATCH, base, at, end);
      return;
    case 14:
      if (isWord(CONTENT_LENGTH, name, 14)) readContentLength(at, end);
      return;
    case 15:
      if (isWord(ACCEPT_ENCODING, name, 15)) readAcceptEncoding(at, end);
      return;
    case 17:
      if (isWord(TRANSFER_ENCODING, name, 17)) readTransferEncoding(at, end);
      else if (isWord(IF_MODIFIED_SINCE, name, 17)) hold(R.IF_MODIFIED_SINCE, base, at, end);
      return;
    case 19:
      if (isWord(IF_UNMODIFIED_SINCE, name, 19)) hold(R.IF_UNMODIFIED_SINCE, base, at, end);
  }
}

function readHost(base: number, at: number, end: number): void {
  request[R.HOSTS] = request[R.HOSTS]! + 1;
  request[R.HOST_AT] = at - base;
  request[R.HOST_END] = end - base;
}

/** Conditions and ranges are looked at when the representation is known. */
function hold(field: number, base: number, at: number, end: number): void {
  const lines = request[field + R.LINES]! + 1;
  request[field + R.LINES] = lines;
  if (lines > 1) return;
  request[field + R.VALUE_AT] = at - base;
  request[field + R.VALUE_END] = end - base;
}

/** Exactly one line of 1 to 15 digits; all else is LENGTH_BAD. */
function readContentLength(at: number, end: number): void {
  let kind = R.LENGTH_ZERO;
  for (let index = at; index < end; index++) {
    const byte = inbox[index]!;
    if (byte < DIGIT_0 || byte > DIGIT_9) kind = R.LENGTH_BAD;
    if (byte !== DIGIT_0 && kind === R.LENGTH_ZERO) kind = R.LENGTH_BODY;
  }
  const digits = end - at;
  if (digits === 0 || digits > CONTENT_LENGTH_DIGITS_MAX) kind = R.LENGTH_BAD;
  request[R.CONTENT_LENGTH] = request[R.CONTENT_LENGTH] === R.LENGTH_ABSENT ? kind : R.LENGTH_BAD;
}

function readConnection(from: number, end: number): void {
  let stop = from;
  for (let at = from; at < end; at = stop + 1) {
    stop = comma(at, end);
    const start = skipBlank(at, stop);
    const bytes = trimEnd(start, stop) - start;
    if (isWord(CLOSE, start, bytes)) {
      request[R.OPTIONS_SEEN] = request[R.OPTIONS_SEEN]! | R.CONNECTION_CLOSE;
    } else if (isWord(KEEP_ALIVE, start, bytes)) {
      request[R.OPTIONS_SEEN] = request[R.OPTIONS_SEEN]! | R.CONNECTION_KEEP_ALIVE;
    }
  }
}

function readExpect(from: number, end: number): void {
  let stop = from;
  for (let at = from; at < end; at = stop + 1) {
    stop = memberEnd(at, end);
    const start = skipBlank(at, stop);
    const bytes = trimEnd(start, stop) - start;
    if (bytes === 0) continue;
    const kind = isWord(CONTINUE, start, bytes) ? R.EXPECT_CONTINUE : R.EXPECT_OTHER;
    if (request[R.EXPECT]! < kind) request[R.EXPECT] = kind;
  }
}

function readTransferEncoding(from: number, end: number): void {
  let seen = request[R.TRANSFER]! | R.TRANSFER_SEEN;
  let stop = from;
  for (let at = from; at < end; at = stop + 1) {
    stop = memberEnd(at, end);
    const start = skipBlank(at, stop);
    const bytes = trimEnd(start, stop) - start;
    if (bytes === 0) continue;
    if (isWord(CHUNKED, start, bytes)) {
      if ((seen & R.TRANSFER_CHUNKED) !== 0) seen |= R.TRANSFER_CHUNKED_TWICE;
      seen |= R.TRANSFER_CHUNKED | R.TRANSFER_LAST_CHUNKED;
    } else {
      seen = (seen | R.TRANSFER_OTHER) & ~R.TRANSFER_LAST_CHUNKED;
    }
  }
  request[R.TRANSFER] = seen;
}

/**
 * The first of a repeated name counts; a malformed member is skipped alone. RFC 9110 12.4.2,
 * 12.5.3.
 */
function readAcceptEncoding(from: number, end: number): void {
  let stop = from;
  for (let at = from; at < end; at = stop + 1) {
    stop = comma(at, end);
    const start = skipBlank(at, stop);
    let tokenEnd = start;
    while (tokenEnd < stop && TCHAR[inbox[tokenEnd]!] !== 0) tokenEnd++;
    const field = qualityField(start, tokenEnd - start);
    if (field === 0 || request[field] !== 0) continue;
    const quality = readQuality(tokenEnd, stop);
    if (quality >= 0) request[field] = quality + 1;
  }
}

/** The field of `request` that holds this coding's quality; 0 for a coding we never store. */
function qualityField(at: number, bytes: number): number {
  if (bytes === 1 && inbox[at] === ASTERISK) return R.QUALITY_ANY;
  if (isWord(GZIP, at, bytes) || isWord(X_GZIP, at, bytes)) return R.QUALITY + CODING_GZIP;
  if (isWord(BR, at, bytes)) return R.QUALITY + CODING_BR;
  if (isWord(ZSTD, at, bytes)) return R.QUALITY + CODING_ZSTD;
  if (isWord(IDENTITY, at, bytes)) return R.QUALITY + CODING_IDENTITY;
  return 0;
}

/** Thousandths of `OWS [";" OWS "q=" qvalue OWS]`; -1 when it is anything else. */
function readQuality(from: number, end: number): number {
  let at = skipBlank(from, end);
  if (at === end) return QUALITY_FULL;
  if (inbox[at] !== SEMICOLON) return -1;
  at = skipBlank(at + 1, end);
  if (at + 2 >= end || (inbox[at]! | 0x20) !== 0x71 || inbox[at + 1] !== EQUALS) return -1;
  return readQvalue(at + 2, trimEnd(at + 2, end));
}

/** qvalue: 0 or 1, and up to three digits that keep it at most 1. */
function readQvalue(at: number, end: number): number {
  const whole = inbox[at]! - DIGIT_0;
  if (at === end || whole < 0 || whole > 1) return -1;
  if (at + 1 === end) return whole * QUALITY_FULL;
  if (inbox[at + 1] !== DOT || end - at > 5) return -1;
  let thousandths = whole * QUALITY_FULL;
  let weight = 100;
  for (let index = at + 2; index < end; index++) {
    const digit = inbox[index]! - DIGIT_0;
    if (digit < 0 || digit > 9) return -1;
    thousandths += digit * weight;
    weight = weight === 100 ? 10 : 1;
  }
  return thousandths > QUALITY_FULL ? -1 : thousandths;
}

function skipBlank(from: number, end: number): number {
  let at = from;
  while (at < end && (inbox[at] === SPACE || inbox[at] === HTAB)) at++;
  return at;
}

function trimEnd(start: number, from: number): number {
  let end = from;
  while (end > start && (inbox[end - 1] === SPACE || inbox[end - 1] === HTAB)) end--;
  return end;
}

/** The comma that ends the member at `from`, or `end`: for lists whose members cannot be quoted. */
function comma(from: number, end: number): number {
  let at = from;
  while (at < end && inbox[at] !== COMMA) at++;
  return at;
}

/** The same for lists whose members can hold a quoted-string: its commas do not count. */
function memberEnd(from: number, end: number): number {
  let quoted = false;
  for (let at = from; at < end; at++) {
    const byte = inbox[at]!;
    if (quoted && byte === BACKSLASH) at++;
    else if (byte === QUOTE) quoted = !quoted;
    else if (byte === COMMA && !quoted) return at;
  }
  return end;
}
