// headers.test.ts: header blocks and where their parts are.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BlockTooLong,
  SECURITY_HEADERS,
  contentHead,
  editedType,
  etagOf,
  hstsHeader,
  ownLocation,
  redirectHead,
} from '../../archiver/headers.ts';
import type { ContentHead, HeadBlock } from '../../archiver/headers.ts';
import { NO_EDITS } from '../../archiver/rules/header_rules.ts';
import type { Edits } from '../../archiver/rules/header_rules.ts';
import { readHeaders } from '../../archiver/rules/headers_file.ts';
import { readLines } from '../../archiver/rules/rule_file.ts';

function parts(block: HeadBlock) {
  const text = Buffer.from(block.bytes).toString('latin1');
  const { statusBytes, commonBytes, contentBytes, lengthBytes } = block;
  const ends = [statusBytes, commonBytes, contentBytes, lengthBytes].reduce<number[]>(
    (sums, bytes) => [...sums, (sums.at(-1) ?? 0) + bytes],
    [],
  );
  return {
    runs: ends.map((end, run) => text.slice(ends[run - 1] ?? 0, end)),
    rest: text.slice(ends.at(-1)),
    etag: text.slice(block.etagAt, block.etagAt + block.etagBytes),
    type: text.slice(block.typeAt, block.typeAt + block.typeBytes),
  };
}

const PAGE: ContentHead = {
  status: 200,
  cacheControl: 'no-cache',
  etag: '"abc"',
  varies: true,
  modified: 784_111_777,
  coding: 1,
  type: 'text/html; charset=utf-8',
  bodyBytes: 1_234,
  security: SECURITY_HEADERS,
  edits: NO_EDITS,
};

/** From `Name: value`, and `! Name`. */
function edits(...texts: string[]): Edits {
  const { rules, problems } = readHeaders(readLines(Buffer.from(['/*', ...texts].join('\n'))));
  expect(problems).toEqual([]);
  return rules[0]!.edits;
}

test('a page has four runs', () => {
  expect(parts(contentHead(PAGE))).toEqual({
    runs: [
      'HTTP/1.1 200 OK\r\n',
      'Cache-Control: no-cache\r\nETag: "abc"\r\nVary: Accept-Encoding\r\n' +
        'Referrer-Policy: strict-origin-when-cross-origin\r\n' +
        'X-Content-Type-Options: nosniff\r\nX-Frame-Options: SAMEORIGIN\r\n',
      'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nAccept-Ranges: bytes\r\n' +
        'Content-Encoding: gzip\r\nContent-Type: text/html; charset=utf-8\r\n',
      'Content-Length: 1234\r\n',
    ],
    rest: '',
    etag: '"abc"',
    type: 'Content-Type: text/html; charset=utf-8\r\n',
  });
});

test('what is unknown or not wanted is left out', () => {
  const bare = { ...PAGE, modified: 0, coding: 0, varies: false, security: [] };
  expect(parts(contentHead(bare)).runs.slice(1, 3)).toEqual([
    'Cache-Control: no-cache\r\nETag: "abc"\r\n',
    'Accept-Ranges: bytes\r\nContent-Type: text/html; charset=utf-8\r\n',
  ]);
});

test('a 404 has no validator and no ranges', () => {
  const block = contentHead({ ...PAGE, status: 404, etag: undefined, modified: 0 });
  const text = parts(block).runs.join('');
  expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  expect(text).not.toMatch(/ETag|Last-Modified|Accept-Ranges/);
  expect([block.etagAt, block.etagBytes]).toEqual([0, 0]);
});

test('rules replace and remove what is there in its place, and add what is new', () => {
  const custom = edits(
    'cache-control: no-store\n! X-Frame-Options\nX-New: 1\n! X-None\nX-New: 2\n' +
      'Set-Cookie: a=1\nSet-Cookie: b=2\nContent-Language: de\nContent-Type: a/b',
  );
  const type = editedType(custom, PAGE.type);
  expect(parts(contentHead({ ...PAGE, edits: custom, type })).runs.slice(1, 3)).toEqual([
    'cache-control: no-store\r\nETag: "abc"\r\nVary: Accept-Encoding\r\n' +
      'Referrer-Policy: strict-origin-when-cross-origin\r\n' +
      'X-Content-Type-Options: nosniff\r\nX-New: 1, 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n',
    'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nAccept-Ranges: bytes\r\n' +
      'Content-Encoding: gzip\r\nContent-Language: de\r\nContent-Type: a/b\r\n',
  ]);
  expect(editedType(NO_EDITS, PAGE.type)).toBe(PAGE.type);
});

test('what browsers are told of HTTPS is a header like others', () => {
  const [name, value] = hstsHeader(60);
  expect([name, value]).toEqual(['Strict-Transport-Security', 'max-age=60']);
  const removed = { ...PAGE, security: [hstsHeader(60)], edits: edits(`! ${name}`) };
  expect(parts(contentHead(removed)).runs.join('')).not.toContain(name);
});

