// needs.test.ts: what is missing is named, and a platform that cannot do is refused in a line.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUILD_PACKAGES, missingForBuild, platformFault } from '../../scripts/needs.mjs';
import { temporaryFolder } from '../support/site.ts';

const names = BUILD_PACKAGES.map(([name]) => name);

function missingNames(path?: string, headers?: string[]): (string | undefined)[] {
  return missingForBuild(path, headers).map(([name]) => name);
}

test('on the machine that runs the tests nothing is missing', () => {
  expect(missingNames()).toEqual([]);
});

test('programs are looked for in PATH, headers where compilers look', () => {
  const folder = temporaryFolder();
  expect(missingNames(folder, [folder])).toEqual(names);
  writeFileSync(join(folder, 'g++'), '', { mode: 0o755 });
  writeFileSync(join(folder, 'python3'), '', { mode: 0o644 });
  mkdirSync(join(folder, 'usr'));
  writeFileSync(join(folder, 'usr', 'zstd.h'), '');
  const missing = names.filter((name) => name !== 'build-essential' && name !== 'libzstd-dev');
  expect(missingNames(`/nowhere:${folder}`, ['/nowhere', join(folder, 'usr')])).toEqual(missing);
});

test.each([
  ['linux', 'x64', '20.19.0', undefined],
  ['linux', 'x64', '24.1.0', undefined],
  ['linux', 'x64', '20.18.3', 'Node 20.19 or later is needed; this is 20.18.3'],
  ['linux', 'x64', '18.20.4', 'Node 20.19 or later is needed; this is 18.20.4'],
  ['linux', 'arm64', '20.19.0', 'cdbserve runs on Linux on x86-64; this is linux on arm64'],
  ['darwin', 'x64', '20.19.0', 'cdbserve runs on Linux on x86-64; this is darwin on x64'],
])('%s on %s with Node %s', (platform, arch, node, fault) => {
  expect(platformFault({ platform, arch, versions: { node } })).toBe(fault);
});
