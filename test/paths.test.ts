// paths.test.ts: the package's own files are where paths.ts says, from the sources and when built.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { addonPath, packageRoot, version, workerBundle } from '../src/paths.ts';

test('both addons and the worker are there', () => {
  expect([addonPath('cdb'), addonPath('wall'), workerBundle].filter(existsSync)).toHaveLength(3);
});

test('the version is that of package.json', () => {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as object;
  expect(manifest).toMatchObject({ name: 'cdbserve', version });
});

test('the built file finds the same root from another folder', () => {
  const built = pathToFileURL(join(packageRoot, 'dist', 'src', 'paths.js')).href;
  const program = `process.stdout.write((await import('${built}')).packageRoot);`;
  const args = ['--input-type=module', '-e', program];
  expect(spawnSync(process.execPath, args, { cwd: '/', encoding: 'utf8' }).stdout).toBe(
    packageRoot,
  );
});
