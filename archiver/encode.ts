// encode.ts: the codings of one body that are worth storing.
//
// A coder is asynchronous, so that several bodies are compressed at once; what it gives depends on
// its input alone.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { CODING_GZIP, CODING_IDENTITY } from '../src/format/layout.ts';
import { isPreferred } from '../src/format/preference.ts';

export interface Coder {
  /** CODING_* */
  readonly coding: number;
  compress(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface Coded {
  /** CODING_* */
  readonly coding: number;
  readonly bytes: Uint8Array;
}

export const EFFORTS = ['fast', 'balanced', 'max', 'none'] as const;
export type Effort = (typeof EFFORTS)[number];

/** Names of --codings, and how to make each at an effort. */
export const CODERS: Readonly<Record<string, (effort: Exclude<Effort, 'none'>) => Coder>> = {
  gzip: (effort) => makeGzip({ fast: 6, balanced: 9, max: 9 }[effort]),
};

const SAVED_SHARE_MIN = 0.05;
const SAVED_BYTES_MIN = 64;
/** A longer body is stored as it is: its codings would have to be held in memory beside it. */
const CODED_BYTES_MAX = 1024 * 1024 * 1024;
const GZIP_OS_AT = 9; // RFC 1952 section 2.3
const GZIP_OS_UNKNOWN = 255;

const gzipAsync = promisify(gzip);

export function makeCoders(codings: readonly string[], effort: Effort): Coder[] {
  if (effort === 'none') return [];
  return codings.map((name) => CODERS[name]!(effort));
}

/** Identity and every coding that saves enough, the most preferred first. */
export async function encodeBody(bytes: Uint8Array, coders: readonly Coder[]): Promise<Coded[]> {
  const stored: Coded[] = [{ coding: CODING_IDENTITY, bytes }];
  const mayPay = bytes.length > SAVED_BYTES_MIN && bytes.length <= CODED_BYTES_MAX;
  for (const coder of mayPay ? coders : []) {
    const coded = await coder.compress(bytes);
    const saved = bytes.length - coded.length;
    if (saved >= SAVED_BYTES_MIN && saved >= bytes.length * SAVED_SHARE_MIN) {
      stored.push({ coding: coder.coding, bytes: coded });
    }
  }
  return stored.sort((left, right) =>
    isPreferred(left.coding, left.bytes.length, right.coding, right.bytes.length) ? -1 : 1,
  );
}

function makeGzip(level: number): Coder {
  return {
    coding: CODING_GZIP,
    async compress(bytes) {
      const coded = await gzipAsync(bytes, { level });
      // zlib writes the system it was built for; the archive is the same on all of them.
      coded[GZIP_OS_AT] = GZIP_OS_UNKNOWN;
      return coded;
    },
  };
}
