// paths.test.ts: the package's own files, found from the sources and from what is built of them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { addonPath, packageRoot, version, workerBundle } from '../src/paths.ts';

test('the root is the folder of package.json', () => {
  const { name, version: stated } = JSON.parse(
    readFileSync(join(packageRoot, 'package.json'), 'utf8'),
  ) as { name: string; version: string };
  expect([name, stated]).toEqual(['cdbserve', version]);
});

test('addons and bundle are there', () => {
  for (const path of [addonPath('cdb'), addonPath('wall'), workerBundle]) {
    expect(existsSync(path)).toBe(true);
  }
});

test('the built files find the same root, from any folder', () => {
  const built = pathToFileURL(join(packageRoot, 'dist', 'src', 'paths.js')).href;
  const print = '(paths) => process.stdout.write(paths.packageRoot)';
  const script = `import(${JSON.stringify(built)}).then(${print})`;
  expect(execFileSync(process.execPath, ['-e', script], { cwd: '/' }).toString()).toBe(packageRoot);
});
