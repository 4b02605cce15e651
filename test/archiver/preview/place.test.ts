// place.test.ts: private folders, and what becomes of those that nobody holds any more.
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPlace } from '../../../archiver/preview/place.ts';
import { EXIT } from '../../../src/errors.ts';
import { temporaryFolder } from '../../support/site.ts';
import { addon } from '../fixture.ts';

test('two live side by side, and each takes away its own', () => {
  const base = temporaryFolder();
  const [one, two] = [openPlace(base, undefined, addon), openPlace(base, undefined, addon)];
  expect(statSync(one.path).mode & 0o777).toBe(0o700);
  writeFileSync(join(one.path, 'site.cdb'), 'x');
  expect(readdirSync(base)).toHaveLength(2);
  one.remove();
  one.remove();
  expect(readdirSync(base)).toEqual([two.path.slice(base.length + 1)]);
});

test('what nobody holds is removed, and nothing else', () => {
  const base = temporaryFolder();
  const kept = ['cdbserve-preview-link00', 'cdbserve-preview-long-name', 'other', 'x'];
  mkdirSync(join(base, 'cdbserve-preview-abc123'));
  writeFileSync(join(base, 'cdbserve-preview-abc123', 'site.cdb'), 'x');
  mkdirSync(join(base, 'other'));
  writeFileSync(join(base, 'x'), '');
  mkdirSync(join(base, 'cdbserve-preview-long-name'));
  symlinkSync(join(base, 'other'), join(base, 'cdbserve-preview-link00'));
  const place = openPlace(base, undefined, addon);
  place.remove();
  expect(readdirSync(base).sort()).toEqual(kept);
});

test('a lock that cannot be had is a Failure in the end', () => {
  const base = temporaryFolder();
  const locks = { tryLock: () => false };
  expect(() => openPlace(base, undefined, locks)).toThrow('EBUSY');
  expect(() => openPlace(join(base, 'none'), undefined, addon)).toThrow(
    expect.objectContaining({ exitCode: EXIT.failure }) as Error,
  );
});
