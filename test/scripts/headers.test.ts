// headers.test.ts: headers of another Node would build an addon that crashes later.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findHeaders } from '../../scripts/headers.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cdbserve-headers-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the first prefix with exactly this version is taken', () => {
  const prefixes = [
    join(folder, 'none'),
    prefix('a', 20, 19, 0),
    prefix('b', 20, 20, 2),
    prefix('c', 20, 20, 2),
  ];
  expect(findHeaders('20.20.2', prefixes)).toBe(join(folder, 'b'));
});

test('no prefix is taken when none has this version', () => {
  expect(findHeaders('20.20.2', [prefix('d', 20, 20, 1), prefix('e', 22, 20, 2)])).toBeUndefined();
});

function prefix(name: string, major: number, minor: number, patch: number): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'include', 'node'), { recursive: true });
  const lines = [
    `#define NODE_MAJOR_VERSION ${major}`,
    `#define NODE_MINOR_VERSION ${minor}`,
    `#define NODE_PATCH_VERSION ${patch}`,
  ];
  writeFileSync(join(path, 'include', 'node', 'node_version.h'), `${lines.join('\n')}\n`);
  return path;
}
