// store.test.ts: records stored once, within the limit of a CDB.
import { closeSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownLocation, redirectHead } from '../../archiver/headers.ts';
import { NO_EDITS } from '../../archiver/rules/header_rules.ts';
import { ArchiveFull, Store, sha256 } from '../../archiver/store.ts';
import { noise, temporaryFolder } from '../support/site.ts';
import { addon } from './fixture.ts';

const folder = temporaryFolder();
const PLAIN = { security: [], edits: NO_EDITS };

function withStore(bytesMax: number, use: (store: Store) => void): number {
  const descriptor = openSync(join(folder, 'a.cdb'), 'w+');
  try {
    const make = new addon.CdbMake(descriptor);
    use(new Store(make, bytesMax));
    make.finish();
    return fstatSync(descriptor).size;
  } finally {
    closeSync(descriptor);
  }
}

test('equal bodies and equal heads are stored once', () => {
  withStore(10_000, (store) => {
    const body = Buffer.from('body');
    const first = store.addBody(body, sha256(body));
    expect(first).toEqual({ at: 2048 + 8 + 33, fresh: true });
    expect(store.addBody(Buffer.from('body'), sha256(body))).toEqual({ ...first, fresh: false });
    const head = redirectHead(308, ownLocation('/a'), PLAIN);
    const at = store.addHead(head);
    expect(store.addHead(redirectHead(308, ownLocation('/a'), PLAIN))).toBe(at);
    expect(store.addHead(redirectHead(308, ownLocation('/b'), PLAIN))).toBeGreaterThan(at);
    expect([store.bodies, store.heads]).toEqual([1, 2]);
  });
});

test('length and digest of a body are read from its record, wherever it is by now', () => {
  withStore(10_000_000, (store) => {
    const bodies = Array.from({ length: 300 }, (_, i) => noise(i * 37, i));
    const places = bodies.map((body) => store.addBody(body, sha256(body)).at);
    for (const [i, body] of bodies.entries()) {
      const { bytes, digest } = store.body(places[i]!);
      expect([bytes, Buffer.from(digest)]).toEqual([body.length, sha256(body)]);
      expect(store.addBody(body, sha256(body))).toEqual({ at: places[i], fresh: false });
    }
  });
});

test('a body and a head of the same bytes are two records', () => {
  withStore(10_000, (store) => {
    const head = redirectHead(308, ownLocation('/a'), PLAIN);
    const { at } = store.addBody(head.bytes, sha256(head.bytes));
    expect(store.addHead(head)).not.toBe(at);
  });
});

test('the limit counts the hash tables, to the byte', () => {
  const fill = (bytesMax: number) =>
    withStore(bytesMax, (store) => {
      for (let i = 0; i < 10; i++) store.add(Buffer.from(String(i)), Buffer.alloc(100));
    });
  const size = fill(1_000_000);
  expect(size).toBe(2048 + 10 * (8 + 1 + 100 + 16));
  expect(fill(size)).toBe(size);
  expect(() => fill(size - 1)).toThrow(ArchiveFull);
});

test('a digest is that of the whole of a body', () => {
  expect(sha256(Buffer.from('abc')).toString('hex')).toMatch(/^ba7816bf8f01cfea/);
});
