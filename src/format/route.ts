// route.ts: route records as objects, for packing, checking and tools. The hot loop reads the
// bytes themselves.
import {
  CODING_NAMES,
  ROUTE_FLAGS,
  ROUTE_FLAG_FILE,
  ROUTE_FLAG_MISSING,
  ROUTE_FLAG_OWN_QUERY,
  ROUTE_FLAG_REDIRECT,
  ROUTE_HEAD_BYTES,
  ROUTE_MODIFIED,
  ROUTE_STATUS,
  ROUTE_VARIANTS,
  VARIANTS_MAX,
  VARIANT_BODY_AT,
  VARIANT_BODY_BYTES,
  VARIANT_BYTES,
  VARIANT_CODING,
  VARIANT_COMMON_BYTES,
  VARIANT_CONTENT_BYTES,
  VARIANT_ETAG_AT,
  VARIANT_ETAG_BYTES,
  VARIANT_HEAD_AT,
  VARIANT_LENGTH_BYTES,
  VARIANT_SHARING_BYTES,
  VARIANT_STATUS_BYTES,
  VARIANT_TYPE_AT,
  VARIANT_TYPE_BYTES,
} from './layout.ts';

/** Where the parts of one header block are; all numbers are bytes. */
export interface HeadParts {
  readonly statusBytes: number;
  readonly commonBytes: number;
  readonly contentBytes: number;
  readonly lengthBytes: number;
  /** 0 and 0: the block has no ETag. */
  readonly etagAt: number;
  readonly etagBytes: number;
  /** 0 and 0: the block has no Content-Type. */
  readonly typeAt: number;
  readonly typeBytes: number;
  /** At the end of run 2: its Access-Control-* lines, which OPTIONS is answered with. */
  readonly sharingBytes: number;
}

export interface Variant extends HeadParts {
  /** CODING_* */
  readonly coding: number;
  readonly headAt: number;
  readonly bodyAt: number;
  readonly bodyBytes: number;
}

export interface Route {
  /** 404 is ROUTE_FLAG_MISSING, too. */
  readonly status: number;
  readonly redirect: boolean;
  /** A redirect whose Location takes no query from the request: ROUTE_FLAG_OWN_QUERY. */
  readonly ownQuery: boolean;
  /** The key is the path of a file of the site, not an alias: ROUTE_FLAG_FILE. */
  readonly file: boolean;
  /** Seconds since 1970; 0: unknown. */
  readonly modified: number;
  /** The most preferred first. */
  readonly variants: readonly Variant[];
}

const MISSING = 404;
const FLAGS = ROUTE_FLAG_REDIRECT | ROUTE_FLAG_FILE | ROUTE_FLAG_OWN_QUERY | ROUTE_FLAG_MISSING;

