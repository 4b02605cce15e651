// sealed.test.ts: what is sealed reads the same and cannot be changed, by ourselves included.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';

const wall = loadWall(addonPath('wall'));
const folder = mkdtempSync(join(tmpdir(), 'sealed-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const coded = (code: string, syscall: string): object =>
  expect.objectContaining({ code, syscall }) as object;

/** Seals a file by name; the caller closes what it gets. */
async function seal(path: string): Promise<number> {
  const file = openSync(path, 'r');
  try {
    return await wall.sealFile(file);
  } finally {
    closeSync(file);
  }
}

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test('a sealed copy has the bytes of the file and every seal', async () => {
  const bytes = new Uint8Array(3_000_001).map((_, at) => (at * 31) & 0xff);
  const memory = await seal(written('copy', bytes));
  const map = wall.mapSealed(memory);
  expect(wall.sealsOf(memory)).toBe(map.seals);
  wall.closeDescriptor(memory);
  expect([0x0f, 0x2f]).toContain(map.seals);
  expect(Buffer.from(map.buffer).equals(bytes)).toBe(true);
});

test('sealed memory refuses to be written, cut or grown', async () => {
  const memory = await seal(written('refuse', new Uint8Array(4_096)));
  expect(() => writeSync(memory, 'x', 0)).toThrow(expect.objectContaining({ code: 'EPERM' }));
  for (const length of [0, 100, 10_000])
    expect(() => ftruncateSync(memory, length)).toThrow(expect.objectContaining({ code: 'EPERM' }));
  wall.closeDescriptor(memory);
});

test('a store into the mapping ends the process', () => {
  const path = written('store', new Uint8Array(4_096));
  const program = `
    const module = { exports: {} };
    process.dlopen(module, process.argv[1]);
    const wall = module.exports;
    wall.sealFile(require('node:fs').openSync(process.argv[2])).then((memory) => {
      const map = wall.mapSealed(memory);
      process.stdout.write('mapped ' + new Uint8Array(map.buffer)[0]);
      new Uint8Array(map.buffer)[0] = 1;
      process.stdout.write(' written');
    });
  `;
  const child = spawnSync(process.execPath, ['-e', program, addonPath('wall'), path]);
  expect([child.stdout.toString(), child.signal]).toEqual(['mapped 0', 'SIGSEGV']);
});

test('a sparse file of 3 GiB is sealed and read at its far end', async () => {
  const path = join(folder, 'sparse');
  const file = openSync(path, 'w+');
  const far = 3 * 2 ** 30;
  writeSync(file, 'near', 0);
  writeSync(file, 'far', far);
  const memory = await wall.sealFile(file);
  closeSync(file);
  const { buffer } = wall.mapSealed(memory);
  wall.closeDescriptor(memory);
  expect(buffer.byteLength).toBe(far + 3);
  expect(Buffer.from(buffer, 0, 6).toString()).toBe('near\0\0');
  expect(Buffer.from(buffer, far - 3, 6).toString()).toBe('\0\0\0far');
});

test('what is no file, too long, empty or unsealed is refused', async () => {
  const directory = openSync(folder, 'r');
  await expect(wall.sealFile(directory)).rejects.toEqual(coded('EINVAL', 'fstat'));
  closeSync(directory);

  const long = openSync(join(folder, 'long'), 'w+');
  ftruncateSync(long, 2 ** 32);
  await expect(wall.sealFile(long)).rejects.toEqual(coded('EFBIG', 'fstat'));
  expect(() => wall.sealsOf(long)).toThrow(coded('EINVAL', 'fcntl'));
  expect(() => wall.mapSealed(long)).toThrow(coded('EINVAL', 'fcntl'));
  closeSync(long);

  const empty = await seal(written('empty', new Uint8Array(0)));
  expect(() => wall.mapSealed(empty)).toThrow(coded('EINVAL', 'mmap'));
  wall.closeDescriptor(empty);
  await expect(wall.sealFile(empty)).rejects.toEqual(coded('EBADF', 'fstat'));
});
