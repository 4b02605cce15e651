// compress.test.ts: libdeflate and libzstd behind the addon, against the tools of the same name.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCdb } from '../../src/native.ts';
import { addonPath, packageRoot } from '../../src/paths.ts';
import { noise } from '../support/site.ts';

const { Compressor, libraries } = loadCdb(addonPath('cdb'));
const compressor = new Compressor();
const CODINGS = ['gzip', 'zstd'] as const;
type Name = (typeof CODINGS)[number];

const page = readFileSync(join(packageRoot, 'docs', 'lockdown.md'));

function code(name: Name, level: number, input: Uint8Array, room = input.length): Uint8Array {
  const output = new Uint8Array(room);
  return output.subarray(0, compressor[name](level, input, output));
}

const decode = (name: Name, input: Uint8Array): Buffer =>
  execFileSync(name, ['-dc'], { input, maxBuffer: 64 * 1024 * 1024 });

test.each([
  ['gzip', [1, 6, 9, 12]],
  ['zstd', [1, 3, 12, 19]],
] as const)('%s comes back at every level, and the highest saves most', (name, levels) => {
  const coded = levels.map((level) => code(name, level, page));
  for (const bytes of coded) expect(decode(name, bytes).equals(page)).toBe(true);
  const sizes = coded.map((bytes) => bytes.length);
  expect(sizes.at(-1)).toBe(Math.min(...sizes));
  expect(sizes[0]!).toBeLessThan(page.length / 2);
});

test.each(CODINGS)('%s: what would not fit gives 0, what just fits is there', (name) => {
  const { length } = code(name, 9, page);
  expect(code(name, 9, page, length + 64).length).toBe(length);
  expect(code(name, 9, page, length - 1).length).toBe(0);
  expect(code(name, 9, noise(5_000, 1)).length).toBe(0);
  expect(code(name, 9, page, 0).length).toBe(0);
});

test.each(CODINGS)('%s: an empty body is a frame of its own', (name) => {
  const coded = code(name, 9, new Uint8Array(0), 100);
  expect(coded.length).toBeGreaterThan(0);
  expect(decode(name, coded).length).toBe(0);
});

test.each(CODINGS)('%s: what was compressed before makes no difference', (name) => {
  const fresh = (level: number) => {
    const output = new Uint8Array(page.length);
    return output.subarray(0, new Compressor()[name](level, page, output));
  };
  for (const level of [3, 12, 3, 9]) {
    code(name, level, noise(300_000, level));
    expect(Buffer.compare(code(name, level, page), fresh(level))).toBe(0);
  }
});

test('a gzip header says neither when nor on what system it was made', () => {
  const header = code('gzip', 9, page).subarray(0, 10);
  expect([...header]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
});

/** RFC 8878 section 3.1.1.1: Single_Segment_Flag, or Window_Descriptor. */
function window(frame: Uint8Array): { readonly bytes: number; readonly sized: boolean } {
  const descriptor = frame[4]!;
  const single = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sized = single || sizeFlag > 0;
  if (!single) {
    const base = 2 ** (10 + (frame[5]! >> 3));
    return { bytes: base + (base / 8) * (frame[5]! & 7), sized };
  }
  const view = new DataView(frame.buffer, frame.byteOffset + 5, 8);
  const readers = [
    () => view.getUint8(0),
    () => view.getUint16(0, true) + 256,
    () => view.getUint32(0, true),
    () => Number(view.getBigUint64(0, true)),
  ];
  return { bytes: readers[sizeFlag]!(), sized };
}

test('zstd frames say their length, and have windows of 8 MiB at most', () => {
  const window8 = { bytes: 8 * 1024 * 1024, sized: true };
  expect(window(code('zstd', 19, Buffer.alloc(40_000_000, page)))).toEqual(window8);
  for (const level of [3, 12, 19]) {
    for (const length of [100, 300, 100_000, 8 * 1024 * 1024, 9_000_000]) {
      const { bytes, sized } = window(code('zstd', level, Buffer.alloc(length, page), length + 64));
      expect(sized).toBe(true);
      expect(bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    }
  }
});

test.each([
  ['gzip', 0],
  ['gzip', 13],
  ['gzip', 1.5],
  ['zstd', 0],
  ['zstd', 20],
] as const)('%s has no level %s', (name, level) => {
  expect(() => code(name, level, page)).toThrow(/level must be an integer from 1 to 1[29]/);
});

test('what is no bytes is refused', () => {
  const wrong = 'text' as unknown as Uint8Array;
  expect(() => compressor.gzip(9, wrong, new Uint8Array(1))).toThrow(/input must be a Uint8Array/);
  expect(() => compressor.zstd(9, page, wrong)).toThrow(/output must be a Uint8Array/);
});

test('libraries are named with their version', () => {
  expect(libraries.gzip).toMatch(/^libdeflate \d+\.\d+/);
  expect(libraries.zstd).toMatch(/^libzstd \d+\.\d+\.\d+$/);
});