/** Throws a RangeError where a number does not fit its field: the packer's own fault. */
export function encodeRoute(route: Route): Uint8Array {
  const { variants } = route;
  if (variants.length < 1 || variants.length > VARIANTS_MAX) {
    throw new RangeError(`a route has ${variants.length} variants`);
  }
  const bytes = new Uint8Array(ROUTE_HEAD_BYTES + variants.length * VARIANT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(ROUTE_STATUS, route.status, true);
  view.setUint16(ROUTE_FLAGS, flagsOf(route), true);
  view.setUint32(ROUTE_MODIFIED, route.modified, true);
  view.setUint8(ROUTE_VARIANTS, variants.length);
  for (const [index, variant] of variants.entries()) {
    encodeVariant(view, ROUTE_HEAD_BYTES + index * VARIANT_BYTES, variant);
  }
  return bytes;
}

/** In words that are run as they stand: a loop over names takes four times as long. */
function encodeVariant(view: DataView, base: number, variant: Variant): void {
  putByte(view, base + VARIANT_CODING, variant.coding);
  putShort(view, base + VARIANT_STATUS_BYTES, variant.statusBytes);
  putShort(view, base + VARIANT_COMMON_BYTES, variant.commonBytes);
  putShort(view, base + VARIANT_CONTENT_BYTES, variant.contentBytes);
  putShort(view, base + VARIANT_LENGTH_BYTES, variant.lengthBytes);
  putShort(view, base + VARIANT_ETAG_AT, variant.etagAt);
  putShort(view, base + VARIANT_ETAG_BYTES, variant.etagBytes);
  putShort(view, base + VARIANT_TYPE_AT, variant.typeAt);
  putShort(view, base + VARIANT_TYPE_BYTES, variant.typeBytes);
  putShort(view, base + VARIANT_SHARING_BYTES, variant.sharingBytes);
  putWord(view, base + VARIANT_HEAD_AT, variant.headAt);
  putWord(view, base + VARIANT_BODY_AT, variant.bodyAt);
  putWord(view, base + VARIANT_BODY_BYTES, variant.bodyBytes);
}

function putByte(view: DataView, at: number, value: number): void {
  if ((value & 0xff) !== value) throw misfit(value);
  view.setUint8(at, value);
}

function putShort(view: DataView, at: number, value: number): void {
  if ((value & 0xffff) !== value) throw misfit(value);
  view.setUint16(at, value, true);
}

function putWord(view: DataView, at: number, value: number): void {
  if (value >>> 0 !== value) throw misfit(value);
  view.setUint32(at, value, true);
}

function misfit(value: number): RangeError {
  return new RangeError(`a field of a variant is ${value}`);
}

function flagsOf({ status, redirect, ownQuery, file }: Route): number {
  const shape = (redirect ? ROUTE_FLAG_REDIRECT : 0) | (ownQuery ? ROUTE_FLAG_OWN_QUERY : 0);
  return shape | (file ? ROUTE_FLAG_FILE : 0) | (status === MISSING ? ROUTE_FLAG_MISSING : 0);
}

/** The route, or what is wrong with the record in words that follow "refused:". */
export function decodeRoute(bytes: Uint8Array): Route | string {
  if (bytes.length < ROUTE_HEAD_BYTES) return `${bytes.length} bytes are too short for a route`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint8(ROUTE_VARIANTS);
  if (count < 1 || count > VARIANTS_MAX) return `${count} variants, not 1 to ${VARIANTS_MAX}`;
  const expected = ROUTE_HEAD_BYTES + count * VARIANT_BYTES;
  if (bytes.length !== expected) {
    return `${bytes.length} bytes, not the ${expected} of ${count} variants`;
  }
  const flags = view.getUint16(ROUTE_FLAGS, true);
  if ((flags & ~FLAGS) !== 0) return `unknown flags ${flags}`;
  const status = view.getUint16(ROUTE_STATUS, true);
  if ((status === MISSING) !== ((flags & ROUTE_FLAG_MISSING) !== 0)) {
    return `status ${status} and the wrong flag`;
  }
  let unused = bytes[9]! | bytes[10]! | bytes[11]!;
  const variants: Variant[] = [];
  for (let index = 0; index < count; index++) {
    const base = ROUTE_HEAD_BYTES + index * VARIANT_BYTES;
    unused |= bytes[base + 1]!;
    const variant = decodeVariant(view, base);
    if (variant.coding >= CODING_NAMES.length) return `unknown coding ${variant.coding}`;
    variants.push(variant);
  }
  // They are zero for a later format to rely on.
  if (unused !== 0) return 'bytes that must be zero are not';
  return {
    status,
    redirect: (flags & ROUTE_FLAG_REDIRECT) !== 0,
    ownQuery: (flags & ROUTE_FLAG_OWN_QUERY) !== 0,
    file: (flags & ROUTE_FLAG_FILE) !== 0,
    modified: view.getUint32(ROUTE_MODIFIED, true),
    variants,
  };
}

function decodeVariant(view: DataView, base: number): Variant {
  const u16 = (at: number) => view.getUint16(base + at, true);
  const u32 = (at: number) => view.getUint32(base + at, true);
  return {
    coding: view.getUint8(base + VARIANT_CODING),
    statusBytes: u16(VARIANT_STATUS_BYTES),
    commonBytes: u16(VARIANT_COMMON_BYTES),
    contentBytes: u16(VARIANT_CONTENT_BYTES),
    lengthBytes: u16(VARIANT_LENGTH_BYTES),
    etagAt: u16(VARIANT_ETAG_AT),
    etagBytes: u16(VARIANT_ETAG_BYTES),
    typeAt: u16(VARIANT_TYPE_AT),
    typeBytes: u16(VARIANT_TYPE_BYTES),
    sharingBytes: u16(VARIANT_SHARING_BYTES),
    headAt: u32(VARIANT_HEAD_AT),
    bodyAt: u32(VARIANT_BODY_AT),
    bodyBytes: u32(VARIANT_BODY_BYTES),
  };
}
