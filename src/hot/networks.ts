// networks.ts: whom the operator trusts: is an address in one of these networks?
import { NETWORK_BYTES, TRUSTED_PROXIES_MAX } from '../limits.ts';
import { address } from './address.ts';

/** Rows of native/ring.h: u8 family, u8 bits that count, u8 address[16]. Written at boot. */
export const networks = new Uint8Array(TRUSTED_PROXIES_MAX * NETWORK_BYTES);
/** How many bytes of them are in use. */
export const trust = new Int32Array(1);
export const NETWORKS_END = 0;

const FAMILY = 0;
const BITS = 1;
const NETWORK_AT = 2;

/** The address that was read last. */
export function isTrusted(family: number): boolean {
  const end = trust[NETWORKS_END]!;
  for (let row = 0; row < end; row += NETWORK_BYTES) {
    if (networks[row + FAMILY] === family && isWithin(row)) return true;
  }
  return false;
}

function isWithin(row: number): boolean {
  let bits = networks[row + BITS]!;
  let index = 0;
  for (; bits >= 8; bits -= 8, index++) {
    if (networks[row + NETWORK_AT + index] !== address[index]) return false;
  }
  if (bits === 0) return true;
  return (networks[row + NETWORK_AT + index]! ^ address[index]!) >> (8 - bits) === 0;
}
