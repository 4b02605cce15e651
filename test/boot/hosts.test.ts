// hosts.test.ts: sites by host are in the archive as the manifest says, or the archive is refused.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyArchive } from '../../src/boot/archive.ts';
import { checkSite } from '../../src/boot/hosts.ts';
import { EXIT, Failure } from '../../src/errors.ts';
import { FULL } from '../support/ledger.ts';
import { GOOD, HOSTED, forge, makeCdb, recordOf, recordsOf, refusalOf } from './forge.ts';
import type { Forged } from './forge.ts';

const reason = (change: (records: Forged[]) => void, from = HOSTED) =>
  refusalOf(() => verifyArchive(forge(change, from), 'x.cdb'));
const sites = { hosts: new Set(['a.example', '[::1]']), defaultSite: true };
const ALIEN = 'the manifest does not list its host';

test('an archive with sites by host is sound', () => {
  expect(verifyArchive(HOSTED, 'x')).toMatchObject({
    defaultSite: true,
    hosts: ['a.example', 'b.example'],
    fallbacks: 1,
    rewrites: 2,
    bodies: 4,
  });
  expect(verifyArchive(makeCdb(recordsOf(HOSTED)), 'x').rewrites).toBe(2);
});

test.each([
  ['/', 'route', undefined],
  ['404/', 'fallback', undefined],
  ['@a.example', 'host', undefined],
  ['@a.example/b', 'route', undefined],
  ['@[::1]/', 'route', undefined],
  ['404@a.example/', 'fallback', undefined],
  ['200@a.example/d/', 'rewrite', undefined],
  ['@', 'host', ALIEN],
  ['@/', 'route', ALIEN],
  ['@a.exampl/', 'route', ALIEN],
  ['@a.example.', 'host', ALIEN],
  ['@A.example/', 'route', ALIEN],
  ['@b/@a.example/', 'route', ALIEN],
  ['404@b/', 'fallback', ALIEN],
  ['404@', 'fallback', ALIEN],
  ['200@b', 'rewrite', ALIEN],
] as const)('the key %s of a %s: %s', (key, kind, fault) => {
  expect(checkSite(sites, Buffer.from(key), kind)).toBe(fault);
});

test('without a default site no key may be of it', () => {
  const none = { ...sites, defaultSite: false };
  for (const [key, kind] of [
    ['/a', 'route'],
    ['404/', 'fallback'],
    ['200/', 'rewrite'],
  ] as const) {
    expect(checkSite(none, Buffer.from(key), kind)).toMatch(/there is no default site/);
  }
  expect(checkSite(none, Buffer.from('@a.example/a'), 'route')).toBe(undefined);
  const message = reason((records) => {
    const { value } = recordOf(records, 'cdbsite');
    const said = value.toString().replace('"defaultSite":true', '"defaultSite":false');
    value.set(Buffer.from(said).subarray(0, value.length));
  });
  expect(message).toMatch(/record "\/": the manifest says that there is no default site/);
});

test.each<[string, string, string, RegExp]>([
  ['a path of a host that is not listed', '@a.example/d', '@c.example/d', /not list its host/],
  ['a mark of a host that is not listed', '@b.example', '@c.example', /not list its host/],
  ['a fallback of such a host', '404@a.example/', '404@c.example/', /not list its host/],
  ['a rewrite of such a host', '200@a.example/d/', '200@c.example/d/', /not list its host/],
  ['a fallback that is no directory', '404@a.example/', '404@a.example', /: no directory/],
  ['a rewrite that is no directory', '200@a.example/d/', '200@a.example/d', /: no directory/],
  ['a fallback as a rewrite', '404@a.example/', '200@a.example/', /status 404 in this kind/],
  ['a rewrite as a fallback', '200/', '404/', /status 200 in this kind/],
  ['a redirect as a rewrite', '@a.example/d', '200@a.example/', /status 308 in this kind/],
  ['a route as a mark', '@a.example/d', '@c', /not list its host/],
])('%s is refused', (_, from, to, text) => {
  const message = reason((records) => {
    recordOf(records, from).key = Buffer.from(to);
  });
  expect(message).toMatch(text);
  expect(message).toContain(`record "${to}"`);
});

test('a mark is there once for each host, and empty', () => {
  const without = reason((records) => {
    records.splice(records.indexOf(recordOf(records, '@a.example')), 1);
  });
  expect(without).toMatch(/hosts: it says 2, the archive has 1/);
  const full = reason((records) => {
    recordOf(records, '@a.example').value = Buffer.from('x');
  });
  expect(full).toMatch(/record "@a\.example": a value of 1 bytes, not none/);
  const twice = reason((records) => {
    records.push({ key: Buffer.from('@a.example'), value: Buffer.alloc(0) });
  });
  expect(twice).toMatch(/record "@a\.example": its key is there twice/);
  const alien = reason((records) => {
    records.push({ key: Buffer.from('@a.example'), value: Buffer.alloc(0) });
  }, GOOD);
  expect(alien).toMatch(/not list its host/);
});

test('a host that has only its mark is a site still', () => {
  const records = recordsOf(HOSTED).filter(({ key }) => !/^@b.example\//.test(key.toString()));
  const { value } = recordOf(records, 'cdbsite');
  const { files, routes } = verifyArchive(HOSTED, 'x');
  const gone = recordsOf(HOSTED).length - records.length;
  const said = value
    .toString()
    .replace(`"routes":${routes}`, `"routes":${routes - gone}`)
    .replace(`"files":${files}`, `"files":${files - 1}`);
  value.set(Buffer.from(said.padEnd(value.length)).subarray(0, value.length));
  expect(gone).toBeGreaterThan(0);
  expect(verifyArchive(makeCdb(records), 'x').hosts).toEqual(['a.example', 'b.example']);
});

const beginning = fc.constantFrom('', '@', '404', '200', '404@', '200@', '@a.example', 'b', '/');
const bytes = fc.uint8Array({ maxLength: 12 }).map((part) => Buffer.from(part));
const key = fc
  .tuple(beginning, bytes)
  .map(([text, rest]) => Buffer.concat([Buffer.from(text), rest]));

test('any keys under a right digest are taken or refused, and no more', () => {
  const count = recordsOf(HOSTED).length;
  fc.assert(
    fc.property(fc.nat(count - 1), key, fc.option(bytes), (at, other, value) => {
      const forged = forge((records) => {
        records[at]!.key = other;
        if (value) records[at]!.value = value;
      }, HOSTED);
      try {
        verifyArchive(forged, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        expect((error as Failure).exitCode).toBe(EXIT.archiveRefused);
      }
    }),
    { numRuns: FULL ? 10_000 : 500 },
  );
});
