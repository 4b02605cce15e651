// digest.ts: the digest of an archive, and those of its values.
//
// The digest in the manifest is of every byte but its own digits and the values of bodies and
// header blocks: of those each one has its own digest in its key, and the key is in the digest.
import { createHash, hash } from 'node:crypto';
import {
  CDB_HEADER_BYTES,
  CDB_RECORD_HEAD_BYTES,
  KEY_BODY_PREFIX,
  KEY_DIGEST_BYTES,
  KEY_HEAD_PREFIX,
  MANIFEST_DIGEST_AT,
  MANIFEST_DIGEST_BYTES,
} from '../format/layout.ts';
import { glance, wordsOf } from '../format/source.ts';
import type { Source, Words } from '../format/source.ts';

/** Read at once, of an archive in a file: what is in memory beside its tables. */
const SLICE_BYTES = 1024 * 1024;
/** What stands between two values is short: it is gathered before it is hashed. */
const GATHERED_BYTES = 64 * 1024;
const FIRST_BYTE = 0xff;

/**
 * SHA-256 in hexadecimal, of a sound CDB whose manifest, the value of its record, is at this
 * offset.
 */
export function digestArchive(bytes: Source, manifestAt: number): string {
  const sum = createHash('sha256');
  const gathered = Buffer.allocUnsafe(GATHERED_BYTES);
  let used = 0;
  for (const [from, to] of coveredSpans(bytes, manifestAt)) {
    for (let at = from; at < to;) {
      const taken = Math.min(to - at, GATHERED_BYTES - used);
      gathered.set(glance(bytes, at, at + taken), used);
      at += taken;
      used += taken;
      if (used < GATHERED_BYTES) continue;
      sum.update(gathered);
      used = 0;
    }
  }
  return sum.update(gathered.subarray(0, used)).digest('hex');
}

/** All between the gaps, which are what has a digest of its own, and the digits. */
function* coveredSpans(
  bytes: Source,
  manifestAt: number,
): Generator<readonly [from: number, to: number]> {
  const words = wordsOf(bytes);
  const recordsEnd = words.getUint32(0, true);
  const digitsAt = manifestAt + MANIFEST_DIGEST_AT;
  let from = 0;
  for (let at = CDB_HEADER_BYTES; at < recordsEnd;) {
    const valueAt = at + CDB_RECORD_HEAD_BYTES + words.getUint32(at, true);
    const end = valueAt + words.getUint32(at + 4, true);
    if (valueAt === manifestAt) {
      yield [from, digitsAt];
      from = digitsAt + MANIFEST_DIGEST_BYTES;
    } else if (hasOwnDigest(words, at)) {
      yield [from, valueAt];
      from = end;
    }
    at = end;
  }
  yield [from, bytes.length];
}

function hasOwnDigest(words: Words, record: number): boolean {
  if (words.getUint32(record, true) !== KEY_DIGEST_BYTES) return false;
  const first = words.getUint32(record + CDB_RECORD_HEAD_BYTES, true) & FIRST_BYTE;
  return first === KEY_BODY_PREFIX || first === KEY_HEAD_PREFIX;
}

/** SHA-256 of the bytes from one offset to another; each character is a byte of it. */
export function digestSpan(bytes: Source, from: number, to: number): string {
  if (to - from <= SLICE_BYTES) return hash('sha256', glance(bytes, from, to), 'binary');
  const sum = createHash('sha256');
  for (let at = from; at < to; at += SLICE_BYTES) {
    sum.update(glance(bytes, at, Math.min(at + SLICE_BYTES, to)));
  }
  return sum.digest('binary');
}
