// privilege.test.ts: a process of its own gives up what it has, and tries to get it back.
import { expect, test } from 'vitest';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addonPath, packageRoot } from '../../src/paths.ts';
import { fieldsOf } from '../support/facts.ts';
import { runCommand, temporaryFolder } from '../support/site.ts';
import { ORDINARY, isRoot, openToAll, ordinaryId, withoutCapability } from '../support/starts.ts';

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

/** A thread that is older than the drop runs a program, which says what it has. */
const THREAD = `
  import { Worker } from 'node:worker_threads';
  import { loadWall } from ${module('native.js')};
  const wall = loadWall(${JSON.stringify(addonPath('wall'))});
  const [id, program, drops] = process.argv.slice(1);
  const run = "const { parentPort: port } = require('node:worker_threads');" +
    "port.on('message', (program) => port.postMessage(require('node:child_process')" +
    ".execFileSync(program, ['/proc/self/status']).toString()));" +
    "port.postMessage('ready');";
  const thread = new Worker(run, { eval: true, execArgv: [] });
  thread.once('message', () => {
    thread.once('message', (status) => { console.log(status); process.exit(); });
    if (drops === 'yes') wall.dropPrivilege(Number(id), Number(id));
    else { process.setgid(Number(id)); process.setuid(Number(id)); }
    thread.postMessage(program);
  });
`;

/** cat(1) that belongs to root and becomes root: credentials(7). */
function setUserIdCat(): string {
  const folder = temporaryFolder();
  const program = join(folder, 'cat');
  openToAll(folder);
  copyFileSync('/bin/cat', program);
  chmodSync(program, 0o4755);
  return program;
}

test.each(isRoot ? [ORDINARY] : [])(
  'a bounding set that other threads keep gives user %d nothing by a program of root',
  async (id) => {
    const program = setUserIdCat();
    const runThread = async (drops: 'yes' | 'no'): Promise<Readonly<Record<string, string>>> => {
      const args = ['--input-type=module', '-e', THREAD, `${id}`, program, drops];
      const { stdout, stderr } = await runCommand(process.execPath, args);
      expect(stderr).toBe('');
      return fieldsOf(stdout);
    };
    const [none, all] = ['0000000000000000', expect.stringMatching(/[1-9a-f]/) as string];
    const dropped = await runThread('yes');
    expect(dropped).toMatchObject({ CapBnd: all, CapEff: none, CapPrm: none, NoNewPrivs: '1' });
    expect(dropped['Uid']).toBe(`${id}\t${id}\t${id}\t${id}`);
    const kept = await runThread('no');
    expect(kept).toMatchObject({ CapBnd: all, CapEff: all, NoNewPrivs: '0' });
    expect(kept['Uid']).toBe(`${id}\t0\t0\t0`);
  },
);
