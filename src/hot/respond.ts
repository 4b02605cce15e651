// respond.ts: whole answers as outbox rows: stored runs, fixed texts, the date.
import {
  ROUTE_HEAD_BYTES,
  ROUTE_VARIANTS,
  VARIANT_BODY_AT,
  VARIANT_BODY_BYTES,
  VARIANT_COMMON_BYTES,
  VARIANT_CONTENT_BYTES,
  VARIANT_HEAD_AT,
  VARIANT_LENGTH_BYTES,
  VARIANT_SHARING_BYTES,
  VARIANT_STATUS_BYTES,
} from '../format/layout.ts';
import { u16, u32, u8 } from './archive.ts';
import { LOCATION_BYTES_MAX } from '../limits.ts';
import { HEAD } from './methods.ts';
import { makeEscaped, pushArchive, pushMade, pushScratch } from './outbox.ts';
import { TRAILER_CLOSE, TRAILER_KEEP_ALIVE, TRAILER_PLAIN, TRAILER_ROOM } from './outbox.ts';
import { TRAILERS_AT, trailerBytes } from './outbox.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { QUERY_PLAIN } from './tables.ts';

const { request } = R;

/** By status: where head and body of the built-in answer stand in scratch. */
export const CANNED_FIELDS = 4;
export const CANNED_HEAD_AT = 0;
export const CANNED_HEAD_BYTES = 1;
export const CANNED_BODY_AT = 2;
export const CANNED_BODY_BYTES = 3;
export const canned = new Int32Array(600 * CANNED_FIELDS);
/** In the place of a status: the Vary field by itself, and both answers about health. */
export const CANNED_VARY = 0;
export const CANNED_HEALTHY = 1;
export const CANNED_DRAINING = 2;

/** One range has the most: status line, runs 2 and 3, fields of its own, trailer, bytes. */
export const PARTS_PER_ANSWER_MAX = 6;
/** A query with every byte escaped, or a whole Location, and a trailer. */
export const SCRATCH_PER_ANSWER_MAX = LOCATION_BYTES_MAX + TRAILER_ROOM;

/** Ends the head: Date, and Connection where the client must know. RFC 9112 9.3, 9.6. */
export function pushTrailer(): void {
  let trailer = TRAILER_PLAIN;
  if (request[R.CLOSING] === 1) trailer = TRAILER_CLOSE;
  else if (request[R.MINOR] === 0) trailer = TRAILER_KEEP_ALIVE;
  pushScratch(TRAILERS_AT + trailer * TRAILER_ROOM, trailerBytes[trailer]!);
}

/** The stored head and body as they are: 200, and a 404 that the archive has a page for. */
export function sendStored(variant: number): void {
  pushArchive(u32((variant + VARIANT_HEAD_AT) | 0), headBytes(variant) + lengthBytes(variant));
  pushTrailer();
  if (request[R.METHOD] === HEAD) return;
  request[R.BODY] = u32((variant + VARIANT_BODY_BYTES) | 0);
  pushArchive(u32((variant + VARIANT_BODY_AT) | 0), request[R.BODY]!);
}

/** Status line of our own, and the stored fields that a 304 repeats. RFC 9110 15.4.5. */
export function sendNotModified(variant: number): void {
  pushCannedHead(304);
  pushCommon(variant);
  pushTrailer();
}

/** Run 2 of the stored head. */
export function pushCommon(variant: number): void {
  const status = u16((variant + VARIANT_STATUS_BYTES) | 0);
  const common = (u32((variant + VARIANT_HEAD_AT) | 0) + status) | 0;
  pushArchive(common, u16((variant + VARIANT_COMMON_BYTES) | 0));
}

/** The stored head up to the place in its Location where something is made. */
export function pushOpenHead(variant: number): void {
  pushArchive(u32((variant + VARIANT_HEAD_AT) | 0), headBytes(variant));
}

/** What was made, and the rest of the stored head. */
export function sendRedirect(variant: number): void {
  pushMade();
  const head = u32((variant + VARIANT_HEAD_AT) | 0);
  pushArchive((head + headBytes(variant)) | 0, lengthBytes(variant));
  pushTrailer();
}

/** A built-in answer: an error, or the 204 of OPTIONS. */
export function sendCanned(status: number): void {
  pushCannedHead(status);
  pushTrailer();
  pushCannedBody(status);
}

/** The 204 of OPTIONS, with what the site says to pages of other origins. */
export function sendAllowed(variant: number): void {
  pushCannedHead(204);
  const sharing = u16((variant + VARIANT_SHARING_BYTES) | 0);
  const before =
    u16((variant + VARIANT_STATUS_BYTES) | 0) + u16((variant + VARIANT_COMMON_BYTES) | 0) - sharing;
  if (sharing > 0) pushArchive((u32((variant + VARIANT_HEAD_AT) | 0) + before) | 0, sharing);
  pushTrailer();
}

/** A built-in refusal of a resource; Vary where it has more than one coding, RFC 9110 12.5.5. */
export function sendRefusal(status: number, route: number): void {
  pushCannedHead(status);
  pushVary(route);
  pushTrailer();
  pushCannedBody(status);
}

export function pushVary(route: number): void {
  if (u8((route + ROUTE_VARIANTS) | 0) > 1) pushCannedHead(CANNED_VARY);
}

/** Its status is that of the answer, where it is one. */
export function pushCannedHead(status: number): void {
  if (status >= 100) request[R.STATUS] = status;
  pushScratch(cannedField(status, CANNED_HEAD_AT), cannedField(status, CANNED_HEAD_BYTES));
}

export function pushCannedBody(status: number): void {
  const bytes = cannedField(status, CANNED_BODY_BYTES);
  if (bytes === 0 || request[R.METHOD] === HEAD) return;
  request[R.BODY] = bytes;
  pushScratch(cannedField(status, CANNED_BODY_AT), bytes);
}

/** The first variant of a route. */
export function firstVariant(route: number): number {
  return (route + ROUTE_HEAD_BYTES) | 0;
}

function cannedField(status: number, field: number): number {
  return canned[status * CANNED_FIELDS + field]!;
}

/** Runs 1 to 3. */
function headBytes(variant: number): number {
  return (
    u16((variant + VARIANT_STATUS_BYTES) | 0) +
    u16((variant + VARIANT_COMMON_BYTES) | 0) +
    u16((variant + VARIANT_CONTENT_BYTES) | 0)
  );
}

/** Run 4. */
function lengthBytes(variant: number): number {
  return u16((variant + VARIANT_LENGTH_BYTES) | 0);
}

/** The query as sent, `?` included; what may not stand in a URI is escaped. */
export function makeQuery(base: number): void {
  const end = base + request[R.QUERY_END]!;
  for (let at = base + request[R.QUERY_AT]!; at < end; at++) makeEscaped(inbox[at]!, QUERY_PLAIN);
}
