// log_address.ts: the address of a client in a log: whole, cut, or none.
import { isIP } from 'node:net';
import { type JournalRecord, TEXT } from './journal.ts';
import type { LineBuffer } from './line_buffer.ts';

export const LOG_ADDRESSES = ['cut', 'full', 'none'] as const;
export type LogAddresses = (typeof LOG_ADDRESSES)[number];

/** Longest text of an address: IPv6 that ends in an IPv4 address. */
export const ADDRESS_TEXT_BYTES_MAX = 45;
const FAMILY_4 = 4;
const FAMILY_6 = 6;
/** Where the address begins in a peer. */
const ADDRESS = 4;
const IP4_BYTES = 4;
const IP6_BYTES = 16;
const GROUPS = 8;
/** Bytes that stay when an address is cut: /24 and /48. */
const KEPT = { [FAMILY_4]: 3, [FAMILY_6]: 6 } as const;
const DOT = 0x2e;
const COLON = 0x3a;
const HEX = Buffer.from('0123456789abcdef');

type Family = 0 | typeof FAMILY_4 | typeof FAMILY_6;

/** Reads an address out of a record and writes it; one for a log. */
export class LogAddress {
  readonly #kept: typeof KEPT | undefined;
  readonly #hidden: boolean;
  readonly #address = new Uint8Array(IP6_BYTES);
  #family: Family = 0;

  constructor(addresses: LogAddresses) {
    this.#kept = addresses === 'cut' ? KEPT : undefined;
    this.#hidden = addresses === 'none';
  }

  /** That of the client: named by a trusted proxy, else the peer. False: there is none to show. */
  readClient(record: JournalRecord): boolean {
    if (this.#hidden) return false;
    const from = record.from[TEXT.client]!;
    const to = record.to[TEXT.client]!;
    if (from === to) return this.readPeer(record);
    this.#family = this.#readText(record.bytes, from, to);
    return this.#cut();
  }

  /** False: none, such as that of a Unix socket. */
  readPeer({ bytes, peer }: JournalRecord): boolean {
    if (this.#hidden) return false;
    const family = bytes[peer];
    this.#family = family === FAMILY_4 || family === FAMILY_6 ? family : 0;
    for (let at = 0; at < IP6_BYTES; at++) this.#address[at] = bytes[peer + ADDRESS + at]!;
    return this.#cut();
  }

  /** What was read last, IPv6 in the form of RFC 5952. */
  addTo(lines: LineBuffer): void {
    if (this.#family === FAMILY_4) addIp4(lines, this.#address);
    else addIp6(lines, this.#address);
  }

  #cut(): boolean {
    if (this.#family === 0) return false;
    if (this.#kept) this.#address.fill(0, this.#kept[this.#family]);
    return true;
  }

  #readText(bytes: Buffer, from: number, to: number): Family {
    if (to - from > ADDRESS_TEXT_BYTES_MAX) return 0;
    const text = bytes.toString('latin1', from, to);
    const family = isIP(text);
    if (family === FAMILY_4) this.#address.set(text.split('.').map(Number));
    else if (family !== FAMILY_6 || text.includes('%')) return 0;
    else this.#address.set(bytesOfIp6(text));
    return family === FAMILY_6 && isMapped(this.#address) ? this.#unmap() : family;
  }

  #unmap(): Family {
    this.#address.copyWithin(0, IP6_BYTES - IP4_BYTES);
    return FAMILY_4;
  }
}

/** Of a text that isIP() knows. */
function bytesOfIp6(text: string): number[] {
  const [head = [], tail] = text.split('::', 2).map(bytesOfGroups);
  if (tail === undefined) return head;
  const zeros = Array<number>(IP6_BYTES - head.length - tail.length).fill(0);
  return [...head, ...zeros, ...tail];
}

function bytesOfGroups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const number = Number.parseInt(group, 16);
    return [number >> 8, number & 0xff];
  });
}

/** ::ffff:0:0/96, an IPv4 address: RFC 4291 2.5.5.2. */
function isMapped(address: Uint8Array): boolean {
  return address.every((byte, at) => at >= 12 || byte === (at >= 10 ? 0xff : 0));
}

function addIp4(lines: LineBuffer, address: Uint8Array): void {
  for (let at = 0; at < IP4_BYTES; at++) {
    if (at > 0) lines.addByte(DOT);
    lines.addNumber(address[at]!);
  }
}

function addIp6(lines: LineBuffer, address: Uint8Array): void {
  const [from, to] = longestZeros(address);
  for (let group = 0; group < GROUPS; group++) {
    if (group === from) lines.addByte(COLON);
    if (group >= from && group < to) continue;
    if (group > 0) lines.addByte(COLON);
    addHex(lines, (address[2 * group]! << 8) | address[2 * group + 1]!);
  }
  if (to === GROUPS) lines.addByte(COLON);
}

/** Groups that `::` stands for: the longest run of two zeros or more, the first of equal ones. */
function longestZeros(address: Uint8Array): readonly [from: number, to: number] {
  let best: readonly [number, number] = [GROUPS, 0];
  let length = 1;
  let run = 0;
  for (let group = 0; group < GROUPS; group++) {
    run = address[2 * group] === 0 && address[2 * group + 1] === 0 ? run + 1 : 0;
    if (run <= length) continue;
    length = run;
    best = [group + 1 - run, group + 1];
  }
  return best;
}

function addHex(lines: LineBuffer, group: number): void {
  let shift = 12;
  while (shift > 0 && group >> shift === 0) shift -= 4;
  for (; shift >= 0; shift -= 4) lines.addByte(HEX[(group >> shift) & 15]!);
}
