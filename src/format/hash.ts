// hash.ts: the hash function of CDB.
import { CDB_HASH_START } from './layout.ts';

/** Hash of bytes[at, at + length), unsigned 32 bits. Source: https://cr.yp.to/cdb/cdb.txt */
export function cdbHash(bytes: Uint8Array, at: number, length: number): number {
  let hash = CDB_HASH_START;
  for (let i = at; i < at + length; i++) hash = (((hash << 5) + hash) ^ bytes[i]!) | 0;
  return hash >>> 0;
}
