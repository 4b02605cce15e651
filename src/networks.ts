// networks.ts: whom an operator trusts, as networks of addresses or whoever comes by a unix socket.
import { isIPv4, isIPv6 } from 'node:net';
import { TRUSTED_PROXIES_MAX } from './limits.ts';

export interface Network {
  /** As in a row of native/ring.h: 1 is a unix socket. */
  readonly family: 1 | 4 | 6;
  /** How many bits of the address count. */
  readonly bits: number;
  /** 4 bytes, 16, or none. */
  readonly address: readonly number[];
}

const UNIX: Network = { family: 1, bits: 0, address: [] };
const FORMS = 'an address or a network is 192.0.2.1, 10.0.0.0/8, 2001:db8::/32 or unix';

/** `texts` are those of --trusted-proxy. Gives what is wrong as text. */
export function readNetworks(texts: readonly string[]): readonly Network[] | string {
  if (texts.length > TRUSTED_PROXIES_MAX) {
    return `--trusted-proxy: more than ${TRUSTED_PROXIES_MAX} are given.`;
  }
  const found = texts.map(readNetwork);
  const fault = found.find((item) => typeof item === 'string');
  return fault ?? (found as Network[]);
}

function readNetwork(text: string): Network | string {
  if (text === 'unix') return UNIX;
  const fault = (why: string): string => `--trusted-proxy ${text}: ${why}.`;
  const [, host, digits] = /^([^/]*)(?:\/(0|[1-9][0-9]{0,2}))?$/s.exec(text) ?? [];
  const address = host === undefined ? undefined : bytesOfAddress(host);
  if (address === undefined) return fault(`${FORMS}; names are not resolved`);
  const most = address.length * 8;
  const bits = digits === undefined ? most : Number(digits);
  if (bits > most)
    return fault(`of an IPv${most === 32 ? 4 : 6} address at most ${most} bits count`);
  const cut = address.map((byte, index) => byte & maskAt(index, bits));
  if (cut.some((byte, index) => byte !== address[index])) {
    return fault(
      `there are bits set behind the ${bits} that count: ${textOf(cut)}/${bits} is meant`,
    );
  }
  if (isMapped(address)) {
    const four = bits < 96 ? '0.0.0.0/0' : `${textOf(address.slice(12))}/${bits - 96}`;
    return fault(`write IPv4 as such: ${four}`);
  }
  return { family: address.length === 4 ? 4 : 6, bits, address };
}

function maskAt(index: number, bits: number): number {
  return 0xff & ~(0xff >> Math.max(0, Math.min(8, bits - index * 8)));
}

/** Without zone. */
function bytesOfAddress(text: string): readonly number[] | undefined {
  if (isIPv4(text)) return text.split('.').map(Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [left, right] = text.split('::').map(groupsOf) as [number[], number[]?];
  const length = 16 - left.length - (right?.length ?? 0);
  const zeros = Array.from({ length }, () => 0);
  return [...left, ...zeros, ...(right ?? [])];
}

/** Bytes of groups, the last of which may be an IPv4 address. */
function groupsOf(text: string): number[] {
  return text.split(':').flatMap((group) => {
    if (group === '') return [];
    if (group.includes('.')) return group.split('.').map(Number);
    const number = Number.parseInt(group, 16);
    return [number >> 8, number & 0xff];
  });
}

/** ::ffff:0:0/96, RFC 4291 2.5.5.2: a peer of such an address is one of IPv4. */
function isMapped(address: readonly number[]): boolean {
  return (
    address.length === 16 &&
    address.slice(0, 10).every((byte) => byte === 0) &&
    address[10] === 0xff &&
    address[11] === 0xff
  );
}

/** IPv6 in its shortest form. */
function textOf(address: readonly number[]): string {
  if (address.length === 4) return address.join('.');
  const hex = Buffer.from(address).toString('hex').match(/.{4}/g)!.join(':');
  return new URL(`http://[${hex}]`).hostname.slice(1, -1);
}
