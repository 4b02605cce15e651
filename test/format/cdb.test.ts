// cdb.test.ts: reading records, held against tinycdb for every key and for keys that are not there.
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cdbFind, cdbRecords } from '../../src/format/cdb.ts';
import { addon } from '../archiver/fixture.ts';
import { temporaryFolder } from '../support/site.ts';

const folder = temporaryFolder();
const key = fc.uint8Array({ minLength: 1, maxLength: 12 });
const records = fc.uniqueArray(fc.tuple(key, fc.uint8Array({ maxLength: 40 })), {
  maxLength: 60,
  selector: ([name]) => Buffer.from(name).toString('latin1'),
});

function make(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): Buffer {
  const path = join(folder, 'a.cdb');
  const descriptor = openSync(path, 'w+');
  const cdb = new addon.CdbMake(descriptor);
  for (const [name, value] of pairs) cdb.add(name, value);
  cdb.finish();
  closeSync(descriptor);
  return readFileSync(path);
}

test('all records come in the order of writing, and each is found as tinycdb finds it', () => {
  fc.assert(
    fc.property(records, fc.array(key, { maxLength: 20 }), (pairs, misses) => {
      const bytes = make(pairs);
      const found = [...cdbRecords(bytes)].map((record) => [
        Uint8Array.from(record.key),
        Uint8Array.from(record.value),
      ]);
      expect(found).toEqual(pairs);
      for (const name of [...pairs.map(([known]) => known), ...misses]) {
        const ours = cdbFind(bytes, name);
        const theirs = addon.cdbFind(bytes, name);
        expect(ours && { at: ours.valueAt, bytes: ours.value.length }).toEqual(
          theirs && { at: theirs.at, bytes: theirs.bytes },
        );
      }
    }),
  );
});

test('an empty CDB has no record', () => {
  const bytes = make([]);
  expect([...cdbRecords(bytes)]).toEqual([]);
  expect(cdbFind(bytes, Buffer.from('a'))).toBeUndefined();
});
