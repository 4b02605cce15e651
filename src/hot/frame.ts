// frame.ts: does the message hold together? Host, target form and body framing. RFC 9112 3.2, 6,
// 9.3.
//
// Answers 0, or the negative status to refuse and close with (-421 keeps the connection).
import { bytesOf } from '../format/bytes.ts';
import { isAuthority } from './host.ts';
import { CONNECT, OPTIONS } from './methods.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { ASTERISK, COLON, HASH, QUESTION, SLASH } from './tables.ts';

const { request } = R;

const SCHEME = bytesOf('https');

export function checkFrame(base: number): number {
  const host = checkHost(base);
  if (host < 0) return host;
  const form = findPath(base);
  if (form === -400) return form;
  const body = checkBody();
  return body < 0 ? body : form;
}

/** Exactly one valid Host line; HTTP/1.0 may leave it out; an empty value is the default site. */
function checkHost(base: number): number {
  const hosts = request[R.HOSTS]!;
  if (hosts === 0) return request[R.MINOR] === 0 ? 0 : -400;
  if (hosts > 1) return -400;
  return isAuthority(base + request[R.HOST_AT]!, base + request[R.HOST_END]!) ? 0 : -400;
}

/** Finds path and query in origin-form, absolute-form and asterisk-form. */
function findPath(base: number): number {
  const at = base + request[R.TARGET_AT]!;
  const end = base + request[R.TARGET_END]!;
  if (inbox[at] === SLASH) return splitQuery(base, at, end);
  if (request[R.METHOD] === CONNECT) return 0;
  if (inbox[at] === ASTERISK && end - at === 1 && request[R.METHOD] === OPTIONS) return 0;
  return findAuthority(base, at, end);
}

/**
 * absolute-form: `http://` in any case; https is -421 here, since this listener speaks cleartext.
 */
function findAuthority(base: number, at: number, end: number): number {
  let index = 0;
  while (index < SCHEME.length && (inbox[at + index]! | 0x20) === SCHEME[index]) index++;
  const host = at + index + 3;
  if (index < SCHEME.length - 1 || host > end || inbox[at + index] !== COLON) return -400;
  if (inbox[at + index + 1] !== SLASH || inbox[at + index + 2] !== SLASH) return -400;
  let stop = host;
  while (stop < end && !endsAuthority(inbox[stop]!)) stop++;
  if (stop === host || inbox[host] === COLON || !isAuthority(host, stop)) return -400;
  request[R.AUTHORITY_AT] = host - base;
  request[R.AUTHORITY_END] = stop - base;
  splitQuery(base, stop, end);
  return index === SCHEME.length ? -421 : 0;
}

function endsAuthority(byte: number): boolean {
  return byte === SLASH || byte === QUESTION || byte === HASH;
}

/** The fragment is cut off; the query keeps its `?`. */
function splitQuery(base: number, at: number, end: number): number {
  let query = at;
  while (query < end && inbox[query] !== QUESTION && inbox[query] !== HASH) query++;
  let stop = query;
  while (stop < end && inbox[stop] !== HASH) stop++;
  request[R.PATH_AT] = at - base;
  request[R.QUERY_AT] = query - base;
  request[R.QUERY_END] = stop - base;
  return 0;
}

/**
 * Sets CLOSING where the connection must end after the answer: a body is never read as a request.
 */
function checkBody(): number {
  const options = request[R.OPTIONS_SEEN]!;
  const keeps = request[R.MINOR] === 1 || (options & R.CONNECTION_KEEP_ALIVE) !== 0;
  if (!keeps || (options & R.CONNECTION_CLOSE) !== 0) request[R.CLOSING] = 1;
  const length = request[R.CONTENT_LENGTH]!;
  const transfer = request[R.TRANSFER]!;
  if (length === R.LENGTH_BAD) return -400;
  if (length === R.LENGTH_BODY) request[R.CLOSING] = 1;
  if (transfer === 0) return 0;
  request[R.CLOSING] = 1;
  if (length !== R.LENGTH_ABSENT || request[R.MINOR] === 0) return -400;
  if ((transfer & R.TRANSFER_LAST_CHUNKED) === 0) return -400;
  if ((transfer & R.TRANSFER_CHUNKED_TWICE) !== 0) return -400;
  return (transfer & R.TRANSFER_OTHER) !== 0 ? -501 : 0;
}
