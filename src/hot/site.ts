// site.ts: which site of the archive a request is for. Keys of a named site start with `@` and its
// host.
import { wordOf } from '../format/bytes.ts';
import { CDB_HASH_START } from '../format/layout.ts';
import { find } from './archive.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { AT_SIGN, COLON, DOT } from './tables.ts';

const { request } = R;

/** A longer host than DNS has is nobody's. RFC 1035 2.3.4, and a trailing dot. */
const HOST_BYTES_MAX = 254;
const BRACKET_CLOSE = 0x5d;

/** What stands before the path in a key. Its first three bytes are the family of a fallback. */
export const prefix = new Uint8Array(3 + 1 + HOST_BYTES_MAX);
export const prefixView = new DataView(prefix.buffer);
export const FAMILY_BYTES = 3;

/** How long `prefix` is, and the hash over `@` and host. */
export const site = new Int32Array(4);
export const PREFIX_END = 0;
export const SITE_HASH = 1;
/** Set at boot: the archive has named sites; it has one without a name. */
export const HAS_HOSTS = 2;
export const HAS_DEFAULT = 3;
site[PREFIX_END] = FAMILY_BYTES;
site[SITE_HASH] = CDB_HASH_START;
site[HAS_DEFAULT] = 1;

const NO_KEYS = wordOf('');

/** 0, or -421 where the archive holds no such host and no default site. */
export function selectSite(base: number): number {
  if (site[HAS_HOSTS] === 0) return 0;
  const known = readHost(base) && hasMarker();
  if (known) return 0;
  site[PREFIX_END] = FAMILY_BYTES;
  site[SITE_HASH] = CDB_HASH_START;
  return site[HAS_DEFAULT] === 1 ? 0 : -421;
}

/** The record `@host` says that the site exists. */
function hasMarker(): boolean {
  return find(site[SITE_HASH]!, prefixView, FAMILY_BYTES, site[PREFIX_END]!, NO_KEYS, 0, 0) !== 0;
}

/** Host without port and trailing dot, in lower case; false: none, or too long. */
function readHost(base: number): boolean {
  const absolute = request[R.AUTHORITY_END] !== 0;
  const at = base + request[absolute ? R.AUTHORITY_AT : R.HOST_AT]!;
  const end = hostEnd(at, base + request[absolute ? R.AUTHORITY_END : R.HOST_END]!);
  if (at === end || end - at > HOST_BYTES_MAX) return false;
  let length = FAMILY_BYTES;
  let hash = ((CDB_HASH_START << 5) + CDB_HASH_START) ^ AT_SIGN;
  prefix[length++] = AT_SIGN;
  for (let index = at; index < end; index++) {
    const byte = lowerCase(inbox[index]!);
    prefix[length++] = byte;
    hash = ((hash << 5) + hash) ^ byte;
  }
  site[PREFIX_END] = length;
  site[SITE_HASH] = hash;
  return true;
}

function hostEnd(at: number, from: number): number {
  let end = from;
  while (end > at && inbox[end - 1] !== COLON && inbox[end - 1] !== BRACKET_CLOSE) end--;
  if (end === at) end = from;
  else if (inbox[end - 1] === COLON) end--;
  return end > at && inbox[end - 1] === DOT ? end - 1 : end;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
