// request.ts: the request being read, one row of integers, and the rows kept for unfinished ones.
//
// Positions are relative to the request's first byte, because an unfinished request moves between
// turns.
import { CONNECTIONS_MAX, CONNECTIONS_SPARE } from '../limits.ts';

/** Where in the head the parser stands: PHASE_*, in the order they are passed through. */
export const PHASE = 0;
export const AT = 1;
/** First byte of the request line, after the one empty line that may stand before it. */
export const LINE_AT = 2;
export const METHOD = 3;
export const TARGET_AT = 4;
export const TARGET_END = 5;
export const VERSION_AT = 6;
/** 0 for HTTP/1.0, 1 for every later HTTP/1. */
export const MINOR = 7;
export const FIELDS_AT = 8;
export const FIELDS = 9;
export const NAME_AT = 10;
export const NAME_END = 11;
export const HOSTS = 12;
export const HOST_AT = 13;
export const HOST_END = 14;
/** CONNECTION_* options seen. */
export const OPTIONS_SEEN = 15;
export const CONTENT_LENGTH = 16;
export const TRANSFER = 17;
export const EXPECT = 18;
/** q + 1 in thousandths for each CODING_*, and for `*`: 0 is absent. */
export const QUALITY = 19;
export const QUALITY_ANY = 23;
/** The authority of an absolute-form, which replaces the value of Host; 0 and 0: there is none. */
export const AUTHORITY_AT = 24;
export const AUTHORITY_END = 25;
/**
 * Where the path starts: after scheme and authority of an absolute-form. It ends where the query
 * starts.
 */
export const PATH_AT = 26;
/** The query with its `?`. */
export const QUERY_AT = 27;
export const QUERY_END = 28;
/** 1: after this answer the connection is closed. */
export const CLOSING = 29;
/**
 * Fields kept for later: how many lines there were, then place and end of the first one's value.
 */
export const IF_MATCH = 30;
export const IF_NONE_MATCH = 33;
export const IF_MODIFIED_SINCE = 36;
export const IF_UNMODIFIED_SINCE = 39;
export const RANGE = 42;
export const IF_RANGE = 45;
/** 1: an absolute-form with scheme https. */
export const HTTPS = 48;
/** Of the answer: its status, and the bytes of its body as a u32. */
export const STATUS = 49;
export const BODY = 50;
/** Values kept for the log; 0 and 0: there is none. */
export const REFERER_AT = 51;
export const REFERER_END = 52;
export const AGENT_AT = 53;
export const AGENT_END = 54;
/** Of its connection. */
export const NUMBER = 55;
/** The address that a trusted proxy gives for its client; 0 and 0: the peer is the client. */
export const CLIENT_AT = 56;
export const CLIENT_END = 57;
/** 1: a trusted proxy says that its client came by https. */
export const SECURE = 58;
/** Even, so that rows can be cleared by eights of bytes. */
export const ROW = 60;

/** Of a field kept for later. */
export const LINES = 0;
export const VALUE_AT = 1;
export const VALUE_END = 2;

export const PHASE_START = 0;
export const PHASE_START_LF = 1;
export const PHASE_METHOD = 2;
export const PHASE_TARGET = 3;
export const PHASE_VERSION = 4;
export const PHASE_LINE = 5;
export const PHASE_NAME = 6;
export const PHASE_VALUE = 7;
export const PHASE_VALUE_LF = 8;
export const PHASE_END_LF = 9;

export const CONNECTION_CLOSE = 1;
export const CONNECTION_KEEP_ALIVE = 2;

export const LENGTH_ABSENT = 0;
export const LENGTH_ZERO = 1;
export const LENGTH_BODY = 2;
export const LENGTH_BAD = 3;

/** Bits. */
export const TRANSFER_SEEN = 1;
export const TRANSFER_LAST_CHUNKED = 2;
export const TRANSFER_CHUNKED_TWICE = 4;
export const TRANSFER_OTHER = 8;
export const TRANSFER_CHUNKED = 16;

export const EXPECT_NONE = 0;
export const EXPECT_CONTINUE = 1;
export const EXPECT_OTHER = 2;

/** What every parse function answers below zero: this, or the negative status to refuse with. */
export const NEED_MORE = -1;

export const request = new Int32Array(ROW);
/** Two fields at a time: zero has the same bits in both types. */
const pairs = new Float64Array(request.buffer);
/** Lazily touched by the kernel: a connection that never sends half a head costs nothing here. */
const unfinished = new Int32Array((CONNECTIONS_MAX + CONNECTIONS_SPARE) * ROW);

/** Takes up what was read of this connection's request, or starts a new one. */
export function resume(number: number): void {
  const row = number * ROW;
  if (unfinished[row + PHASE] === 0) {
    clear();
    request[NUMBER] = number;
    return;
  }
  for (let field = 0; field < ROW; field++) request[field] = unfinished[row + field]!;
  unfinished[row + PHASE] = 0;
}

/** A loop: `fill` leaves the compiled code for every call. */
function clear(): void {
  for (let pair = 0; pair < ROW / 2; pair++) pairs[pair] = 0;
}

/** Keeps the request for the connection's next bytes. */
export function suspend(number: number): void {
  const row = number * ROW;
  for (let field = 0; field < ROW; field++) unfinished[row + field] = request[field]!;
}

/** What was said of the client may not be all that would have been. */
export function forgetClient(): void {
  request[CLIENT_AT] = 0;
  request[CLIENT_END] = 0;
}

/** A new connection has this number now. */
export function forget(number: number): void {
  unfinished[number * ROW + PHASE] = 0;
}
