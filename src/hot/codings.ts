// codings.ts: which content codings the client accepts, and how gladly. RFC 9110 12.4.2, 12.5.3.
import { wordOf } from '../format/bytes.ts';
import { CODING_BR, CODING_GZIP, CODING_IDENTITY, CODING_ZSTD } from '../format/layout.ts';
import { comma, skipBlank, trimEnd } from './lists.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { ASTERISK, COMMA, DIGIT_0, DOT, EQUALS, SEMICOLON, TCHAR } from './tables.ts';
import { isWord } from './word.ts';

const { request } = R;

const GZIP = wordOf('gzip');
const X_GZIP = wordOf('x-gzip');
const BR = wordOf('br');
const ZSTD = wordOf('zstd');
const IDENTITY = wordOf('identity');

const QUALITY_FULL = 1000;

/** The first of a repeated name counts; a malformed member is skipped alone. */
export function readAcceptEncoding(from: number, end: number): void {
  let stop = from;
  for (let at = from; at < end; at = stop + 1) {
    const start = skipBlank(at, end);
    let tokenEnd = start;
    while (tokenEnd < end && TCHAR[inbox[tokenEnd]!] !== 0) tokenEnd++;
    stop = inbox[tokenEnd] === COMMA ? tokenEnd : comma(tokenEnd, end);
    const field = qualityField(start, tokenEnd - start);
    if (field === 0 || request[field] !== 0) continue;
    const quality = readQuality(tokenEnd, stop);
    if (quality >= 0) request[field] = quality + 1;
  }
}

/** The field of `request` that holds this coding's quality; 0 for a coding we never store. */
function qualityField(at: number, bytes: number): number {
  switch (bytes) {
    case 1:
      return inbox[at] === ASTERISK ? R.QUALITY_ANY : 0;
    case 2:
      return isWord(BR, at, 2) ? R.QUALITY + CODING_BR : 0;
    case 4:
      if (isWord(GZIP, at, 4)) return R.QUALITY + CODING_GZIP;
      return isWord(ZSTD, at, 4) ? R.QUALITY + CODING_ZSTD : 0;
    case 6:
      return isWord(X_GZIP, at, 6) ? R.QUALITY + CODING_GZIP : 0;
    case 8:
      return isWord(IDENTITY, at, 8) ? R.QUALITY + CODING_IDENTITY : 0;
  }
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
