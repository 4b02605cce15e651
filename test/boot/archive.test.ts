// archive.test.ts: a whole archive is taken or refused.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyArchive, verifyBegun, verifyDigests } from '../../src/boot/archive.ts';
import { EXIT, Failure } from '../../src/errors.ts';
import { cdbRecords } from '../../src/format/cdb.ts';
import { ROUTE_MODIFIED } from '../../src/format/layout.ts';
import { parseManifest } from '../../src/format/manifest.ts';
import { FULL } from '../support/ledger.ts';
import { xorshift } from '../support/site.ts';
import { GOOD, forge, makeCdb, recordOf, recordsOf, refusalOf } from './forge.ts';

const reason = (bytes: Uint8Array) => refusalOf(() => verifyArchive(bytes, 'x.cdb'));
const FLIPS = FULL ? 20_000 : 1_000;

test('a sound archive gives its manifest', () => {
  expect(verifyArchive(GOOD, 'x.cdb')).toMatchObject({
    format: 1,
    files: 6,
    routes: 13,
    fallbacks: 1,
    rewrites: 0,
    rules: 0,
    bodies: 7,
    codings: ['gzip'],
    defaultSite: true,
    hosts: [],
  });
});

test('it is taken from the middle of a larger buffer as well', () => {
  const around = Buffer.concat([Buffer.alloc(5, 1), GOOD, Buffer.alloc(5, 1)]);
  expect(verifyArchive(around.subarray(5, 5 + GOOD.length), 'x.cdb').routes).toBe(13);
});

test('no single flipped bit and no truncation passes, and each is a Failure with exit code 3', () => {
  const next = xorshift(20);
  for (let round = 0; round < FLIPS; round++) {
    const flipped = Buffer.from(GOOD);
    const at = next() % GOOD.length;
    flipped[at] = flipped[at]! ^ (1 << (next() % 8));
    expect(reason(flipped), `byte ${at}`).toMatch(/^x\.cdb: refused/);
    expect(reason(GOOD.subarray(0, at)), `cut at ${at}`).toMatch(/^x\.cdb: refused/);
  }
});

test('any bytes, also with a header that fits them, are refused and no more', () => {
  const head = GOOD.subarray(0, 2048);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4_000 }), fc.boolean(), (tail, framed) => {
      const bytes = framed ? Buffer.concat([head, tail]) : Buffer.from(tail);
      const padded = framed ? Buffer.concat([bytes, GOOD]).subarray(0, GOOD.length) : bytes;
      try {
        expect(Buffer.compare(padded, GOOD) === 0 || verifyArchive(padded, 'x')).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        expect((error as Failure).exitCode).toBe(EXIT.archiveRefused);
      }
    }),
    { numRuns: FULL ? 10_000 : 300 },
  );
});

test('a CDB of another program is told apart', () => {
  const record = { key: Buffer.from('a'), value: Buffer.from('b') };
  expect(reason(makeCdb([record]))).toBe(
    'x.cdb: refused: a CDB of another program: it has no record "cdbsite". ' +
      'Name an archive that cdbpack made.',
  );
  expect(reason(makeCdb([]))).toMatch(/a CDB of another program/);
});

test('a digest that is not that of the bytes is refused', () => {
  const bytes = Buffer.from(GOOD);
  const route = [...cdbRecords(GOOD)].find(({ key }) => Buffer.from(key).toString() === '/')!;
  const at = route.valueAt + ROUTE_MODIFIED;
  bytes[at] = bytes[at]! ^ 1;
  expect(reason(bytes)).toBe(
    'x.cdb: refused at its digest: the bytes are not those that were packed. ' +
      'The file was changed after it was packed: copy it again, or pack again.',
  );
});

test('a body that is not that of its digest is refused', () => {
  const bytes = Buffer.from(GOOD);
  bytes[bytes.indexOf('index of d')] = 0x49;
  expect(reason(bytes)).toMatch(
    /^x\.cdb: refused at body record [0-9a-f]{16}: its bytes have another digest\. The file was/,
  );
});

