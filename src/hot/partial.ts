// partial.ts: answers to a Range: one part, several, or none. RFC 9110 14, 15.3.7, 15.5.17.
import { bytesOf } from '../format/bytes.ts';
import {
  VARIANT_BODY_AT,
  VARIANT_BODY_BYTES,
  VARIANT_COMMON_BYTES,
  VARIANT_CONTENT_BYTES,
  VARIANT_HEAD_AT,
  VARIANT_STATUS_BYTES,
  VARIANT_TYPE_AT,
  VARIANT_TYPE_BYTES,
} from '../format/layout.ts';
import { u16, u32, u8 } from './archive.ts';
import { hasRoom, makeByte, makeNumber, makeText, pushArchive, pushMade } from './outbox.ts';
import { ranges, RANGES_MAX } from './ranges.ts';
import * as R from './request.ts';
import { pushCannedBody, pushCannedHead, pushCommon, pushTrailer, pushVary } from './respond.ts';

const { request } = R;

/** Written at boot from the kernel's randomness: no body can be made to hold it. */
export const boundary = new Uint8Array(32);

const CONTENT_RANGE = bytesOf('Content-Range: bytes ');
const CONTENT_LENGTH = bytesOf('Content-Length: ');
const MULTIPART = bytesOf('Content-Type: multipart/byteranges; boundary=');
const UNSATISFIED = bytesOf('*/');
const CRLF = bytesOf('\r\n');
const DASHES = bytesOf('--');
const DASH = 0x2d;
const SLASH = 0x2f;

/** Longer ones would not fit sixteen times: such a resource is sent whole. */
const TYPE_BYTES_MAX = 256;
/** Head of five parts, seam and slice for each range, closing seam. */
const PARTS_OF_MULTIPART = 5 + RANGES_MAX * 2 + 1;
const SCRATCH_OF_MULTIPART = 512 + RANGES_MAX * (TYPE_BYTES_MAX + 128);

/** One range of the selected coding, with every field the 200 would have. */
export function sendRange(variant: number): void {
  const first = ranges[0]!;
  const bytes = ranges[1]!;
  pushPartialHead(variant, u16((variant + VARIANT_CONTENT_BYTES) | 0));
  makeContentRange(first, bytes, bodyBytes(variant));
  makeText(CONTENT_LENGTH);
  makeNumber(bytes);
  makeText(CRLF);
  pushMade();
  pushTrailer();
  request[R.BODY] = bytes;
  pushBody(variant, first, bytes);
}

export function fitsMultipart(variant: number): boolean {
  return u16((variant + VARIANT_TYPE_BYTES) | 0) <= TYPE_BYTES_MAX;
}

/** Room for the largest multipart answer in this turn? */
export function hasRoomForMultipart(): boolean {
  return hasRoom(PARTS_OF_MULTIPART, SCRATCH_OF_MULTIPART);
}

/** The ranges in the order asked; each part has the resource's own Content-Type. */
export function sendMultipart(variant: number, count: number): void {
  const type = u16((variant + VARIANT_TYPE_AT) | 0);
  const status = u16((variant + VARIANT_STATUS_BYTES) | 0);
  const common = u16((variant + VARIANT_COMMON_BYTES) | 0);
  const content = u16((variant + VARIANT_CONTENT_BYTES) | 0);
  pushPartialHead(variant, type === 0 ? content : type - status - common);
  makeText(MULTIPART);
  makeText(boundary);
  makeText(CRLF);
  makeText(CONTENT_LENGTH);
  request[R.BODY] = multipartBytes(variant, count);
  makeNumber(request[R.BODY]! >>> 0);
  makeText(CRLF);
  pushMade();
  pushTrailer();
  for (let part = 0; part < count; part++) {
    makeSeam(variant, ranges[part * 2]!, ranges[part * 2 + 1]!);
    pushMade();
    pushBody(variant, ranges[part * 2]!, ranges[part * 2 + 1]!);
  }
  makeClosingSeam();
  pushMade();
}

/** 416: the built-in page, and how long the representation is. */
export function sendUnsatisfiable(route: number, variant: number): void {
  pushCannedHead(416);
  pushVary(route);
  makeText(CONTENT_RANGE);
  makeText(UNSATISFIED);
  makeNumber(bodyBytes(variant));
  makeText(CRLF);
  pushMade();
  pushTrailer();
  pushCannedBody(416);
}

/** As a number above zero, whatever its top bit. */
export function bodyBytes(variant: number): number {
  return u32((variant + VARIANT_BODY_BYTES) | 0) >>> 0;
}

/** Status line of our own, run 2, and the first bytes of run 3. */
function pushPartialHead(variant: number, contentBytes: number): void {
  pushCannedHead(206);
  pushCommon(variant);
  const before =
    u16((variant + VARIANT_STATUS_BYTES) | 0) + u16((variant + VARIANT_COMMON_BYTES) | 0);
  pushArchive((u32((variant + VARIANT_HEAD_AT) | 0) + before) | 0, contentBytes);
}

function pushBody(variant: number, first: number, bytes: number): void {
  pushArchive((u32((variant + VARIANT_BODY_AT) | 0) + (first | 0)) | 0, bytes | 0);
}

function makeContentRange(first: number, bytes: number, length: number): void {
  makeText(CONTENT_RANGE);
  makeNumber(first);
  makeByte(DASH);
  makeNumber(first + bytes - 1);
  makeByte(SLASH);
  makeNumber(length);
  makeText(CRLF);
}

function makeSeam(variant: number, first: number, bytes: number): void {
  makeText(CRLF);
  makeText(DASHES);
  makeText(boundary);
  makeText(CRLF);
  const type = (u32((variant + VARIANT_HEAD_AT) | 0) + u16((variant + VARIANT_TYPE_AT) | 0)) | 0;
  const typeBytes = u16((variant + VARIANT_TYPE_BYTES) | 0);
  for (let index = 0; index < typeBytes; index++) makeByte(u8((type + index) | 0));
  makeContentRange(first, bytes, bodyBytes(variant));
  makeText(CRLF);
}

function makeClosingSeam(): void {
  makeText(CRLF);
  makeText(DASHES);
  makeText(boundary);
  makeText(DASHES);
  makeText(CRLF);
}

/** Exactly what follows the head. */
function multipartBytes(variant: number, count: number): number {
  const length = digitsOf(bodyBytes(variant));
  const type = u16((variant + VARIANT_TYPE_BYTES) | 0);
  const seam = 2 + 2 + boundary.length + 2 + type + CONTENT_RANGE.length + 2 + length + 2 + 2;
  let bytes = 2 + 2 + boundary.length + 2 + 2;
  for (let part = 0; part < count; part++) {
    const first = ranges[part * 2]!;
    const size = ranges[part * 2 + 1]!;
    bytes += seam + digitsOf(first) + digitsOf(first + size - 1) + size;
  }
  return bytes;
}

function digitsOf(number: number): number {
  let digits = 1;
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits;
}
