// manifest.test.ts: the record `cdbsite`.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MANIFEST_DIGEST_AT, MANIFEST_DIGEST_BYTES, FORMAT } from '../../src/format/layout.ts';
import { encodeManifest, manifestBytes, parseManifest } from '../../src/format/manifest.ts';
import type { Manifest } from '../../src/format/manifest.ts';

const tool = { name: 'cdbpack', version: '1.2.3' };
const host = fc.stringMatching(/^[a-z]{1,9}\.example$/);
const count = fc.integer({ min: 0, max: 0xffff_ffff });
const manifests: fc.Arbitrary<Omit<Manifest, 'digest'>> = fc.record({
  format: fc.constant(FORMAT),
  tool: fc.constant(tool),
  files: count,
  routes: count,
  fallbacks: count,
  rewrites: count,
  rules: count,
  bodies: count,
  heads: count,
  codings: fc.subarray(['gzip', 'br', 'zstd']),
  defaultSite: fc.constant(true),
  hosts: fc.uniqueArray(host).map((names) => [...names].sort()),
});
const sound = fc.sample(manifests, { numRuns: 1, seed: 1 })[0]!;
const text = Buffer.from(encodeManifest({ ...sound, hosts: [] })).toString();
const withHosts = (hosts: string) => text.replace('"hosts":[]', `"hosts":${hosts}`);
const parse = (changed: string) => parseManifest(Buffer.from(changed));

test('it comes back, and its length is known before its counts', () => {
  fc.assert(
    fc.property(manifests, (manifest) => {
      const bytes = encodeManifest(manifest);
      expect(bytes.length).toBe(manifestBytes(manifest));
      expect(parseManifest(bytes)).toEqual({ digest: '0'.repeat(64), ...manifest });
    }),
  );
});

test('the digits of the digest stand where layout.ts says', () => {
  expect(text.slice(0, MANIFEST_DIGEST_AT)).toBe('{"digest":"');
  const digits = text.slice(MANIFEST_DIGEST_AT, MANIFEST_DIGEST_AT + MANIFEST_DIGEST_BYTES);
  expect(digits).toMatch(/^0{64}$/);
  expect(text.slice(MANIFEST_DIGEST_AT + MANIFEST_DIGEST_BYTES)).toMatch(/^","format":1,/);
});

test.each([
  ['another format', text.replace('"format":1', '"format":2'), /^archive format 2, and this/],
  ['no digest', text.replace('"digest"', '"DIGEST"'), /no digest/],
  ['digits in capitals', text.replace('00"', 'A0"'), /no digest/],
  ['cut short', text.slice(0, -100).trimEnd().slice(0, -9), /no sound JSON/],
  ['no format', text.replace('"format"', '"Format"'), /no archive format/],
  ['no tool', text.replace('"tool"', '"loot"'), /no name and version/],
  ['a tool that is null', text.replace(/"tool":\{[^}]*\}/, '"tool":null'), /no name and version/],
  ['a count that is text', text.replace(/"files":\d+/, '"files":"1"'), /no count of files/],
  ['a count below zero', text.replace(/"heads":\d+/, '"heads":-1'), /no count of heads/],
  ['codings that are no list', text.replace(/"codings":\[[^\]]*\]/, '"codings":1'), /of codings/],
  ['a host that is no text', withHosts('[1]'), /no list of hosts/],
  ['a host in capitals', withHosts('["A.example"]'), /a host that is no name of one/],
  ['a host with a port', withHosts('["a.example:80"]'), /a host that is no name of one/],
  ['a host with a path', withHosts('["a.example/b"]'), /a host that is no name of one/],
  ['no host as a host', withHosts('[""]'), /a host that is no name of one/],
  ['hosts out of order', withHosts('["b","a"]'), /hosts out of order/],
  ['a host twice', withHosts('["a","a"]'), /hosts out of order/],
  ['too many hosts', withHosts(JSON.stringify(Array(1_001).fill('a'))), /1001 hosts, and 1000 is/],
  ['no rewrites', text.replace('"rewrites"', '"Rewrites"'), /no count of rewrites/],
  ['no default site as text', text.replace('te":true', 'te":"no"'), /no word of a default site/],
  ['no site at all', text.replace('te":true', 'te":false'), /no site: neither/],
])('%s is told in words', (_, changed, reason) => {
  expect(changed).not.toBe(text);
  expect(parse(changed)).toMatch(reason);
});
