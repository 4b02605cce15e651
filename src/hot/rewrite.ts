// rewrite.ts: what a rule makes of its captures: the Location of a redirect, or a path to look up.
import {
  KEY_BYTES_MAX,
  PIECE_BYTES,
  PIECE_CAPTURE,
  PIECE_HEAD_BYTES,
  PIECE_KIND,
  PIECE_KIND_PARAMETER,
  PIECE_KIND_QUERY,
  PIECE_KIND_TEXT,
  RULE_PIECES,
  RULE_PIECES_AT,
} from '../format/layout.ts';
import { LOCATION_BYTES_MAX } from '../limits.ts';
import { find, u16, u8 } from './archive.ts';
import { makeByte, makeEscaped } from './outbox.ts';
import { decodedView, path, PATH_DECODED } from './path.ts';
import * as R from './request.ts';
import { makeQuery } from './respond.ts';
import { inboxView } from './ring.ts';
import { FAMILY_BYTES, prefixView, PREFIX_END, site, SITE_HASH } from './site.ts';
import { KEY_PLAIN, PARAMETER_PLAIN, SLASH } from './tables.ts';
import { captures } from './wildcards.ts';

const { request } = R;

/** Bytes that a byte may become when it is escaped. */
const ESCAPED_BYTES = 3;

/** The path that a rule leads to within the site. */
const target = new Uint8Array(KEY_BYTES_MAX);
const targetView = new DataView(target.buffer);

/** False: the Location could be longer than an answer may be, were every byte escaped. */
export function fitsLocation(rule: number): boolean {
  const query = request[R.QUERY_END]! - request[R.QUERY_AT]!;
  let piece = (rule + u16((rule + RULE_PIECES_AT) | 0)) | 0;
  let bytes = 0;
  for (let left = u8((rule + RULE_PIECES) | 0); left > 0; left--) {
    const kind = u8((piece + PIECE_KIND) | 0);
    const text = u16((piece + PIECE_BYTES) | 0);
    if (kind === PIECE_KIND_TEXT) bytes += text;
    else bytes += ESCAPED_BYTES * (kind === PIECE_KIND_QUERY ? query : captureBytes(piece));
    piece = (piece + PIECE_HEAD_BYTES + text) | 0;
  }
  return bytes <= LOCATION_BYTES_MAX;
}

/** The value of Location. Where two pieces meet, two slashes become one. */
export function makeLocation(base: number, rule: number): void {
  let piece = (rule + u16((rule + RULE_PIECES_AT) | 0)) | 0;
  let last = 0;
  for (let left = u8((rule + RULE_PIECES) | 0); left > 0; left--) {
    const kind = u8((piece + PIECE_KIND) | 0);
    if (kind === PIECE_KIND_TEXT) last = makeStored(piece, last);
    else if (kind === PIECE_KIND_QUERY) makeQuery(base);
    else last = makeCapture(piece, kind, last);
    piece = (piece + PIECE_HEAD_BYTES + u16((piece + PIECE_BYTES) | 0)) | 0;
  }
}

/** Gives the last byte made, here and below: 0 only where nothing has been made. */
function makeStored(piece: number, before: number): number {
  const text = (piece + PIECE_HEAD_BYTES) | 0;
  const bytes = u16((piece + PIECE_BYTES) | 0);
  let last = before;
  for (let index = 0; index < bytes; index++) {
    const byte = u8((text + index) | 0);
    if (index > 0 || byte !== SLASH || before !== SLASH) makeByte(byte);
    last = byte;
  }
  return last;
}

function makeCapture(piece: number, kind: number, before: number): number {
  const keys = path[PATH_DECODED] === 1 ? decodedView : inboxView;
  const plain = kind === PIECE_KIND_PARAMETER ? PARAMETER_PLAIN : KEY_PLAIN;
  const at = captureAt(piece);
  const end = at + captureBytes(piece);
  let last = before;
  for (let index = at; index < end; index++) {
    last = keys.getUint8(index);
    makeEscaped(last, plain);
  }
  return last;
}

/** The route of the path that a rule leads to; 0: there is none. */
export function findRewritten(rule: number): number {
  const bytes = makeTarget(rule);
  if (bytes < 0) return 0;
  let hash = site[SITE_HASH]!;
  for (let index = 0; index < bytes; index++) hash = ((hash << 5) + hash) ^ target[index]!;
  return find(hash, prefixView, FAMILY_BYTES, site[PREFIX_END]!, targetView, 0, bytes);
}

/** How long it is; -1: longer than any key. Where two pieces meet, two slashes become one. */
function makeTarget(rule: number): number {
  const keys = path[PATH_DECODED] === 1 ? decodedView : inboxView;
  let piece = (rule + u16((rule + RULE_PIECES_AT) | 0)) | 0;
  let end = 0;
  for (let left = u8((rule + RULE_PIECES) | 0); left > 0; left--) {
    const stored = u8((piece + PIECE_KIND) | 0) === PIECE_KIND_TEXT;
    const text = u16((piece + PIECE_BYTES) | 0);
    const bytes = stored ? text : captureBytes(piece);
    if (end + bytes > KEY_BYTES_MAX) return -1;
    const from = end;
    for (let index = 0; index < bytes; index++) {
      const byte = stored
        ? u8((piece + PIECE_HEAD_BYTES + index) | 0)
        : keys.getUint8(captureAt(piece) + index);
      const meets = index === 0 && from > 0 && target[from - 1] === SLASH;
      if (byte !== SLASH || !meets) target[end++] = byte;
    }
    piece = (piece + PIECE_HEAD_BYTES + text) | 0;
  }
  return end;
}

function captureAt(piece: number): number {
  return captures[u8((piece + PIECE_CAPTURE) | 0) * 2]!;
}

function captureBytes(piece: number): number {
  const capture = u8((piece + PIECE_CAPTURE) | 0) * 2;
  return captures[capture + 1]! - captures[capture]!;
}
