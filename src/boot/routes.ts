// routes.ts: whether a route record and the header blocks and bodies it points at belong together.
//
// The hot loop trusts every number checked here. Functions give what is wrong in words, or
// undefined.
import { STATUS_LINES, imfDate } from '../format/head.ts';
import { CODING_IDENTITY, CODING_NAMES, HEAD_BLOCK_BYTES_MAX } from '../format/layout.ts';
import { isPreferred } from '../format/preference.ts';
import { decodeRoute } from '../format/route.ts';
import type { Route, Variant } from '../format/route.ts';
import type { Source } from '../format/source.ts';
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
const FIELDS = /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n)*$/;
/** Of the same site, or of another one: a path that could be taken for a host is of neither. */
const LOCATION =
  /(?:^|\r\n)Location: (?:\/(?![/\\])|https?:\/\/[A-Za-z0-9[\]:._-]+\/)[\x21-\x7e]*$/;
/** The value is made for each request. */
export const OPEN_LOCATION = /(?:^|\r\n)Location: $/;
const FRAGMENT = /^(?:#[\x21-\x7e]*)?\r\n$/;
/** What the server itself writes, or what would break framing. */
const NEVER =
  /^(?:connection|content-(?:length|range)|date|keep-alive|te|trailer|transfer-encoding):/im;
const ONLY_CONTENT =
  /^(?:accept-ranges|content-(?:type|encoding|language)|last-modified|location):/im;
const CONTENT =
  /^(?!(?:accept-ranges|content-(?:type|encoding|language)|last-modified|location):)[^\r\n]/im;
const SHARING = /^access-control-/im;
const OTHERS = /^(?!access-control-)[^\r\n]/im;
const MISPLACED = 'Access-Control fields that are not where the record says';
const CODING = /^content-encoding: ([^\r\n]*)/im;
const VARY = /^vary: ([^\r\n]*)/im;
const MODIFIED = /^last-modified: ([^\r\n]*)/im;
const RANGES = /^accept-ranges: ([^\r\n]*)/im;
const ETAG = /^"[\x21\x23-\x7e]+"$/;

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
  let codings = 0;
  for (const [index, variant] of route.variants.entries()) {
    if ((codings & (1 << variant.coding)) !== 0) return 'one coding twice';
    codings |= 1 << variant.coding;
    const before = route.variants[index - 1];
    if (before && !isBefore(before, variant)) return 'codings out of order';
    const fault = checkVariant(archive, route, variant, location);
    if (fault !== undefined) return `${CODING_NAMES[variant.coding]}: ${fault}`;
  }
  return (codings & (1 << CODING_IDENTITY)) === 0 ? 'no identity' : codings;
}

function isBefore(one: Variant, other: Variant): boolean {
  return isPreferred(one.coding, one.bodyBytes, other.coding, other.bodyBytes);
}

