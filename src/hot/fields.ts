// fields.ts: what a field line says, for the few fields that matter here. All other fields are only
// checked.
//
// Lines of one list field add up. RFC 9110 5.3, 7.6.1, 8.6, 10.1.1, 12.5.3; RFC 9112 6.1.
import { wordOf } from '../format/bytes.ts';
import { readAcceptEncoding } from './codings.ts';
import { readForwardedFor, readForwardedProto } from './forwarded.ts';
import { comma, memberEnd, skipBlank, trimEnd } from './lists.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { DIGIT_0, DIGIT_9 } from './tables.ts';
import { isWord } from './word.ts';

const { request } = R;

const HOST = wordOf('host');
const EXPECT = wordOf('expect');
const CONNECTION = wordOf('connection');
const RANGE = wordOf('range');
const REFERER = wordOf('referer');
const USER_AGENT = wordOf('user-agent');
const IF_MATCH = wordOf('if-match');
const IF_RANGE = wordOf('if-range');
const IF_NONE_MATCH = wordOf('if-none-match');
const IF_MODIFIED_SINCE = wordOf('if-modified-since');
const IF_UNMODIFIED_SINCE = wordOf('if-unmodified-since');
const CONTENT_LENGTH = wordOf('content-length');
const ACCEPT_ENCODING = wordOf('accept-encoding');
const X_FORWARDED_FOR = wordOf('x-forwarded-for');
const TRANSFER_ENCODING = wordOf('transfer-encoding');
const X_FORWARDED_PROTO = wordOf('x-forwarded-proto');
const CLOSE = wordOf('close');
const KEEP_ALIVE = wordOf('keep-alive');
const CONTINUE = wordOf('100-continue');
const CHUNKED = wordOf('chunked');

const CONTENT_LENGTH_DIGITS_MAX = 15;

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
    case 7:
      if (isWord(REFERER, name, 7)) keep(R.REFERER_AT, base, at, end);
      return;
    case 8:
      if (isWord(IF_MATCH, name, 8)) hold(R.IF_MATCH, base, at, end);
      else if (isWord(IF_RANGE, name, 8)) hold(R.IF_RANGE, base, at, end);
      return;
    case 10:
      if (isWord(CONNECTION, name, 10)) readConnection(at, end);
      else if (isWord(USER_AGENT, name, 10)) keep(R.AGENT_AT, base, at, end);
      return;
    case 13:
      if (isWord(IF_NONE_MATCH, name, 13)) hold(R.IF_NONE_MATCH, base, at, end);
      return;
    case 14:
      if (isWord(CONTENT_LENGTH, name, 14)) readContentLength(at, end);
      return;
    case 15:
      if (isWord(ACCEPT_ENCODING, name, 15)) readAcceptEncoding(at, end);
      else if (isWord(X_FORWARDED_FOR, name, 15)) readForwardedFor(base, at, end);
      return;
    case 17:
      if (isWord(TRANSFER_ENCODING, name, 17)) readTransferEncoding(at, end);
      else if (isWord(IF_MODIFIED_SINCE, name, 17)) hold(R.IF_MODIFIED_SINCE, base, at, end);
      else if (isWord(X_FORWARDED_PROTO, name, 17)) readForwardedProto(at, end);
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

/** For the log: the last one, if there are more. */
function keep(field: number, base: number, at: number, end: number): void {
  request[field] = at - base;
  request[field + 1] = end - base;
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
    if (bytes === 5 && isWord(CLOSE, start, 5)) {
      request[R.OPTIONS_SEEN] = request[R.OPTIONS_SEEN]! | R.CONNECTION_CLOSE;
    } else if (bytes === 10 && isWord(KEEP_ALIVE, start, 10)) {
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
    const known = bytes === 12 && isWord(CONTINUE, start, 12);
    const kind = known ? R.EXPECT_CONTINUE : R.EXPECT_OTHER;
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
    if (bytes === 7 && isWord(CHUNKED, start, 7)) {
      if ((seen & R.TRANSFER_CHUNKED) !== 0) seen |= R.TRANSFER_CHUNKED_TWICE;
      seen |= R.TRANSFER_CHUNKED | R.TRANSFER_LAST_CHUNKED;
    } else {
      seen = (seen | R.TRANSFER_OTHER) & ~R.TRANSFER_LAST_CHUNKED;
    }
  }
  request[R.TRANSFER] = seen;
}
