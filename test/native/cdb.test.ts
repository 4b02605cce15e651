// cdb.test.ts: the addon `cdb` against files made by itself and files made hostile.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadCdb } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';

const { CdbMake, cdbFind, cdbNext } = loadCdb(addonPath('cdb'));
const folder = mkdtempSync(join(tmpdir(), 'cdb-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (file: Uint8Array, at: number, length: number): string =>
  new TextDecoder().decode(file.subarray(at, at + length));

function make(name: string, records: readonly (readonly [string, string])[]): Uint8Array {
  const path = join(folder, name);
  const descriptor = openSync(path, 'w+');
  const cdb = new CdbMake(descriptor);
  for (const [key, value] of records) {
    const start = cdb.position;
    expect(cdb.add(bytes(key), bytes(value))).toBe(start + 8 + bytes(key).length);
  }
  cdb.finish();
  closeSync(descriptor);
  return readFileSync(path);
}

const errno = (code: string): object => expect.objectContaining({ code }) as object;

test('a record written is found at the offset that add gave', () => {
  const path = join(folder, 'offset.cdb');
  const descriptor = openSync(path, 'w+');
  const cdb = new CdbMake(descriptor);
  const at = cdb.add(bytes('/a'), bytes('alpha'));
  cdb.finish();
  closeSync(descriptor);
  const file = readFileSync(path);
  expect(cdbFind(file, bytes('/a'))).toEqual({ at, bytes: 5 });
  expect(text(file, at, 5)).toBe('alpha');
});

test('a record is read back before the file is finished', () => {
  const descriptor = openSync(join(folder, 'back.cdb'), 'w+');
  const cdb = new CdbMake(descriptor);
  const at = cdb.add(bytes('/a'), bytes('alpha'));
  const back = new Uint8Array(7);
  cdb.read(at - 2, back);
  expect(text(back, 0, 7)).toBe('/aalpha');
  expect(() => cdb.read(at, new Uint8Array(6))).toThrow(errno('ERANGE'));
  expect(() => cdb.read(-1, back)).toThrow(TypeError);
  closeSync(descriptor);
});

test('a key that is not there is undefined, whatever its length', () => {
  const file = make('miss.cdb', [['/a', 'alpha']]);
  expect(cdbFind(file, bytes('/b'))).toBeUndefined();
  expect(cdbFind(file, bytes(''))).toBeUndefined();
  expect(cdbFind(file, new Uint8Array(file.length + 1))).toBeUndefined();
});

test('walking gives every record in the order written', () => {
  const records = Array.from({ length: 300 }, (_, n) => [`/${n}`, 'x'.repeat(n)] as const);
  const file = make('walk.cdb', records);
  const seen: [string, string][] = [];
  let record = cdbNext(file, 0);
  while (record !== undefined) {
    const key = text(file, record.keyAt, record.keyBytes);
    seen.push([key, text(file, record.valueAt, record.valueBytes)]);
    record = cdbNext(file, record.next);
  }
  expect(seen).toEqual(records);
});

test('an archive without records is sound and empty', () => {
  const file = make('empty.cdb', []);
  expect(file.length).toBe(2048);
  expect(cdbNext(file, 0)).toBeUndefined();
  expect(cdbFind(file, bytes('/'))).toBeUndefined();
});

test('a file cut at any place is refused or answers within itself', () => {
  const file = make('cut.cdb', [['/a', 'alpha'], ['/b', 'beta']]);
  for (let length = 0; length < 2048; length += 64)
    expect(() => cdbFind(file.subarray(0, length), bytes('/a'))).toThrow(errno('EPROTO'));
  for (let length = 2048; length < 2048 + 26; length++)
    expect(() => cdbNext(file.subarray(0, length), 0)).toThrow(errno('EPROTO'));
});

test('a key length near 2^32 is refused although it wraps round', () => {
  const file = make('wrap.cdb', [['/a', 'alpha']]);
  new DataView(file.buffer, file.byteOffset).setUint32(2048, 0xffff_ffff, true);
  new DataView(file.buffer, file.byteOffset).setUint32(2052, 0, true);
  expect(() => cdbNext(file, 0)).toThrow(errno('EPROTO'));
});

test('a position outside the records is refused', () => {
  const file = make('position.cdb', [['/a', 'alpha']]);
  for (const position of [1, 2047, 2049, file.length, 0xffff_ffff])
    expect(() => cdbNext(file, position)).toThrow(errno('EPROTO'));
});

test('a value past 4 GiB is refused with ERANGE and the archive stays good', () => {
  const path = join(folder, 'range.cdb');
  const descriptor = openSync(path, 'w+');
  const cdb = new CdbMake(descriptor);
  // Never touched: the length alone is looked at.
  const huge = new Uint8Array(2 ** 32 - 2048);
  expect(() => cdb.add(bytes('/huge'), huge)).toThrow(errno('ERANGE'));
  const at = cdb.add(bytes('/a'), bytes('alpha'));
  cdb.finish();
  closeSync(descriptor);
  expect(cdbFind(readFileSync(path), bytes('/a'))).toEqual({ at, bytes: 5 });
});

test('a refused write is an error with code and syscall, and stays one', () => {
  const path = join(folder, 'readonly.cdb');
  writeFileSync(path, '');
  const descriptor = openSync(path, 'r');
  const cdb = new CdbMake(descriptor);
  const big = new Uint8Array(10_000);
  const refused = { code: 'EBADF', syscall: 'cdb_make_add' };
  expect(() => cdb.add(bytes('/a'), big)).toThrow(expect.objectContaining(refused) as object);
  expect(() => cdb.finish()).toThrow(errno('EBADF'));
  closeSync(descriptor);
});

test('arguments of a wrong type, count or range are named', () => {
  const make = CdbMake as unknown as new (...args: unknown[]) => unknown;
  const next = cdbNext as unknown as (...args: unknown[]) => unknown;
  expect(() => new make('3')).toThrow('argument descriptor must be an integer');
  expect(() => new make(-1)).toThrow('argument descriptor must be an integer from 0');
  expect(() => new make()).toThrow('arguments wanted: 1, given: 0');
  expect(() => next(new Uint8Array(2048), 0.5)).toThrow('argument position must be an integer');
  expect(() => next(new Uint16Array(2048), 0)).toThrow('argument archive must be a Uint8Array');
});
