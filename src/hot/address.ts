// address.ts: an IPv4 or IPv6 address as text in the inbox, and the bytes it stands for. RFC 3986
// 3.2.2, RFC 4291 2.2; without zone.
import { inbox } from './ring.ts';
import { COLON, DIGIT_0, DIGIT_9, DOT, HEX } from './tables.ts';

export const IPV4 = 4;
export const IPV6 = 6;

const GROUPS = 8;
const ADDRESS_BYTES = 16;
const NOT_HEX = 0xff;

/** What was read last, 4 bytes of it or 16. Nothing is to be found here after a refusal. */
export const address = new Uint8Array(ADDRESS_BYTES);

/** Four dec-octets without leading zeros. */
export function readIpv4(from: number, end: number): boolean {
  return readOctets(from, end, 0);
}

/** Eight groups of up to four digits, one `::` at most, the last two perhaps as IPv4. */
export function readIpv6(from: number, end: number): boolean {
  let at = from;
  let group = 0;
  let elided = -1;
  if (at + 1 < end && inbox[at] === COLON && inbox[at + 1] === COLON) {
    elided = 0;
    at += 2;
  }
  while (at < end) {
    const stop = groupEnd(at, end);
    if (stop < end && inbox[stop] === DOT) {
      if (group > GROUPS - 2 || !readOctets(at, end, group * 2)) return false;
      group += 2;
      break;
    }
    if (stop === at || stop - at > 4 || group === GROUPS) return false;
    putGroup(group++, at, stop);
    at = stop;
    if (at === end) break;
    if (inbox[at] !== COLON || at + 1 === end) return false;
    at++;
    if (inbox[at] !== COLON) continue;
    if (elided >= 0) return false;
    elided = group;
    at++;
  }
  if (elided < 0) return group === GROUPS;
  if (group === GROUPS) return false;
  spread(elided, group);
  return true;
}

/** Is the IPv6 address read last one of IPv4 (RFC 4291 2.5.5.2)? It is that from now on. */
export function unmap(): boolean {
  for (let index = 0; index < 10; index++) {
    if (address[index] !== 0) return false;
  }
  if (address[10] !== 0xff || address[11] !== 0xff) return false;
  for (let index = 0; index < 4; index++) address[index] = address[12 + index]!;
  return true;
}

function groupEnd(from: number, end: number): number {
  let at = from;
  while (at < end && HEX[inbox[at]!] !== NOT_HEX) at++;
  return at;
}

function putGroup(group: number, from: number, end: number): void {
  let value = 0;
  for (let at = from; at < end; at++) value = (value << 4) | HEX[inbox[at]!]!;
  address[2 * group] = value >> 8;
  address[2 * group + 1] = value;
}

/** Groups behind the `::` go to the end, and zeros between. */
function spread(elided: number, groups: number): void {
  const from = 2 * elided;
  const behind = 2 * (groups - elided);
  for (let index = 1; index <= behind; index++) {
    address[ADDRESS_BYTES - index] = address[from + behind - index]!;
  }
  for (let index = from; index < ADDRESS_BYTES - behind; index++) address[index] = 0;
}

function readOctets(from: number, end: number, target: number): boolean {
  let at = from;
  for (let octet = 0; octet < 4; octet++) {
    const start = at;
    let value = 0;
    while (at < end && inbox[at]! >= DIGIT_0 && inbox[at]! <= DIGIT_9 && at - start < 3) {
      value = value * 10 + inbox[at]! - DIGIT_0;
      at++;
    }
    if (at === start || value > 255 || (at - start > 1 && inbox[start] === DIGIT_0)) return false;
    address[target + octet] = value;
    if (octet === 3) return at === end;
    if (at === end || inbox[at] !== DOT) return false;
    at++;
  }
  return false;
}
