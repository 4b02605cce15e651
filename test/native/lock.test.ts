// lock.test.ts: a lock that ends with its descriptor.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCdb } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { temporaryFolder } from '../support/site.ts';

const { tryLock } = loadCdb(addonPath('cdb'));

test('one open file holds the lock at a time', () => {
  const path = join(temporaryFolder(), 'locked');
  const [first, second] = [openSync(path, 'w'), openSync(path, 'r')];
  expect(tryLock(first)).toBe(true);
  expect(tryLock(first)).toBe(true);
  expect(tryLock(second)).toBe(false);
  closeSync(first);
  expect(tryLock(second)).toBe(true);
  closeSync(second);
});

test('a closed descriptor is an error', () => {
  expect(() => tryLock(1_000_000)).toThrow(expect.objectContaining({ code: 'EBADF' }));
});
