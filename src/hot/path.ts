// path.ts: from the target to the key as stored, the key's hash, and the query. RFC 3986 2.1,
// 5.2.4, 6.2.2.
//
// Most paths are their own key and stay in the inbox; one with escapes, dot segments or a backslash
// is decoded into `decoded`, once. Answers 0, or -400, or -404: 400 wins wherever it stands.
import { REQUEST_LINE_BYTES_MAX } from '../limits.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { site, SITE_HASH } from './site.ts';
import { BACKSLASH, DOT, HASH, HEX, PATH_PLAIN, PATH_STOP } from './tables.ts';
import { PERCENT, QUESTION, SLASH, SPACE } from './tables.ts';

const { request } = R;

/** The key: PATH_DECODED says in which array, then its place and hash. */
export const PATH_DECODED = 0;
export const PATH_AT = 1;
export const PATH_END = 2;
export const PATH_HASH = 3;
/** An escaped slash, a backslash or no UTF-8 was seen: no key can hold it. */
const PATH_MISS = 4;
export const path = new Int32Array(5);

export const decoded = new Uint8Array(REQUEST_LINE_BYTES_MAX + 1);
export const decodedView = new DataView(decoded.buffer);

const NOT_HEX = 0xff;

/** Of a target that the parser has taken: a space stands behind it. */
export function readPath(base: number): number {
  const at = base + request[R.PATH_AT]!;
  let hash = site[SITE_HASH]!;
  let before = 0;
  let index = at;
  for (;;) {
    const byte = inbox[index]!;
    if (PATH_PLAIN[byte] === 0) {
      if (byte !== SLASH && byte !== DOT) break;
      if (before === SLASH) break;
    }
    hash = ((hash << 5) + hash) ^ byte;
    before = byte;
    index++;
  }
  const end = pathEnd(index);
  keepQuery(base, end);
  if (end === at) return readEmptyPath();
  if (end !== index) return decodePath(at, end);
  path[PATH_DECODED] = 0;
  path[PATH_AT] = at;
  path[PATH_END] = end;
  path[PATH_HASH] = hash;
  return 0;
}

function pathEnd(from: number): number {
  let at = from;
  while (PATH_STOP[inbox[at]!] === 0) at++;
  return at;
}

/** With its `?`, without the fragment. */
function keepQuery(base: number, at: number): void {
  let end = at;
  if (inbox[at] === QUESTION) {
    while (inbox[end] !== HASH && inbox[end] !== SPACE) end++;
  }
  request[R.QUERY_AT] = at - base;
  request[R.QUERY_END] = end - base;
}

/** absolute-form without a path: `/`, RFC 9110 4.2.3. */
function readEmptyPath(): number {
  decoded[0] = SLASH;
  return keepDecoded(1);
}

function keepDecoded(bytes: number): number {
  let hash = site[SITE_HASH]!;
  for (let index = 0; index < bytes; index++) hash = ((hash << 5) + hash) ^ decoded[index]!;
  path[PATH_DECODED] = 1;
  path[PATH_AT] = 0;
  path[PATH_END] = bytes;
  path[PATH_HASH] = hash;
  return 0;
}

function decodePath(at: number, end: number): number {
  const bytes = unescape(at, end);
  if (bytes < 0) return bytes;
  // Of the whole path: what `..` would remove counts as well.
  if (!isUtf8(bytes)) path[PATH_MISS] = 1;
  const kept = removeDotSegments(bytes);
  if (kept < 0) return kept;
  if (path[PATH_MISS] === 1 || hasEmptySegment(kept)) return -404;
  return keepDecoded(kept);
}

/**
 * Bytes written to `decoded`. An escaped slash is written as another byte: it parts no segments.
 */
function unescape(from: number, end: number): number {
  let bytes = 0;
  path[PATH_MISS] = 0;
  for (let at = from; at < end; at++) {
    let byte = inbox[at]!;
    if (byte === PERCENT) {
      if (at + 2 >= end) return -400;
      const high = HEX[inbox[at + 1]!]!;
      const low = HEX[inbox[at + 2]!]!;
      if (high === NOT_HEX || low === NOT_HEX) return -400;
      byte = high * 16 + low;
      if (byte === 0) return -400;
      at += 2;
      if (byte === SLASH) byte = BACKSLASH;
    }
    if (byte === BACKSLASH) path[PATH_MISS] = 1;
    decoded[bytes++] = byte;
  }
  return bytes;
}

/** RFC 3986 5.2.4 in place; above the root is -400. */
function removeDotSegments(end: number): number {
  let kept = 0;
  let at = 0;
  while (at < end) {
    let stop = at + 1;
    while (stop < end && decoded[stop] !== SLASH) stop++;
    const dots = dotsIn(at + 1, stop);
    if (dots === 0) {
      for (; at < stop; at++) decoded[kept++] = decoded[at]!;
      continue;
    }
    if (dots === 2) {
      if (kept === 0) return -400;
      do kept--;
      while (decoded[kept] !== SLASH);
    }
    at = stop;
    if (at === end) decoded[kept++] = SLASH;
  }
  return kept;
}

/** 1 for the segment `.`, 2 for `..`, else 0. */
function dotsIn(at: number, end: number): number {
  if (end - at === 1 && decoded[at] === DOT) return 1;
  return end - at === 2 && decoded[at] === DOT && decoded[at + 1] === DOT ? 2 : 0;
}

function hasEmptySegment(bytes: number): boolean {
  for (let at = 1; at < bytes; at++) {
    if (decoded[at] === SLASH && decoded[at - 1] === SLASH) return true;
  }
  return false;
}

/** Strict: no overlong form, no surrogate, nothing above U+10FFFF. RFC 3629 4. */
function isUtf8(bytes: number): boolean {
  let at = 0;
  while (at < bytes) {
    const lead = decoded[at]!;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const tail = tailBytes(lead);
    if (tail === 0 || at + tail >= bytes) return false;
    const second = decoded[at + 1]!;
    if (second < secondMin(lead) || second > secondMax(lead)) return false;
    for (let index = 2; index <= tail; index++) {
      if ((decoded[at + index]! & 0xc0) !== 0x80) return false;
    }
    at += tail + 1;
  }
  return true;
}

function tailBytes(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 1;
  return lead < 0xf0 ? 2 : 3;
}

function secondMin(lead: number): number {
  if (lead === 0xe0) return 0xa0;
  return lead === 0xf0 ? 0x90 : 0x80;
}

function secondMax(lead: number): number {
  if (lead === 0xed) return 0x9f;
  return lead === 0xf4 ? 0x8f : 0xbf;
}
