// routes.ts: whether a route record and the header blocks and bodies it points at belong together.
//
// The hot loop trusts every number checked here. Functions give what is wrong in words, or
// undefined.
import { STATUS_LINES, imfDate } from '../format/head.ts';
import { CODING_IDENTITY, CODING_NAMES, HEAD_BLOCK_BYTES_MAX } from '../format/layout.ts';
import { isPreferred } from '../format/preference.ts';
import { decodeRoute } from '../format/route.ts';
import type { Route, Variant } from '../format/route.ts';
import { glance } from '../format/source.ts';
import type { Source } from '../format/source.ts';
import { checkHead } from './heads.ts';
import type { Wanted } from './heads.ts';
import { asBuffer } from './refusal.ts';
import type { RouteKind } from './refusal.ts';
import type { Spans } from './spans.ts';

export interface Archive {
  readonly bytes: Source;
  readonly bodies: Spans;
  readonly heads: Spans;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const STATUSES: { readonly [kind in RouteKind]: readonly number[] } = {
  route: [200, ...REDIRECTS, 404],
  fallback: [404],
  rewrite: [200],
  rule: [200, ...REDIRECTS, 404],
};
/** Of the same site, or of another one: a path that could be taken for a host is of neither. */
const LOCATION =
  /(?:^|\r\n)Location: (?:\/(?![/\\])|https?:\/\/[A-Za-z0-9[\]:._-]+\/)[\x21-\x7e]*$/;
/** The value is made for each request. */
export const OPEN_LOCATION = /(?:^|\r\n)Location: $/;

/** Gives the codings of a sound route (bits by CODING_*), or what is wrong with it. */
export function checkRoute(
  archive: Archive,
  value: Uint8Array,
  kind: RouteKind,
  location = LOCATION,
): number | string {
  const route = decodeRoute(value);
  if (typeof route === 'string') return route;
  if (STATUS_LINES[route.status] === undefined) return `unknown status ${route.status}`;
  if (!STATUSES[kind].includes(route.status)) {
    return `status ${route.status} in this kind of record`;
  }
  const redirect = REDIRECTS.includes(route.status);
  if (route.redirect !== redirect || (route.ownQuery && !redirect)) {
    return `status ${route.status} and the wrong flag`;
  }
  if (route.file && kind !== 'route') return 'the flag of a file in this kind of record';
  const modified = route.modified === 0 ? undefined : imfDate(route.modified);
  const wanted = { route, modified, location };
  let codings = 0;
  for (const [index, variant] of route.variants.entries()) {
    if ((codings & (1 << variant.coding)) !== 0) return 'one coding twice';
    codings |= 1 << variant.coding;
    const before = route.variants[index - 1];
    if (before && !isBefore(before, variant)) return 'codings out of order';
    const fault = checkVariant(archive, wanted, variant);
    if (fault !== undefined) return `${CODING_NAMES[variant.coding]}: ${fault}`;
  }
  return (codings & (1 << CODING_IDENTITY)) === 0 ? 'no identity' : codings;
}

function isBefore(one: Variant, other: Variant): boolean {
  return isPreferred(one.coding, one.bodyBytes, other.coding, other.bodyBytes);
}

function checkVariant(archive: Archive, wanted: Wanted, variant: Variant): string | undefined {
  const size = archive.bytes.length;
  const headBytes = archive.heads.lengthAt(variant.headAt);
  if (variant.headAt >= size) return `header offset ${variant.headAt} past the end ${size}`;
  if (headBytes === undefined) return `header offset ${variant.headAt} is no header block`;
  const { statusBytes, commonBytes, contentBytes, lengthBytes } = variant;
  if (statusBytes + commonBytes + contentBytes + lengthBytes !== headBytes) {
    return `its header runs do not add up to the ${headBytes} bytes of the block`;
  }
  if (headBytes > HEAD_BLOCK_BYTES_MAX) return `a header block of ${headBytes} bytes`;
  const bytes = glance(archive.bytes, variant.headAt, variant.headAt + headBytes);
  const head = asBuffer(bytes).toString('latin1');
  return checkBody(archive, wanted.route, variant) ?? checkHead(head, variant, wanted);
}

function checkBody(archive: Archive, route: Route, variant: Variant): string | undefined {
  const { bodyAt, bodyBytes } = variant;
  const size = archive.bytes.length;
  if (bodyAt + bodyBytes > size) return `body offset ${bodyAt + bodyBytes} past the end ${size}`;
  if (route.redirect) return bodyBytes === 0 ? undefined : 'a redirect with a body';
  const known = archive.bodies.lengthAt(bodyAt);
  if (known === undefined) return `body offset ${bodyAt} is no body`;
  return known === bodyBytes ? undefined : `a body of ${bodyBytes} bytes, stored are ${known}`;
}
