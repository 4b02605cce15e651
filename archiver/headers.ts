// headers.ts: makes the header blocks of the archive, each of four runs (docs/archive-format.md).
//
// Pure. Date, Connection and the empty line are the server's.
import { createHash } from 'node:crypto';
import { STATUS_LINES, imfDate } from '../src/format/head.ts';
import { CODING_IDENTITY, CODING_NAMES, HEAD_BLOCK_BYTES_MAX } from '../src/format/layout.ts';
import type { HeadParts } from '../src/format/route.ts';
import { REDIRECT_CACHE } from './caching.ts';
import { encodeKey } from './target.ts';

export interface HeadBlock extends HeadParts {
  readonly bytes: Uint8Array;
}

export type Fields = readonly (readonly [name: string, value: string])[];

export interface ContentHead {
  readonly status: 200 | 404;
  readonly cacheControl: string;
  /** With its quotes; none: no validator is sent. */
  readonly etag: string | undefined;
  /** The resource has more than one stored coding. */
  readonly varies: boolean;
  /** Seconds since 1970; 0: unknown. */
  readonly modified: number;
  /** CODING_* */
  readonly coding: number;
  readonly type: string;
  readonly bodyBytes: number;
  readonly security: Fields;
}

/** 132 bits in base64url. */
const ETAG_CHARACTERS = 22;

/**
 * Sent with every answer from the archive unless --security-headers is off. The server's own errors
 * hold nothing of the site.
 */
export const SECURITY_HEADERS: Fields = [
  ['Referrer-Policy', 'strict-origin-when-cross-origin'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'SAMEORIGIN'],
];

export function contentHead(head: ContentHead): HeadBlock {
  const common: Fields = [
    ['Cache-Control', head.cacheControl],
    ...(head.etag === undefined ? [] : ([['ETag', head.etag]] as const)),
    ...(head.varies ? ([['Vary', 'Accept-Encoding']] as const) : []),
    ...head.security,
  ];
  const coding = CODING_NAMES[head.coding]!;
  const content: Fields = [
    ...(head.modified === 0 ? [] : ([['Last-Modified', imfDate(head.modified)]] as const)),
    ...(head.status === 200 ? ([['Accept-Ranges', 'bytes']] as const) : []),
    ...(head.coding === CODING_IDENTITY ? [] : ([['Content-Encoding', coding]] as const)),
    ['Content-Type', head.type],
  ];
  return makeBlock([
    STATUS_LINES[head.status]!,
    lines(common),
    lines(content),
    lines([['Content-Length', String(head.bodyBytes)]]),
  ]);
}

/**
 * A strong validator, RFC 9110 section 8.8.3, that two codings or two types of one body never
 * share.
 */
export function etagOf(bodyDigest: Uint8Array, coding: number, type: string): string {
  const sum = createHash('sha256').update(bodyDigest).update(`${CODING_NAMES[coding]!}\0${type}`);
  return `"${sum.digest('base64url').slice(0, ETAG_CHARACTERS)}"`;
}

/** Run 3 ends inside the Location line: the server may put a query there. */
export function redirectHead(status: 308, to: string, security: Fields): HeadBlock {
  return makeBlock([
    STATUS_LINES[status]!,
    lines([['Cache-Control', REDIRECT_CACHE], ...security]),
    `Location: ${encodeKey(to)}`,
    '\r\nContent-Length: 0\r\n',
  ]);
}

type Runs = readonly [status: string, common: string, content: string, length: string];

function makeBlock(runs: Runs): HeadBlock {
  const text = runs.join('');
  if (text.length > HEAD_BLOCK_BYTES_MAX) throw new RangeError('a header block is too long');
  const [status, common, content, length] = runs;
  const etag = /\r\nETag: ("[^"]*")\r\n/.exec(text);
  const type = /\r\n(Content-Type: [^\r]*\r\n)/.exec(text);
  return {
    bytes: Buffer.from(text, 'latin1'),
    statusBytes: status.length,
    commonBytes: common.length,
    contentBytes: content.length,
    lengthBytes: length.length,
    etagAt: etag ? etag.index + '\r\nETag: '.length : 0,
    etagBytes: etag ? etag[1]!.length : 0,
    typeAt: type ? type.index + '\r\n'.length : 0,
    typeBytes: type ? type[1]!.length : 0,
  };
}

function lines(fields: Fields): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}
