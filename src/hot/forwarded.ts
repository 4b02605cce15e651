// forwarded.ts: what a trusted proxy says of its client: X-Forwarded-For and X-Forwarded-Proto.
//
// All lines are one list, in order, whose last members are the nearest proxies'. So its members are
// taken as they come, and what stands left of one that is no address is never believed. From all
// other peers both fields mean nothing. Not in any RFC; RFC 7239 7.4 and 8 have the reasons.
import { wordOf } from '../format/bytes.ts';
import { IPV4, IPV6, readIpv4, readIpv6, unmap } from './address.ts';
import { comma, skipBlank, trimEnd } from './lists.ts';
import { isTrusted } from './networks.ts';
import * as R from './request.ts';
import { inbox, isTrustedPeer } from './ring.ts';
import { COLON, DIGIT_0, DIGIT_9, DOT } from './tables.ts';
import { isWord } from './word.ts';

const { request } = R;

const HTTPS = wordOf('https');
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const PORT_DIGITS_MAX = 5;
const PORT_MAX = 65_535;

/** The address within the member read last. */
const member = new Int32Array(2);
const AT = 0;
const END = 1;

export function readForwardedFor(base: number, from: number, end: number): void {
  if (!isTrustedPeer(request[R.NUMBER]!)) return;
  let stop = from;
  for (let at = from; at < end; at = stop + 1) {
    stop = comma(at, end);
    const start = skipBlank(at, stop);
    const last = trimEnd(start, stop);
    if (start < last) takeMember(base, readMember(start, last));
  }
}

/** The last member counts: it is what the peer itself says. */
export function readForwardedProto(from: number, end: number): void {
  if (!isTrustedPeer(request[R.NUMBER]!)) return;
  let stop = from;
  for (let at = from; at < end; at = stop + 1) {
    stop = comma(at, end);
    const start = skipBlank(at, stop);
    const bytes = trimEnd(start, stop) - start;
    if (bytes > 0) request[R.SECURE] = bytes === 5 && isWord(HTTPS, start, 5) ? 1 : 0;
  }
}

/** A further proxy leaves the client that it names as it is. */
function takeMember(base: number, family: number): void {
  if (family === 0) return R.forgetClient();
  if (request[R.CLIENT_END] !== 0 && isTrusted(family)) return;
  request[R.CLIENT_AT] = member[AT]! - base;
  request[R.CLIENT_END] = member[END]! - base;
}

/** Its family: of an address, which may have brackets if it is IPv6, and a port; 0 for all else. */
function readMember(at: number, end: number): number {
  if (inbox[at] === BRACKET_OPEN) {
    let close = at + 1;
    while (close < end && inbox[close] !== BRACKET_CLOSE) close++;
    return close < end && isPort(close + 1, end) ? readSix(at + 1, close) : 0;
  }
  let stop = at;
  while (stop < end && isOfIpv4(inbox[stop]!)) stop++;
  if (!readIpv4(at, stop)) return readSix(at, end);
  member[AT] = at;
  member[END] = stop;
  return isPort(stop, end) ? IPV4 : 0;
}

function readSix(at: number, end: number): number {
  member[AT] = at;
  member[END] = end;
  if (!readIpv6(at, end)) return 0;
  return unmap() ? IPV4 : IPV6;
}

function isOfIpv4(byte: number): boolean {
  return byte === DOT || (byte >= DIGIT_0 && byte <= DIGIT_9);
}

/** Nothing, or a colon and one to five digits. */
function isPort(at: number, end: number): boolean {
  const digits = end - at - 1;
  if (digits < 0) return true;
  if (inbox[at] !== COLON || digits === 0 || digits > PORT_DIGITS_MAX) return false;
  let port = 0;
  for (let index = at + 1; index < end; index++) {
    const digit = inbox[index]! - DIGIT_0;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
  }
  return port <= PORT_MAX;
}
