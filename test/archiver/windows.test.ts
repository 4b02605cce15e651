// windows.test.ts: a file seen through windows is what it is in memory, to the server's loader too.
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileWindows, readSource } from '../../archiver/windows.ts';
import { verifyArchive } from '../../src/boot/archive.ts';
import { viewOf } from '../../src/format/source.ts';
import type { Source } from '../../src/format/source.ts';
import { GOOD, HOSTED, forge, recordsOf, refusalOf } from '../boot/forge.ts';
import { noise, temporaryFolder } from '../support/site.ts';
import { addon } from './fixture.ts';

const path = join(temporaryFolder(), 'file');

function through<Result>(bytes: Uint8Array, use: (file: FileWindows) => Result): Result {
  writeFileSync(path, bytes);
  const file = new FileWindows(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

test('parts and words are those of the bytes, near and far, small and large', () => {
  const bytes = noise(5_000_000, 1);
  const view = viewOf(bytes);
  const place = fc.nat(bytes.length - 4);
  const length = fc.oneof(fc.nat(100), fc.nat(300_000));
  through(bytes, (file) => {
    expect(file.length).toBe(bytes.length);
    fc.assert(
      fc.property(fc.array(fc.tuple(place, length), { maxLength: 100 }), (asked) => {
        for (const [at, count] of asked) {
          const part = bytes.subarray(at, at + count);
          expect(Buffer.compare(file.subarray(at, at + count), part)).toBe(0);
          expect(file.getUint32(at, true)).toBe(view.getUint32(at, true));
        }
      }),
      { numRuns: 50 },
    );
    expect(() => file.getUint32(bytes.length - 3, true)).toThrow(RangeError);
  });
});

test('what was given stays when windows have moved on', () => {
  const bytes = noise(4_000_000, 2);
  through(bytes, (file) => {
    const first = file.subarray(0, 10);
    for (let at = 0; at < bytes.length; at += 100_000) file.subarray(at, at + 10);
    expect(Buffer.compare(first, bytes.subarray(0, 10))).toBe(0);
  });
});

test('a glance sees the same bytes, and past the end is nothing', () => {
  const bytes = noise(1_000_000, 4);
  through(bytes, (file) => {
    for (const [from, to] of [
      [0, 10],
      [500_000, 900_000],
      [3, 999_999],
      [999_990, 2_000_000],
      [1_000_000, 1_000_010],
      [2_000_000, 3_000_000],
    ] as const) {
      const wanted = bytes.subarray(from, to);
      expect(Buffer.compare(file.glance(from, to), wanted), `${from}`).toBe(0);
      expect(Buffer.compare(file.subarray(from, to), wanted), `${from}`).toBe(0);
    }
  });
});

test('a file that becomes shorter is an error, not an endless wait', () => {
  through(noise(1_000_000, 3), (file) => {
    truncateSync(path, 500_000);
    expect(() => file.subarray(400_000, 999_999)).toThrow(RangeError);
  });
});

test('the loader says of a file what it says of the same bytes in memory', () => {
  const bent = [
    GOOD,
    HOSTED,
    GOOD.subarray(0, 100),
    GOOD.subarray(0, GOOD.length - 1),
    Buffer.alloc(0),
    Buffer.from('text, and no archive at all\n'),
    forge((records) => records.reverse()),
    ...recordsOf(GOOD).map((_, at) => forge((records) => records.splice(at, 1))),
    ...Array.from({ length: 300 }, (_, i) => {
      const copy = Buffer.from(GOOD);
      const at = (i * 7919) % copy.length;
      copy[at] = copy[at]! ^ (1 << (i % 8));
      return copy;
    }),
  ];
  for (const bytes of bent) {
    const said = (source: Uint8Array | FileWindows) => {
      try {
        return verifyArchive(source, 'x.cdb').digest;
      } catch {
        return refusalOf(() => verifyArchive(source, 'x.cdb'));
      }
    };
    expect(through(bytes, said)).toBe(said(bytes));
  }
});

test('a file of our own is mapped, and seen through windows where it is long', () => {
  const own = join(temporaryFolder(), 'sparse');
  writeFileSync(own, 'the beginning');
  const first = (source: Source) => Buffer.from(source.subarray(0, 3)).toString();
  expect(readSource(own, addon, (source) => source instanceof Uint8Array)).toBe(true);
  expect(readSource(own, addon, first)).toBe('the');
  const unmapped = { mapFile: () => expect.fail('ENODEV') };
  expect(readSource(own, unmapped, (source) => source instanceof FileWindows)).toBe(true);
  expect(readSource(own, unmapped, first)).toBe('the');
  truncateSync(own, 2 ** 29);
  expect(readSource(own, addon, (source) => source instanceof FileWindows)).toBe(true);
  expect(readSource(own, addon, first)).toBe('the');
});
