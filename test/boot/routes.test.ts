// routes.test.ts: a route, its header blocks and its bodies must belong together.
import { expect, test } from 'vitest';
import { verifyArchive } from '../../src/boot/archive.ts';
import {
  ROUTE_FLAGS,
  ROUTE_HEAD_BYTES,
  ROUTE_MODIFIED,
  ROUTE_STATUS,
  ROUTE_VARIANTS,
  VARIANT_BODY_AT,
  VARIANT_BODY_BYTES,
  VARIANT_BYTES,
  VARIANT_CODING,
  VARIANT_COMMON_BYTES,
  VARIANT_CONTENT_BYTES,
  VARIANT_ETAG_AT,
  VARIANT_ETAG_BYTES,
  VARIANT_HEAD_AT,
  VARIANT_TYPE_AT,
  VARIANT_SHARING_BYTES,
  VARIANT_TYPE_BYTES,
} from '../../src/format/layout.ts';
import { GOOD, forge, forgeHead, recordOf, refusalOf } from './forge.ts';

const reason = (bytes: Uint8Array) => refusalOf(() => verifyArchive(bytes, 'x.cdb'));

/** The route of `key` with a number of it changed by `change`, or set to a number. */
function changed(
  key: string,
  at: number,
  width: 1 | 2 | 4,
  change: number | ((value: number) => number),
): string {
  return reason(
    forge((records) => {
      const { value } = recordOf(records, key);
      const old = value.readUIntLE(at, width);
      value.writeUIntLE(typeof change === 'number' ? change : change(old), at, width);
    }),
  );
}

const V = ROUTE_HEAD_BYTES; // the first variant
const plus = (more: number) => (value: number) => value + more;

test('the archive that the faults are planted in is sound', () => {
  expect(verifyArchive(GOOD, 'x.cdb').routes).toBe(13);
  expect(
    verifyArchive(
      forge(() => undefined),
      'x.cdb',
    ).routes,
  ).toBe(13);
});

test.each<[string, string, number, 1 | 2 | 4, number | ((value: number) => number), RegExp]>([
  ['an unknown status', '/a.html', ROUTE_STATUS, 2, 200 + 1, /unknown status 201/],
  ['a 404 by status alone', '/a.html', ROUTE_STATUS, 2, 404, /status 404 and the wrong flag/],
  ['a 404 by flag alone', '/a.html', ROUTE_FLAGS, 2, 8, /status 200 and the wrong flag/],
  ['a 200 as a fallback', '404/', 0, 4, 200, /status 200 in this kind of record/],
  ['a query of a 200', '/a.html', ROUTE_FLAGS, 2, 4, /status 200 and the wrong flag/],
  ['a redirect by flag alone', '/a.html', ROUTE_FLAGS, 2, 3, /status 200 and the wrong flag/],
  ['a redirect by status alone', '/d', ROUTE_FLAGS, 2, 0, /status 308 and the wrong flag/],
  ['the file of a fallback', '404/', ROUTE_FLAGS, 2, 8 + 2, /the flag of a file in this kind of/],
  ['no variant', '/a.html', ROUTE_VARIANTS, 1, 0, /0 variants/],
  ['another Last-Modified', '/a.html', ROUTE_MODIFIED, 4, plus(1), /gzip: Last-Modified is not/],
  ['one coding twice', '/a.html', V + VARIANT_BYTES + VARIANT_CODING, 1, 1, /one coding twice/],
  ['another coding', '/a.html', V + VARIANT_CODING, 1, 2, /br: Content-Encoding is gzip/],
  ['no identity', '/noise.bin', V + VARIANT_CODING, 1, 1, /Content-Encoding is identity/],
  ['a head past the end', '/a.html', V + VARIANT_HEAD_AT, 4, 0xffff_ffff, /header offset 429496/],
  ['a head inside a head', '/a.html', V + VARIANT_HEAD_AT, 4, plus(1), /is no header block/],
  ['runs that do not add up', '/a.html', V + VARIANT_COMMON_BYTES, 2, plus(1), /runs do not add/],
  [
    'a body past the end',
    '/a.html',
    V + VARIANT_BODY_AT,
    4,
    0xffff_ff00,
    /body offset 4294967\d+ past/,
  ],
  [
    'a body inside a body',
    '/a.html',
    V + VARIANT_BODY_AT,
    4,
    plus(1),
    /body offset \d+ is no body/,
  ],
  ['a shorter body', '/a.html', V + VARIANT_BODY_BYTES, 4, plus(-1), /a body of \d+ bytes, stored/],
  ['a redirect with a body', '/d', V + VARIANT_BODY_BYTES, 4, 1, /a redirect with a body/],
  ['an ETag elsewhere', '/a.html', V + VARIANT_ETAG_AT, 2, plus(1), /no sound ETag/],
  ['a shorter ETag', '/a.html', V + VARIANT_ETAG_BYTES, 2, plus(-1), /no sound ETag/],
  ['an ETag in a 404', '404/', V + VARIANT_ETAG_AT, 2, 30, /an ETag where none may be/],
  ['a type elsewhere', '/a.html', V + VARIANT_TYPE_AT, 2, plus(-1), /no sound Content-Type/],
  ['a shorter type', '/a.html', V + VARIANT_TYPE_BYTES, 2, plus(-1), /no sound Content-Type/],
  ['other lines shared', '/a.html', V + VARIANT_SHARING_BYTES, 2, 29, /Access-Control fields/],
  ['half a line shared', '/a.html', V + VARIANT_SHARING_BYTES, 2, 28, /Access-Control fields/],
  ['more shared than is', '/a.html', V + VARIANT_SHARING_BYTES, 2, 9999, /Access-Control fields/],
  ['a type in a redirect', '/d', V + VARIANT_TYPE_AT, 2, 30, /a Content-Type where none may be/],
])('%s is refused', (_, key, at, width, change, text) => {
  const message = changed(key, at, width, change);
  expect(message).toMatch(text);
  expect(message).toMatch(new RegExp(`^x[.]cdb: refused at record "${key}": `));
});

