// note.ts: what the journal is told of an answer: where it counts, and for the log what was asked.
import { LOG_FIELD_BYTES_MAX, LOG_LINE_BYTES_MAX } from '../limits.ts';
import { UNKNOWN } from './methods.ts';
import { pushNote, pushText } from './outbox.ts';
import * as R from './request.ts';

const { request } = R;

/** 1: answers are logged, and not only counted. Written at boot. */
export const noting = new Int32Array(1);

/** Places of the answers of one status: GET, HEAD, OPTIONS, other methods, none that is known. */
export const SLOT_METHODS = 5;
const STATUS_LEAST = 100;
const STATUSES = 500;
export const SLOTS = STATUSES * SLOT_METHODS;
/** By method, 0 first: the request could not be read so far. */
const METHOD_PLACES = Uint8Array.of(4, 0, 1, 2, 3, 3, 4);
if (METHOD_PLACES.length !== UNKNOWN + 1) throw new Error('note: a place for each method');

const CRLF_BYTES = 2;

/** Counts the answer last made. */
export function note(): void {
  const place = METHOD_PLACES[request[R.METHOD]!]!;
  pushNote((request[R.STATUS]! - STATUS_LEAST) * SLOT_METHODS + place, request[R.BODY]!);
}

/**
 * And gives the log request line, host, Referer, User-Agent and client. `base` is the place of the
 * request's first byte in the inbox, `end` that behind the last received.
 */
export function noteRequest(base: number, end: number): void {
  note();
  if (noting[0] === 0) return;
  pushLine(base, end);
  if (request[R.AUTHORITY_END] === 0) pushField(base, R.HOST_AT);
  else pushField(base, R.AUTHORITY_AT);
  pushField(base, R.REFERER_AT);
  pushField(base, R.AGENT_AT);
  pushField(base, R.CLIENT_AT);
}

/** As it was sent; of one that could not be read, what came, whatever it is. */
function pushLine(base: number, end: number): void {
  const at = base + request[R.LINE_AT]!;
  const fields = request[R.FIELDS_AT]!;
  const stop = fields === 0 ? end : base + fields - CRLF_BYTES;
  pushText(at, Math.min(stop - at, LOG_LINE_BYTES_MAX));
}

/** Place and end of a value. */
function pushField(base: number, field: number): void {
  const bytes = request[field + 1]! - request[field]!;
  pushText(base + request[field]!, Math.min(bytes, LOG_FIELD_BYTES_MAX));
}
