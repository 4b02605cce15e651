// lines.ts: reads request line and field lines that have come whole and have nothing odd to them.
//
// That is nearly all of them, so this is fast: no state is kept between bytes. Whatever it does not
// take it leaves untouched to the careful reader in parse.ts, which knows every rule and refusal.
import { wordOf } from '../format/bytes.ts';
import { bounds, FIELDS, LINE_BYTES } from './bounds.ts';
import { readField } from './fields.ts';
import { trimEnd } from './lists.ts';
import { GET } from './methods.ts';
import * as R from './request.ts';
import { inbox, inboxView } from './ring.ts';
import { COLON, CR, FIELD_BYTE, HTAB, LF, SLASH, SPACE, TARGET_BYTE, TCHAR } from './tables.ts';

const { request } = R;

const METHOD = wordOf('GET ').getInt32(0, true);
const VERSION = wordOf('HTTP/1.1');
const VERSION_NAME = VERSION.getInt32(0, true);
const VERSION_NUMBER = VERSION.getInt32(4, true);
/** A space, the version, CR and LF. */
const TAIL_BYTES = 11;

/**
 * Four bytes at once. A byte below the least wanted, or above 7E, leaves a high bit in the test; so
 * may a byte after such a one.
 */
const HIGH_BITS = 0x8080_8080 | 0;
const ONES = 0x0101_0101;
const SPACES = 0x2020_2020;
const VISIBLES = 0x2121_2121;

/** `GET /... HTTP/1.1` at the request's first byte: the place behind it; else `at`. */
export function readGet(at: number, end: number): number {
  if (inboxView.getInt32(at, true) !== METHOD || inbox[at + 4] !== SLASH) return at;
  const stop = targetEnd(at + 5);
  if (stop + TAIL_BYTES > end || stop + TAIL_BYTES - 2 - at > bounds[LINE_BYTES]!) return at;
  if (inbox[stop] !== SPACE || inboxView.getInt32(stop + 1, true) !== VERSION_NAME) return at;
  if (inboxView.getInt32(stop + 5, true) !== VERSION_NUMBER) return at;
  if (inbox[stop + 9] !== CR || inbox[stop + 10] !== LF) return at;
  request[R.METHOD] = GET;
  request[R.TARGET_AT] = 4;
  request[R.PATH_AT] = 4;
  request[R.TARGET_END] = stop - at;
  request[R.MINOR] = 1;
  request[R.FIELDS_AT] = stop + TAIL_BYTES - at;
  request[R.PHASE] = R.PHASE_LINE;
  return stop + TAIL_BYTES;
}

/** Field lines that end before `stop`: the place where the first one starts that is not taken. */
export function readLines(base: number, from: number, stop: number): number {
  let line = from;
  const most = bounds[FIELDS]!;
  let fields = request[R.FIELDS]!;
  for (;;) {
    const colon = tokenEnd(line);
    if (inbox[colon] !== COLON || colon === line) break;
    const at = blankEnd(colon + 1);
    const last = valueEnd(at);
    if (last + 2 > stop || inbox[last] !== CR || inbox[last + 1] !== LF) break;
    if (fields === most) break;
    fields++;
    readField(base, line, colon - line, at, trimEnd(at, last));
    line = last + 2;
  }
  request[R.FIELDS] = fields;
  return line;
}

function tokenEnd(from: number): number {
  let at = from;
  while (TCHAR[inbox[at]!] !== 0) at++;
  return at;
}

function blankEnd(from: number): number {
  let at = from;
  while (inbox[at] === SPACE || inbox[at] === HTAB) at++;
  return at;
}

function targetEnd(from: number): number {
  let at = from;
  for (;;) {
    const word = inboxView.getInt32(at, true);
    if ((((word - VISIBLES) | word | (word + ONES)) & HIGH_BITS) !== 0) break;
    at += 4;
  }
  while (TARGET_BYTE[inbox[at]!] !== 0) at++;
  return at;
}

function valueEnd(from: number): number {
  let at = from;
  for (;;) {
    const word = inboxView.getInt32(at, true);
    if ((((word - SPACES) | word | (word + ONES)) & HIGH_BITS) !== 0) break;
    at += 4;
  }
  while (FIELD_BYTE[inbox[at]!] !== 0) at++;
  return at;
}