test('runs with the border elsewhere are refused', () => {
  const bytes = forge((records) => {
    const { value } = recordOf(records, '/a.html');
    const last = 'X-Frame-Options: SAMEORIGIN\r\n'.length;
    value.writeUInt16LE(
      value.readUInt16LE(V + VARIANT_COMMON_BYTES) - last,
      V + VARIANT_COMMON_BYTES,
    );
    value.writeUInt16LE(
      value.readUInt16LE(V + VARIANT_CONTENT_BYTES) + last,
      V + VARIANT_CONTENT_BYTES,
    );
  });
  expect(reason(bytes)).toMatch(/a header field in the wrong run/);
});

test('variants out of order are refused', () => {
  const bytes = forge((records) => {
    const { value } = recordOf(records, '/a.html');
    const [one, two] = [V, V + VARIANT_BYTES].map((at) => value.subarray(at, at + VARIANT_BYTES));
    value.set(Buffer.concat([two!, one!]), V);
  });
  expect(reason(bytes)).toMatch(/codings out of order/);
});

test.each([
  ['a status line', 'HTTP/1.1 200 OK', 'HTTP/1.0 200 OK', /a wrong status line/],
  ['a length', 'Content-Length: 300', 'Content-Length: 301', /a Content-Length that is not/],
  ['a length field', 'Content-Length: 300', 'Content_Length: 300', /a Content-Length that is not/],
  ['a line end', 'nosniff\r\n', 'nosniff \n', /a malformed header field/],
  ['a name', 'X-Frame-Options:', 'X Frame Options:', /a malformed header field/],
  ['an empty line', 'SAMEORIGIN\r\n', 'SAMEOR\r\n\r\n\r\n', /a malformed header field/],
  ['a line shared in secret', 'X-Frame-Options:', 'Access-Control-:', /Access-Control fields/],
  ['a Date', 'X-Frame-Options: SAMEORIGIN', `Date: ${'x'.repeat(21)}`, /that the server owns/],
  ['a Connection', 'X-Frame-Options: SAMEORIGIN', `connection: ${'x'.repeat(15)}`, /server owns/],
  ['a type among common', 'X-Frame-Options: ', 'Content-Type:    ', /in the wrong run/],
  ['common among content', 'Accept-Ranges: ', 'Accept_Ranges: ', /in the wrong run/],
  ['no ETag', '\r\nETag: ', '\r\nEtag: ', /no sound ETag/],
  ['a weak ETag', 'ETag: "', 'ETag: W', /no sound ETag/],
  ['two types', 'Accept-Ranges: bytes', 'Content-Type: aa/bbb', /no sound Content-Type/],
  ['another unit', 'Accept-Ranges: bytes', 'Accept-Ranges: lines', /Accept-Ranges does not fit/],
  ['another date', 'Last-Modified: Fri', 'Last-Modified: Sat', /Last-Modified is not that/],
])('%s in a header block is refused', (_, from, to, text) => {
  expect(reason(forgeHead(/Content-Length: 300/, from, to))).toMatch(text);
});

test("Vary must say that there are codings; what else it says is the site's own affair", () => {
  const gzip = /Content-Encoding: gzip/;
  expect(reason(forgeHead(gzip, 'Vary: Accept-Encoding', 'Vary: Accept-Encodine'))).toMatch(
    /no Vary, and more than one coding/,
  );
  const plain = /Content-Length: 300/;
  const vary = forgeHead(plain, 'X-Frame-Options: SAMEORIGIN', 'Vary: a, b, accept-encoding');
  expect(verifyArchive(vary, 'x.cdb').routes).toBeGreaterThan(0);
});

test.each([
  ['another host', 'Location: /d/', 'Location: //d'],
  ['another host by backslash', 'Location: /d/', 'Location: /\\d'],
  ['a whole URL', 'Location: /d/', 'Location: x:d'],
  ['a space', 'Location: /d/', 'Location: /d '],
  ['none', 'Location: /d/', 'Lucation: /d/'],
])('a Location to %s is refused', (_, from, to) => {
  expect(reason(forgeHead(/Location: \/d\//, from, to))).toMatch(
    /no sound Location|in the wrong run/,
  );
});
