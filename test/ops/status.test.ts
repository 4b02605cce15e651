// status.test.ts: a page as a worker leaves it, and as somebody who took the worker might.
import { closeSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadWall } from '../../src/native.ts';
import { readBeats, readStatus } from '../../src/ops/status.ts';
import { addonPath } from '../../src/paths.ts';

const wall = loadWall(addonPath('wall'));
const nameOf = (number: number): string => wall.callName(number);
let page: number;

beforeEach(() => (page = wall.createStatus()));
afterEach(() => closeSync(page));

function write(kind: number, number: number, words = ''): void {
  const bytes = Buffer.alloc(4_096);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeInt32LE(number, 4);
  bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 8);
  bytes.writeBigUInt64LE(7n, 16);
  bytes.write(words, 64, 'latin1');
  writeSync(page, bytes, 0, bytes.length, 0);
}

test('an untouched page says nothing', () => {
  expect(readStatus(page, nameOf)).toBeUndefined();
});

test('a refused call is told by its name, with its arguments', () => {
  write(1, 42);
  expect(readStatus(page, nameOf)).toBe(
    'refused system call connect (42) at 0xffffffffffffffff, arguments 0x7 0x0 0x0 0x0 0x0 0x0',
  );
});

test.each([-1, 1_024, 0x4000_0000, 2_147_483_647, -2_147_483_648, 1_000])(
  'number %i has no name',
  (number) => {
    write(1, number);
    expect(readStatus(page, nameOf)).toContain(`refused system call of no name (${number})`);
  },
);

test('words are one line of printable characters, however long', () => {
  write(2, 0, 'Error: a\n    at b\u001b[31m\u0007\r\nc\u00e9');
  expect(readStatus(page, nameOf)).toBe('Error: a | at b?[31m? | c?');
  write(2, 0, 'x'.repeat(4_028));
  expect(readStatus(page, nameOf)).toHaveLength(4_028);
  expect(readBeats(page)).toBe(0);
});

test('any bytes give a text or nothing, and the page keeps its size', () => {
  for (let round = 0; round < 200; round++) {
    const bytes = Buffer.from(Array.from({ length: 4_096 }, () => Math.random() * 256));
    bytes.writeUInt32LE(round % 4, 0);
    writeSync(page, bytes, 0, bytes.length, 0);
    const said = readStatus(page, nameOf);
    expect(said ?? '').toMatch(/^[\x20-\x7e]*$/);
    expect(said === undefined).toBe(round % 4 === 0 || round % 4 === 3);
  }
  expect(() => writeSync(page, Buffer.alloc(1), 0, 1, 4_096)).toThrow('EPERM');
});
