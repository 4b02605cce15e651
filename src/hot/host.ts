// host.ts: is this stretch of the inbox `uri-host [":" port]`? RFC 9110 7.2, RFC 3986 3.2.2.
import { readIpv6 } from './address.ts';
import { inbox } from './ring.ts';
import { COLON, DIGIT_0, DIGIT_9, DOT, HEX, PERCENT, REG_NAME } from './tables.ts';

const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const PORT_MAX = 65_535;
const NOT_HEX = 0xff;

/** An empty host is one as well: a reg-name may be empty. */
export function isAuthority(at: number, end: number): boolean {
  if (at < end && inbox[at] === BRACKET_OPEN) return isBracketed(at + 1, end);
  let index = plainEnd(at, end);
  while (index < end && inbox[index] !== COLON) {
    const byte = inbox[index]!;
    if (byte === PERCENT && isEscape(index, end)) index += 3;
    else if (REG_NAME[byte] !== 0) index++;
    else return false;
  }
  return isPort(index, end);
}

function plainEnd(from: number, end: number): number {
  let at = from;
  while (at < end && REG_NAME[inbox[at]!] !== 0) at++;
  return at;
}

/** Neither may be empty: the target of CONNECT, RFC 9112 3.2.3, RFC 9110 9.3.6. */
export function isHostAndPort(at: number, end: number): boolean {
  let port = end;
  while (port > at && inbox[port - 1]! >= DIGIT_0 && inbox[port - 1]! <= DIGIT_9) port--;
  return port < end && port - 1 > at && inbox[port - 1] === COLON && isAuthority(at, end);
}

function isEscape(at: number, end: number): boolean {
  return at + 2 < end && HEX[inbox[at + 1]!] !== NOT_HEX && HEX[inbox[at + 2]!] !== NOT_HEX;
}

/** Nothing, or a colon and a number up to 65535, which may be empty. */
function isPort(at: number, end: number): boolean {
  if (at === end) return true;
  if (inbox[at] !== COLON) return false;
  let port = 0;
  for (let index = at + 1; index < end; index++) {
    const digit = inbox[index]! - DIGIT_0;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
    if (port > PORT_MAX) return false;
  }
  return true;
}

function isBracketed(at: number, end: number): boolean {
  let close = at;
  while (close < end && inbox[close] !== BRACKET_CLOSE) close++;
  if (close === end || !isPort(close + 1, end)) return false;
  return (inbox[at]! | 0x20) === 0x76 ? isFutureAddress(at + 1, close) : readIpv6(at, close);
}

/** IPvFuture: "v" 1*HEXDIG "." 1*(unreserved / sub-delims / ":"). */
function isFutureAddress(at: number, end: number): boolean {
  let index = at;
  while (index < end && HEX[inbox[index]!] !== NOT_HEX) index++;
  if (index === at || inbox[index] !== DOT || index + 1 >= end) return false;
  for (index++; index < end; index++) {
    const byte = inbox[index]!;
    if (byte !== COLON && REG_NAME[byte] === 0) return false;
  }
  return true;
}
