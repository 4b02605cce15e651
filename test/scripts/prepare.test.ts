// prepare.test.ts: set-up does what is missing, and nothing else.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';

const NOBODY = 65_534;
const folder = mkdtempSync(join(tmpdir(), 'cdbserve-prepare-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what is up to date is left alone', () => {
  expect(prepare(packageRoot, {}).status).toBe(0);
  const again = prepare(packageRoot, {});
  expect([again.status, again.stdout, again.stderr]).toEqual([0, '', '']);
});

test('who is not root is told what to install, and why', () => {
  const scripts = copyScripts();
  const isRoot = process.getuid?.() === 0;
  const result = prepare(scripts, isRoot ? { uid: NOBODY, gid: NOBODY } : {}, noPackages());
  expect(result.status).toBe(1);
  expect(result.stdout).toContain('Debian package libcdb-dev is missing: tinycdb');
  expect(result.stderr).toMatch(
    /^apt-get update && apt-get install -y .*build-essential python3 libcdb-dev .*libzstd-dev$/m,
  );
  expect(result.stdout).not.toContain('npm ci');
});

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

function prepare(root: string, user: User, env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [join(root, 'scripts', 'prepare.mjs')], {
    ...user,
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

/** The checkout itself may be where another user cannot look. */
function copyScripts(): string {
  cpSync(join(packageRoot, 'scripts'), join(folder, 'scripts'), { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

/** A package database of dpkg in which nothing is installed. */
function noPackages(): Readonly<Record<string, string>> {
  const database = join(folder, 'dpkg');
  mkdirSync(join(database, 'info'), { recursive: true });
  mkdirSync(join(database, 'updates'));
  writeFileSync(join(database, 'status'), '');
  return { DPKG_ADMINDIR: database };
}