function checkVariant(
  archive: Archive,
  route: Route,
  variant: Variant,
  location: RegExp,
): string | undefined {
  const size = archive.bytes.length;
  const headBytes = archive.heads.lengthAt(variant.headAt);
  if (variant.headAt >= size) return `header offset ${variant.headAt} past the end ${size}`;
  if (headBytes === undefined) return `header offset ${variant.headAt} is no header block`;
  const { statusBytes, commonBytes, contentBytes, lengthBytes } = variant;
  if (statusBytes + commonBytes + contentBytes + lengthBytes !== headBytes) {
    return `its header runs do not add up to the ${headBytes} bytes of the block`;
  }
  if (headBytes > HEAD_BLOCK_BYTES_MAX) return `a header block of ${headBytes} bytes`;
  const head = archive.bytes.subarray(variant.headAt, variant.headAt + headBytes);
  return (
    checkBody(archive, route, variant) ??
    checkHead(asBuffer(head).toString('latin1'), route, variant, location)
  );
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

function checkHead(
  head: string,
  route: Route,
  variant: Variant,
  location: RegExp,
): string | undefined {
  const commonAt = variant.statusBytes;
  const contentAt = commonAt + variant.commonBytes;
  const lengthAt = contentAt + variant.contentBytes;
  const common = head.slice(commonAt, contentAt);
  const content = head.slice(contentAt, lengthAt);
  if (head.slice(0, commonAt) !== STATUS_LINES[route.status]) return 'a wrong status line';
  const length = `Content-Length: ${variant.bodyBytes}\r\n`;
  if (!head.endsWith(length)) return 'a Content-Length that is not the length of the body';
  const separator = head.slice(lengthAt, -length.length);
  if (route.redirect ? !FRAGMENT.test(separator) : separator !== '') {
    return 'a Content-Length that is not a line of its own';
  }
  if (!FIELDS.test(common) || !FIELDS.test(`${content}${route.redirect ? '\r\n' : ''}`))
    return 'a malformed header field';
  if (NEVER.test(common) || NEVER.test(content)) return 'a header field that the server owns';
  if (ONLY_CONTENT.test(common) || CONTENT.test(content)) return 'a header field in the wrong run';
  if (route.redirect !== location.test(content)) return 'no sound Location, or one too many';
  return (
    checkSharing(common, variant) ??
    checkEtag(head, common, route, variant) ??
    checkType(head, content, route, variant) ??
    checkFields(common, content, route, variant)
  );
}

/** Lines of Access-Control-* are the last ones of run 2, and counted. */
function checkSharing(common: string, { sharingBytes }: Variant): string | undefined {
  if (sharingBytes === 0) return SHARING.test(common) ? MISPLACED : undefined;
  const split = common.length - sharingBytes;
  const sound =
    common.at(split - 1) === '\n' &&
    !SHARING.test(common.slice(0, split)) &&
    !OTHERS.test(common.slice(split));
  return split >= 0 && sound ? undefined : MISPLACED;
}

function checkEtag(
  head: string,
  common: string,
  route: Route,
  { statusBytes, commonBytes, etagAt, etagBytes }: Variant,
): string | undefined {
  const count = common.match(/^etag:/gim)?.length ?? 0;
  if (route.status !== 200) {
    return count + etagAt + etagBytes === 0 ? undefined : 'an ETag where none may be';
  }
  const etag = head.slice(etagAt, etagAt + etagBytes);
  const inside = etagAt >= statusBytes && etagAt + etagBytes < statusBytes + commonBytes;
  const framed =
    head.slice(etagAt - 8, etagAt) === '\r\nETag: ' && head[etagAt + etagBytes] === '\r';
  return count === 1 && inside && framed && ETAG.test(etag) ? undefined : 'no sound ETag';
}

function checkType(
  head: string,
  content: string,
  route: Route,
  variant: Variant,
): string | undefined {
  const { typeAt, typeBytes } = variant;
  const count = content.match(/^content-type:/gim)?.length ?? 0;
  if (route.redirect) {
    return count + typeAt + typeBytes === 0 ? undefined : 'a Content-Type where none may be';
  }
  const contentEnd = variant.statusBytes + variant.commonBytes + variant.contentBytes;
  const inside = typeBytes <= variant.contentBytes && typeAt + typeBytes === contentEnd;
  const line = head.slice(typeAt, typeAt + typeBytes);
  const sound = /^Content-Type: [^\r\n]+\r\n$/.test(line);
  return count === 1 && inside && sound ? undefined : 'no sound Content-Type';
}

function checkFields(
  common: string,
  content: string,
  route: Route,
  variant: Variant,
): string | undefined {
  const coding = CODING.exec(content)?.[1] ?? CODING_NAMES[CODING_IDENTITY];
  if (coding !== CODING_NAMES[variant.coding]) return `Content-Encoding is ${coding}`;
  const varies = /(?:^|,)\s*accept-encoding\s*(?:,|$)/i.test(VARY.exec(common)?.[1] ?? '');
  if (!varies && route.variants.length > 1) return 'no Vary, and more than one coding';
  const modified = route.modified === 0 ? undefined : imfDate(route.modified);
  if (MODIFIED.exec(content)?.[1] !== modified) return 'Last-Modified is not that of the route';
  const ranges = route.status === 200 ? 'bytes' : undefined;
  if (RANGES.exec(content)?.[1] !== ranges) return 'Accept-Ranges does not fit the status';
  return undefined;
}
