// spawner_filter.test.ts: every call of the spawner's table, under its filter and without, and what
// a spawner does that gets no filter.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { loadWall } from '../../src/native.ts';
import { addonPath, packageRoot, spawnerPath } from '../../src/paths.ts';
import { Spawner, type SpawnerPlan } from '../../src/ops/spawner.ts';
import { record } from '../support/ledger.ts';
import { buildBundle, buildSyscallAddon } from '../support/native.ts';
import { runCommand, temporaryFolder } from '../support/site.ts';
import { asOrdinary, ordinaryId } from '../support/starts.ts';
import type { Words } from './taken_supervisor.ts';

const folder = temporaryFolder();
chmodSync(folder, 0o755);
const bundle = await buildBundle('test/wall/taken_supervisor.ts', folder);
const addon = buildSyscallAddon(folder);
const wall = loadWall(addonPath('wall'));
const native = join(packageRoot, 'native');
const source = join(native, 'spawner', 'filter.c');
const filtered = join(folder, 'filtered');
const sources = [join(native, 'test', 'filtered.c'), source];
execFileSync('cc', ['-D_GNU_SOURCE', '-O1', ...sources, '-o', filtered]);

const ENOSYS = -38;
const NUMBERS = Array.from({ length: 500 }, (_, number) => number);
const numberOf = new Map(NUMBERS.map((number) => [wall.callName(number), number]));
const table = /REFUSED\[\] = \{([^}]+)\}/.exec(readFileSync(source, 'utf8'))![1]!;
const names = [...table.matchAll(/\bSYS_(\w+)/g)].map(([, name]) => name!);
/** Nothing but a look at a process that is not there; all others do no harm with zeros. */
const PTRACE = [0x4206, 0x3fff_ffff, 0, 0];
const words = names.map((name): Words => [
  numberOf.get(name)!,
  ...(name === 'ptrace' ? PTRACE : []),
]);
const X32 = 0x4000_0000;

async function resultsOf(wrapper: readonly string[], list: readonly Words[]) {
  const program = [bundle, addonPath('wall'), addon, 'free', JSON.stringify(list)];
  const [command, ...rest] = [...asOrdinary, ...wrapper, process.execPath, ...program];
  return runCommand(command!, rest, { timeout: 20_000 });
}

test('every call of the table is refused under the filter, and most are there without', async () => {
  const { said } = JSON.parse((await resultsOf([filtered], words)).stdout) as { said: number[] };
  expect(names.filter((_, at) => said[at] !== ENOSYS)).toEqual([]);
  const free = JSON.parse((await resultsOf([], words)).stdout) as { said: number[] };
  const absent = names.filter((_, at) => free.said[at] === ENOSYS);
  expect([names.length > 50, absent.length < 10]).toEqual([true, true]);
  record('calls that the spawner refuses itself', { calls: names.length, absent: absent.length });
});

test("another architecture's entry ends the process", async () => {
  const getpid: Words = [X32 + numberOf.get('getpid')!];
  expect((await resultsOf([filtered], [getpid])).code).toBe(null);
  expect(JSON.parse((await resultsOf([], [getpid])).stdout)).toMatchObject({
    said: [expect.any(Number) as number],
  });
});

function planThrough(injection: string): SpawnerPlan {
  const path = join(folder, `spawner-${injection.replaceAll(/\W/g, '-')}`);
  const strace = `strace -qq -o /dev/null -e inject=${injection}`;
  writeFileSync(path, `#!/bin/sh\nexec ${asOrdinary.join(' ')} ${strace} ${spawnerPath} "$@"\n`);
  chmodSync(path, 0o755);
  return {
    path,
    mode: 'auto',
    uid: ordinaryId,
    gid: ordinaryId,
    descriptorsMax: 100,
    dataBytesMax: 1 << 30,
    inherited: 1,
    files: [],
    command: ['/bin/true'],
  };
}

test.each([
  ['seccomp:error=EINVAL', 'EINVAL'],
  ['seccomp:retval=0', 'EPERM'],
])('%s: there is no spawner, and it says why: %s', async (injection, code) => {
  const spawner = new Spawner(wall, planThrough(injection));
  await expect(spawner.lost).rejects.toMatchObject({
    exitCode: EXIT.sandboxUnavailable,
    message: expect.stringContaining(`filter of the spawner was refused: ${code}. `) as string,
  });
});