test('what is for other origins comes last in run 2, and is counted', () => {
  const sharing = 'Access-Control-Allow-Origin: *\r\naccess-control-max-age: 5\r\n';
  const custom = edits('Access-Control-Allow-Origin: *\nX: y\naccess-control-max-age: 5');
  const blocks = [
    contentHead({ ...PAGE, edits: custom }),
    redirectHead(308, ownLocation('/a'), { security: SECURITY_HEADERS, edits: custom }),
  ];
  for (const block of blocks) {
    expect(parts(block).runs[1]).toMatch(/\r\nX: y\r\nA/);
    expect(parts(block).runs[1]!.slice(-block.sharingBytes)).toBe(sharing);
  }
  expect(contentHead(PAGE).sharingBytes).toBe(0);
});

test('Vary is merged', () => {
  const vary = (varies: boolean, ...texts: string[]) =>
    /\r\nVary: ([^\r]*)/.exec(
      parts(contentHead({ ...PAGE, varies, edits: edits('X: y', ...texts) })).runs.join(''),
    )?.[1];
  expect(vary(true)).toBe('Accept-Encoding');
  expect(vary(false)).toBeUndefined();
  expect(vary(true, 'Vary: Origin, accept-encoding', 'vary: ORIGIN,Cookie')).toBe(
    'Accept-Encoding, Origin, Cookie',
  );
  expect(vary(false, 'Vary: Origin')).toBe('Origin');
});

test('what describes content is not for redirects, which have none', () => {
  const custom = edits('Content-Type: a/b', 'Content-Language: de', 'Vary: Cookie', 'X: y');
  expect(parts(redirectHead(308, ownLocation('/a'), { security: [], edits: custom })).runs).toEqual(
    [
      'HTTP/1.1 308 Permanent Redirect\r\n',
      'Cache-Control: public, max-age=3600\r\nVary: Cookie\r\nX: y\r\n',
      'Location: /a',
      '\r\nContent-Length: 0\r\n',
    ],
  );
});

test('a block that would not fit the archive is an error with its length', () => {
  const long = edits(`X: ${'v'.repeat(16_000)}`);
  const short = { ...PAGE, security: [], edits: long };
  const length = contentHead(short).bytes.length;
  const full = edits(`X: ${'v'.repeat(16_000 + 16_384 - length)}`);
  expect(contentHead({ ...short, edits: full }).bytes).toHaveLength(16_384);
  const more = edits(`X: ${'v'.repeat(16_000 + 16_385 - length)}`);
  expect(() => contentHead({ ...short, edits: more })).toThrow(new BlockTooLong(16_385));
});

test('a redirect is open at its Location', () => {
  const block = redirectHead(308, ownLocation('/a b/é/'), { security: [], edits: NO_EDITS });
  expect(parts(block).runs).toEqual([
    'HTTP/1.1 308 Permanent Redirect\r\n',
    'Cache-Control: public, max-age=3600\r\n',
    'Location: /a%20b/%C3%A9/',
    '\r\nContent-Length: 0\r\n',
  ]);
  expect([block.typeAt, block.typeBytes, block.etagAt]).toEqual([0, 0, 0]);
});

const heads: fc.Arbitrary<ContentHead> = fc.record({
  status: fc.constantFrom(200 as const, 404 as const),
  cacheControl: fc.constantFrom('no-cache', 'no-store'),
  etag: fc.option(fc.constantFrom('"x"', '"0123456789abcdefghijkl"'), { nil: undefined }),
  varies: fc.boolean(),
  modified: fc.integer({ min: 0, max: 0xffff_ffff }),
  coding: fc.integer({ min: 0, max: 3 }),
  type: fc.constantFrom('text/html; charset=utf-8', 'a/b'),
  bodyBytes: fc.integer({ min: 0, max: 0xffff_ffff }),
  security: fc.constantFrom([], SECURITY_HEADERS),
  edits: fc.constantFrom(NO_EDITS, edits('X: y', '! Referrer-Policy', 'Content-Language: de')),
});

test('every block is lines alone, and its places hold what they say', () => {
  fc.assert(
    fc.property(heads, (head) => {
      const { runs, rest, etag, type } = parts(contentHead(head));
      expect(rest).toBe('');
      for (const run of runs) expect(run).toMatch(/^([^\r\n]+\r\n)+$/);
      expect(etag).toBe(head.etag ?? '');
      expect(type).toBe(`Content-Type: ${head.type}\r\n`);
      expect(runs[2]!.endsWith(type)).toBe(true);
      expect(runs[3]).toBe(`Content-Length: ${head.bodyBytes}\r\n`);
      expect(runs.join('')).not.toMatch(/^(date|connection):/im);
    }),
  );
});

test('an ETag differs by body, by coding and by type, and by nothing else', () => {
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const tags = [
    etagOf(one, 0, 'a/b'),
    etagOf(two, 0, 'a/b'),
    etagOf(one, 1, 'a/b'),
    etagOf(one, 0, 'a/c'),
  ];
  expect(new Set(tags).size).toBe(4);
  for (const tag of tags) expect(tag).toMatch(/^"[A-Za-z0-9_-]{22}"$/);
  expect(etagOf(Buffer.alloc(32, 1), 0, 'a/b')).toBe(tags[0]);
});
