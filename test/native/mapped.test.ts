// mapped.test.ts: a file as memory.
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCdb } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { temporaryFolder } from '../support/site.ts';

const { mapFile } = loadCdb(addonPath('cdb'));

test('the bytes of a file, also when it is closed and gone', () => {
  const path = join(temporaryFolder(), 'file');
  const bytes = Buffer.from('a page and more\n'.repeat(400));
  writeFileSync(path, bytes);
  const descriptor = openSync(path, 'r');
  const mapped = Buffer.from(mapFile(descriptor));
  closeSync(descriptor);
  rmSync(path);
  expect(mapped.equals(bytes)).toBe(true);
});

test('an empty file, a folder and a closed descriptor are errors', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'empty'), '');
  const refused = (code: string) => expect.objectContaining({ code, syscall: 'mmap' }) as object;
  for (const [name, code] of [['empty', 'EINVAL'], ['', 'ENODEV']] as const) {
    const descriptor = openSync(join(folder, name), 'r');
    expect(() => mapFile(descriptor)).toThrow(refused(code));
    closeSync(descriptor);
  }
  expect(() => mapFile(1_000_000)).toThrow(refused('EBADF'));
});
