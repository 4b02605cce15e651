// readback.test.ts: a kernel that refuses a step, and one that says yes and does nothing.
//
// strace stands between the spawner and the kernel and answers a system call itself.
import { chmodSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WORKER_DATA_BYTES_MAX } from '../../src/limits.ts';
import { loadWall } from '../../src/native.ts';
import { Spawner } from '../../src/ops/spawner.ts';
import { addonPath, spawnerPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/site.ts';
import { NOBODY, asOrdinary, isRoot, ordinaryId } from '../support/starts.ts';

const wall = loadWall(addonPath('wall'));
const folder = temporaryFolder();
chmodSync(folder, 0o755);
const nothing = openSync('/dev/null', 'r');
onEnd(() => closeSync(nothing));
/** Below the folder where a new root is put together: what hides that hides it too. */
const script = join(folder, 'worker.sh');
writeFileSync(script, 'exit $1\n');

const SHELL = '/bin/sh';
const ALL_NAMESPACES = ['USER', 'MOUNT', 'NETWORK', 'PID', 'IPC', 'UTS', 'CGROUP'];

/** `injection` as strace(1), -e inject has it. */
function open(injection: string, mode: 'auto' | 'require'): Spawner {
  const wrapper = join(folder, `spawner-${injection.replaceAll(/\W/g, '-')}`);
  const [call] = injection.split(':');
  const strace = `strace -f -qq -o /dev/null -e trace=${call} -e inject=${injection}`;
  const groups = isRoot ? 'setpriv --groups 4,24' : asOrdinary.join(' ');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${groups} ${strace} ${spawnerPath} "$@"\n`);
  chmodSync(wrapper, 0o755);
  const id = isRoot ? NOBODY : ordinaryId;
  const spawner = new Spawner(wall, {
    path: wrapper,
    mode,
    uid: id,
    gid: id,
    descriptorsMax: 200,
    dataBytesMax: WORKER_DATA_BYTES_MAX,
    inherited: 1,
    files: [...wall.loadedFiles(), SHELL, script],
    command: [SHELL, script],
  });
  onEnd(() => spawner.close());
  return spawner;
}

async function lacksOf(injection: string): Promise<string[]> {
  const { lacks, ended } = await open(injection, 'auto').start(0, 1, [nothing]);
  expect(await ended).toBe('exit status 1');
  return lacks.map(({ step, code }) => `${step} ${code}`);
}

const namespaces = (code: string): string[] =>
  ALL_NAMESPACES.slice(isRoot ? 1 : 0).map((name) => `${name}_NAMESPACE ${code}`);
const withoutUser = isRoot ? [] : ['BOUNDING_SET EPERM', 'SECUREBITS EPERM'];

test.each([
  ['clone3:error=ENOSYS', [...namespaces('ENOSYS'), 'WORLD ENOSYS', ...withoutUser]],
  ['clone3:error=EPERM', [...namespaces('EPERM'), 'WORLD EPERM', ...withoutUser]],
  ['mount:error=EPERM', ['WORLD EPERM']],
  ['mount:error=EACCES:when=2', ['WORLD EACCES']],
  ['open_tree:error=ENOSYS', ['WORLD ENOSYS']],
  ['move_mount:error=EPERM:when=3', ['WORLD EPERM']],
  ['pivot_root:error=EINVAL', ['WORLD EINVAL']],
  ['landlock_create_ruleset:error=ENOSYS', ['LANDLOCK_FILES ENOSYS']],
  ['landlock_create_ruleset:error=EOPNOTSUPP', ['LANDLOCK_FILES ENOTSUP']],
])('%s: a worker starts without %j', async (injection, lacks) => {
  expect(await lacksOf(injection)).toEqual(lacks);
});

test('a mount that is not made, a filter that is not in force: seen, whatever was said', async () => {
  expect(await lacksOf('pivot_root:retval=0')).toEqual([expect.stringMatching(/^WORLD E/)]);
  const [files, ...others] = await lacksOf('landlock_restrict_self:retval=0');
  expect(files).toBe('LANDLOCK_FILES EPERM');
  expect(others.filter((lack) => !lack.startsWith('LANDLOCK_'))).toEqual([]);
});

const CORE: readonly (readonly [string, string])[] = [
  ['setresuid:error=EPERM', 'user: EPERM'],
  ['setresuid:retval=0', 'user: EPERM'],
  ['setresgid:error=EINVAL', 'group: EINVAL'],
  ['setresgid:retval=0', 'group: EPERM'],
  ['setgroups:error=EPERM', 'empty list of groups: EPERM'],
  ['setgroups:retval=0', 'empty list of groups: EPERM'],
  // The spawner itself has made two of these calls: its child's first three are counted anew.
  ['capset:retval=0:when=3+', 'empty capability sets: EPERM'],
];

test.each(isRoot ? CORE : [])('%s: no worker, whatever the mode: %s', async (injection, words) => {
  const started = open(injection, 'auto').start(0, 1, [nothing]);
  await expect(started).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining(words) as string,
  });
});

test('what is an extra of auto is a must of require', async () => {
  const started = open('pivot_root:error=EINVAL', 'require').start(0, 1, [nothing]);
  await expect(started).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(/Missing: read-only root: EINVAL\. Likely cause: /) as string,
  });
});
