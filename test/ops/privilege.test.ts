// privilege.test.ts: a process of its own gives up what it has, and tries to get it back.
import { expect, test } from 'vitest';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addonPath, packageRoot } from '../../src/paths.ts';
import { runCommand } from '../support/site.ts';
import { ORDINARY, isRoot, ordinaryId, withoutCapability } from '../support/starts.ts';

const module = (name: string): string => {
  return JSON.stringify(pathToFileURL(join(packageRoot, 'dist', 'src', name)).href);
};

/** Gives up, prints what failed, and then what can still be had. */
const SCRIPT = `
  import { readFileSync } from 'node:fs';
  import { spawnSync } from 'node:child_process';
  import { loadWall } from ${module('native.js')};
  import { giveUpPrivilege } from ${module('ops/privilege.js')};
  const wall = loadWall(${JSON.stringify(addonPath('wall'))});
  const [uid, gid] = process.argv.slice(1).map(Number);
  giveUpPrivilege(wall, { uid, gid });
  const back = ['setuid', 'setgid', 'setgroups'].filter((name) => {
    try { process[name](name === 'setgroups' ? [0] : 0); return true; } catch { return false; }
  });
  const child = spawnSync('cat', ['/proc/self/status']).stdout.toString();
  const effective = /CapEff:\\s+(\\w+)/.exec(child)[1];
  let shadow = 'closed';
  try { readFileSync('/etc/shadow'); shadow = 'open'; } catch {}
  const ids = [process.getuid(), process.getgid(), process.getgroups()];
  console.log(JSON.stringify([...ids, back, effective, shadow]));
`;

const run = (uid: number, gid: number, wrapper: readonly string[] = []) => {
  const node = [process.execPath, '--input-type=module', '-e', SCRIPT, String(uid), String(gid)];
  const [command, ...args] = [...wrapper, ...node];
  return runCommand(command!, args);
};

test('what is given up does not come back', async () => {
  const ended = await run(ordinaryId, isRoot ? ORDINARY : process.getgid!());
  expect(ended.stderr).toBe('');
  const [uid, gid, groups, back, effective, shadow] = JSON.parse(ended.stdout) as unknown[];
  expect([uid, gid]).toEqual([ordinaryId, isRoot ? ORDINARY : process.getgid!()]);
  expect(isRoot ? groups : []).toEqual(isRoot ? [ORDINARY] : []);
  expect([back, effective, shadow]).toEqual([[], '0000000000000000', 'closed']);
});

test.each(isRoot ? ['setuid', 'setgid'] : [])('without CAP_%s it fails, in words', async (name) => {
  const ended = await run(ORDINARY, ORDINARY, withoutCapability(name));
  expect(ended.stderr).toMatch(/cannot become user 41001 and group 41001 for good: set\w+ gave E/);
  expect(ended.code).toBe(1);
});

test('an id that cannot be is refused before anything is done', async () => {
  for (const [uid, gid] of [
    [0, 1],
    [1, 2 ** 32 - 1],
    [1.5, 1],
  ] as const) {
    expect((await run(uid, gid)).stderr).toMatch(/argument [ug]id must be an integer/);
  }
});
