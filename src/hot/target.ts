// target.ts: which of its four forms a request target has, and where its path starts. RFC 9112 3.2.
import { bytesOf } from '../format/bytes.ts';
import { isAuthority, isHostAndPort } from './host.ts';
import { CONNECT, OPTIONS } from './methods.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { ASTERISK, COLON, HASH, QUESTION, SLASH } from './tables.ts';

const { request } = R;

const SCHEME = bytesOf('https');

/** Of a target that has ended: 0, or -400 for what is none of the four. */
export function readForm(base: number): number {
  const at = base + request[R.TARGET_AT]!;
  const end = base + request[R.TARGET_END]!;
  request[R.PATH_AT] = at - base;
  if (inbox[at] === SLASH) return 0;
  if (inbox[at] === ASTERISK && end - at === 1) return 0;
  if (request[R.METHOD] === CONNECT && isHostAndPort(at, end)) return 0;
  return readAbsolute(base, at, end);
}

/** `*` is OPTIONS' own: with other methods it is -400, once the version is known to be ours. */
export function checkAsterisk(base: number): number {
  const alone = request[R.TARGET_END]! - request[R.TARGET_AT]! === 1;
  const asterisk = alone && inbox[base + request[R.TARGET_AT]!] === ASTERISK;
  return asterisk && request[R.METHOD] !== OPTIONS ? -400 : 0;
}

/** `http://` in any case; https is for others to refuse: this listener speaks cleartext. */
function readAbsolute(base: number, at: number, end: number): number {
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
  request[R.PATH_AT] = stop - base;
  request[R.HTTPS] = index === SCHEME.length ? 1 : 0;
  return 0;
}

function endsAuthority(byte: number): boolean {
  return byte === SLASH || byte === QUESTION || byte === HASH;
}