test('of a file that is still being written all whole records are looked at', () => {
  const records = [...cdbRecords(GOOD)];
  const ends = [2048, ...records.map(({ valueAt, valueBytes }) => valueAt + valueBytes)];
  const recordsEnd = GOOD.readUInt32LE(0);
  for (let cut = 0; cut <= recordsEnd; cut += 7) {
    const last = ends.findLast((end) => end <= Math.max(cut, 2048));
    expect(verifyBegun(GOOD.subarray(0, cut), 'x.cdb'), `cut at ${cut}`).toBe(last);
  }
  const bent = Buffer.from(GOOD);
  bent[bent.indexOf('index of d')] = 0x49;
  expect(refusalOf(() => verifyBegun(bent, 'x.cdb'))).toMatch(/its bytes have another digest/);
  expect(refusalOf(() => verifyDigests(bent, 'x.cdb'))).toMatch(/its bytes have another digest/);
  expect(() => verifyDigests(bent, 'x.cdb', () => undefined, recordsEnd)).not.toThrow();
});

test.each([
  ['another format', '"format":1', '"format":3', /cdbsite": archive format 3, and this program/],
  ['a wrong count', '"routes":13', '"routes":14', /routes: it says 14, the archive has 13/],
  ['a wrong count of files', '"files":6', '"files":5', /files: it says 5, the archive has 6/],
  ['a wrong count of bodies', '"bodies":7', '"bodies":8', /bodies: it says 8/],
  ['too few bodies', '"bodies":7', '"bodies":1', /bodies: it says 1, the archive has 7/],
  ['another coding', '["gzip"]', '["zstd"]', /codings: it says zstd, the archive has gzip/],
  ['a host', '"hosts":[]}', '"hosts":["a"]}', /hosts: it says 1, the archive has 0/],
  ['no host as one', '"hosts":[]}', '"hosts":[""]}', /a host that is no name of one/],
  ['rewrites', '"rewrites":0', '"rewrites":1', /rewrites: it says 1, the archive has 0/],
  ['rules', '"rules":0', '"rules":1', /rules: it says 1, the archive has 0/],
])('a manifest with %s is refused', (_, from, to, text) => {
  const bytes = forge((records) => {
    const { value } = recordOf(records, 'cdbsite');
    const changed = value.toString().replace(from, to);
    expect(changed).not.toBe(value.toString());
    value.set(Buffer.from(changed.padEnd(value.length)).subarray(0, value.length));
  });
  expect(reason(bytes)).toMatch(text);
});

test('a manifest too long to be one is not parsed', () => {
  const value = Buffer.alloc(2 * 1024 * 1024, 0x20);
  expect(reason(makeCdb([{ key: Buffer.from('cdbsite'), value }]))).toMatch(/it is too long/);
});

test.each([
  ['rulesx', /record "rulesx": a record of unknown kind/],
  ['rules@a/', /record "rules@a\/": a record of unknown kind/],
  ['rules@a', /record "rules@a": the manifest does not list its host/],
  ['rules', /record "rules": \d+ rules, not 1 to 1000/],
  ['200', /record "200": a record of unknown kind/],
  ['200x/', /record "200x\/": a record of unknown kind/],
  ['200/x', /record "200\/x": no directory/],
  ['@host/', /record "@host\/": the manifest does not list its host/],
  ['@', /record "@": the manifest does not list its host/],
  ['other', /record "other": a record of unknown kind/],
  ['/'.padEnd(9_000, 'a'), /a key of 9000 bytes/],
  ['404/x', /record "404\/x": no directory/],
])('a further record %s is refused', (key, text) => {
  const bytes = forge((records) => {
    const { value } = recordOf(records, '404/');
    records.push({ key: Buffer.from(key), value });
  });
  expect(reason(bytes)).toMatch(text);
});

test('a body or head under another digest is refused', () => {
  for (const prefix of [0x62, 0x68]) {
    const bytes = forge((records) => {
      const { key } = records.find(
        (record) => record.key[0] === prefix && record.key.length === 33,
      )!;
      key[5] = key[5]! ^ 1;
    });
    expect(reason(bytes)).toMatch(/(body|head) record [0-9a-f]{16}: its bytes have another digest/);
  }
});

test('the manifest is found wherever it stands, and read as the tools read it', () => {
  const records = recordsOf(GOOD);
  const manifest = parseManifest(recordOf(records, 'cdbsite').value);
  expect(manifest).toEqual(verifyArchive(GOOD, 'x'));
});
