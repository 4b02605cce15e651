// heads.test.ts: a header block against its route record. test/boot/routes.test.ts plants faults in
// whole archives; here is what stands between the lines.
import { expect, test } from 'vitest';
import { checkHead } from '../../src/boot/heads.ts';
import { imfDate } from '../../src/format/head.ts';
import type { Route } from '../../src/format/route.ts';

const TIME = 1_700_000_000;
const LOCATION = /^Location: \/[\x21-\x7e]*$/;

interface Runs {
  readonly common: string;
  readonly content: string;
  readonly etag: string;
}

const GOOD: Runs = {
  common: 'Cache-Control: no-cache\r\nETag: "abc"\r\nX-Frame-Options: DENY\r\n',
  content: `Last-Modified: ${imfDate(TIME)}\r\nAccept-Ranges: bytes\r\nContent-Type: text/css\r\n`,
  etag: '"abc"',
};

/** What is wrong with a block of a 200 whose record fits its runs. */
function faultOf(changes: Partial<Runs>, modified = TIME): string | undefined {
  const { common, content, etag } = { ...GOOD, ...changes };
  const status = 'HTTP/1.1 200 OK\r\n';
  const length = 'Content-Length: 5\r\n';
  const type = /Content-Type: [^\r]*\r\n$/.exec(content)?.[0] ?? '';
  const head = status + common + content + length;
  const variant = {
    coding: 0,
    headAt: 0,
    bodyAt: 0,
    bodyBytes: 5,
    statusBytes: status.length,
    commonBytes: common.length,
    contentBytes: content.length,
    lengthBytes: length.length,
    etagAt: head.indexOf(etag),
    etagBytes: etag.length,
    typeAt: head.length - length.length - type.length,
    typeBytes: type.length,
    sharingBytes: 0,
  };
  const shape = { status: 200, redirect: false, ownQuery: false, file: true };
  const route: Route = { ...shape, modified, variants: [variant] };
  const date = modified === 0 ? undefined : imfDate(modified);
  return checkHead(head, variant, { route, modified: date, location: LOCATION });
}

test('a block that fits its record is sound, again and again', () => {
  for (let round = 0; round < 3; round++) {
    const etag = `"${round}"`;
    expect(faultOf({ etag, common: GOOD.common.replace(GOOD.etag, etag) })).toBeUndefined();
  }
});

test('an ETag is sound wherever in its run it stands', () => {
  expect(faultOf({ common: 'ETag: "abc"\r\nX: y\r\n' })).toBeUndefined();
  expect(faultOf({ common: 'X: y\r\nETag: "abc"\r\n' })).toBeUndefined();
  expect(faultOf({ common: 'NoETag: "abc"\r\n' })).toMatch(/no sound ETag/);
});

test.each<[string, Partial<Runs>, RegExp]>([
  ['a line end', { etag: '"a\r\nb"' }, /malformed/],
  ['a zero', { etag: '"a\0b"' }, /malformed/],
  ['a quote', { etag: '"a"b"' }, /no sound ETag/],
])('%s in an ETag is refused', (_, changes, reason) => {
  const common = GOOD.common.replace(GOOD.etag, changes.etag!);
  expect(faultOf({ common, ...changes })).toMatch(reason);
});

test('an ETag that stands in another line is refused', () => {
  const common = 'ETag: "abc"\r\nX-Own: "def"\r\n';
  expect(faultOf({ common, etag: '"def"' })).toBe('no sound ETag');
});

test('two ETags are refused, the sound one first or last', () => {
  const other = 'ETag: "def"\r\n';
  expect(faultOf({ common: GOOD.common + other })).toBe('no sound ETag');
  expect(faultOf({ common: `X: y\r\n${other}${GOOD.common}` })).toBe('no sound ETag');
});

test('a Last-Modified is the one of the route, once, wherever it stands', () => {
  const [date, ...rest] = GOOD.content.split(/(?<=\r\n)/);
  const after = [rest[0], date, rest[1]].join('');
  expect(faultOf({ content: after })).toBeUndefined();
  expect(faultOf({ content: date + after })).toMatch(/Last-Modified is not that/);
  expect(faultOf({ content: rest.join('') })).toMatch(/Last-Modified is not that/);
  expect(faultOf({}, 0)).toMatch(/Last-Modified is not that/);
  expect(faultOf({ content: rest.join('') }, 0)).toBeUndefined();
});
