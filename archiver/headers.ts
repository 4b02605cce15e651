// headers.ts: makes the header blocks of the archive, each of four runs (docs/archive-format.md).
//
// Pure. Date, Connection and the empty line are the server's.
import { hash } from 'node:crypto';
import { STATUS_LINES, imfDate } from '../src/format/head.ts';
import { CODING_IDENTITY, CODING_NAMES, HEAD_BLOCK_BYTES_MAX } from '../src/format/layout.ts';
import type { HeadParts } from '../src/format/route.ts';
import { REDIRECT_CACHE } from './caching.ts';
import type { Edits } from './rules/header_rules.ts';
import type { Edit } from './rules/headers_file.ts';
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
  /** What the site's own rules do to all that. */
  readonly edits: Edits;
}

/** The block does not fit the archive; only what a site adds can make it so long. */
export class BlockTooLong extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super(`a header block of ${bytes} bytes`);
    this.bytes = bytes;
  }
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

/**
 * RFC 6797 section 6.1: browsers come by TLS alone for so long. They heed it in answers over TLS
 * alone, section 8.1.
 */
export function hstsHeader(seconds: number): readonly [name: string, value: string] {
  return ['Strict-Transport-Security', `max-age=${seconds}`];
}

/** They describe the content, and stand in run 3. */
const CONTENT_FIELDS = new Set(['content-language', 'content-type']);

export function contentHead(head: ContentHead): HeadBlock {
  const { edits } = head;
  const common: Fields = [
    ['Cache-Control', head.cacheControl],
    ...(head.etag === undefined ? [] : ([['ETag', head.etag]] as const)),
    ...varyFields(head.varies, edits),
    ...head.security,
  ];
  const coding = CODING_NAMES[head.coding]!;
  const content: Fields = [
    ...(head.modified === 0 ? [] : ([['Last-Modified', imfDate(head.modified)]] as const)),
    ...(head.status === 200 ? ([['Accept-Ranges', 'bytes']] as const) : []),
    ...(head.coding === CODING_IDENTITY ? [] : ([['Content-Encoding', coding]] as const)),
    ...fieldsOf(edits.get('content-language')),
    ['Content-Type', head.type],
  ];
  const length = `Content-Length: ${head.bodyBytes}\r\n`;
  return makeBlock([STATUS_LINES[head.status]!, commonRun(common, edits), lines(content), length]);
}

/** The Content-Type that the rules give, or the one there is without them. */
export function editedType(edits: Edits, type: string): string {
  return edits.get('content-type')?.values[0] ?? type;
}

/**
 * A strong validator, RFC 9110 section 8.8.3, that two codings or two types of one body never
 * share.
 */
export function etagOf(bodyDigest: Uint8Array, coding: number, type: string): string {
  const what = Buffer.from(`${CODING_NAMES[coding]!}\0${type}`);
  const sum = hash('sha256', Buffer.concat([bodyDigest, what]), 'base64url');
  return `"${sum.slice(0, ETAG_CHARACTERS)}"`;
}

/** The value of Location, up to the place where the server may put a query, and from there. */
export interface Location {
  readonly before: string;
  readonly after: string;
}

/** To the path of a key. */
export function ownLocation(key: string): Location {
  return { before: encodeKey(key), after: '' };
}

/** Run 3 ends inside the Location line. */
export function redirectHead(
  status: number,
  { before, after }: Location,
  { security, edits }: Pick<ContentHead, 'security' | 'edits'>,
): HeadBlock {
  const common: Fields = [
    ['Cache-Control', REDIRECT_CACHE],
    ...varyFields(false, edits),
    ...security,
  ];
  return makeBlock([
    STATUS_LINES[status]!,
    commonRun(common, edits),
    `Location: ${before}`,
    `${after}\r\nContent-Length: 0\r\n`,
  ]);
}

/** Run 2; its lines about sharing are the last ones. */
interface CommonRun {
  readonly text: string;
  readonly sharing: string;
}

/** Of the protocol for pages of other origins, https://fetch.spec.whatwg.org/#http-cors-protocol */
const SHARING = /^access-control-/i;

/** Nothing but rules of the site shares anything. */
function commonRun(common: Fields, edits: Edits): CommonRun {
  if (edits.size === 0) return { text: lines(common), sharing: '' };
  const fields = edited(common, edits);
  const sharing = lines(fields.filter(([name]) => SHARING.test(name)));
  return { text: lines(fields.filter(([name]) => !SHARING.test(name))) + sharing, sharing };
}

type Runs = readonly [status: string, common: CommonRun, content: string, length: string];

function makeBlock([status, { text: common, sharing }, content, length]: Runs): HeadBlock {
  const text = status + common + content + length;
  if (text.length > HEAD_BLOCK_BYTES_MAX) throw new BlockTooLong(text.length);
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
    sharingBytes: sharing.length,
  };
}

/** What is there is replaced in its place or removed; what is new comes after it. */
function edited(common: Fields, edits: Edits): Fields {
  const there = new Set(common.map(([name]) => name.toLowerCase()));
  const kept = common.flatMap((field) => {
    const name = field[0].toLowerCase();
    return name !== 'vary' && edits.has(name) ? fieldsOf(edits.get(name)) : [field];
  });
  const fresh = [...edits].filter(([name]) => !there.has(name) && !CONTENT_FIELDS.has(name));
  return [...kept, ...fresh.flatMap(([, edit]) => fieldsOf(edit))];
}

/** Cookies cannot be joined. RFC 6265 section 3. */
function fieldsOf(edit: Edit | undefined): Fields {
  if (!edit || edit.values.length === 0) return [];
  const { name, values } = edit;
  if (name.toLowerCase() === 'set-cookie') return values.map((value) => [name, value]);
  return [[name, values.join(', ')]];
}

const OWN_VARY: Fields = [['Vary', 'Accept-Encoding']];

/** What is chosen by Accept-Encoding, and what else the rules say. */
function varyFields(varies: boolean, edits: Edits): Fields {
  if (!edits.has('vary')) return varies ? OWN_VARY : [];
  const own = varies ? ['Accept-Encoding'] : [];
  const given = edits.get('vary')?.values.flatMap((value) => value.split(',')) ?? [];
  const members = new Map<string, string>();
  for (const member of [...own, ...given].map((text) => text.trim())) {
    const lower = member.toLowerCase();
    if (!members.has(lower)) members.set(lower, member);
  }
  return members.size === 0 ? [] : [['Vary', [...members.values()].join(', ')]];
}

function lines(fields: Fields): string {
  let text = '';
  for (const field of fields) text += `${field[0]}: ${field[1]}\r\n`;
  return text;
}
