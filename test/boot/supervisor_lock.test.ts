// supervisor_lock.test.ts: what is found out before the supervisor's filter, and its refusal.
import { expect, test } from 'vitest';
import type { Block } from '../../src/boot/rules.ts';
import { factsOf } from '../../src/boot/supervisor_lock.ts';
import { EXIT } from '../../src/errors.ts';
import { type WallAddon, loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { program } from '../support/server.ts';
import { packSite, runCommand } from '../support/site.ts';

const wall = loadWall(addonPath('wall'));
const has = (blocks: readonly Block[], number: bigint): boolean =>
  blocks.some(({ mask, value }) => (number & mask) === value);

test('this process, that socket, and the code range of V8', () => {
  const facts = factsOf(wall, 19, { admin: 20, logsToFile: true });
  const { start, bytes } = wall.codeRange();
  expect(has(facts['own process'], BigInt(process.pid))).toBe(true);
  expect(has(facts['own process'], BigInt(process.pid + 1))).toBe(false);
  expect([18n, 19n].map((at) => has(facts['socket of the spawner'], at))).toEqual([false, true]);
  expect(has(facts['folder of --access-log'], 0xffff_ff9cn)).toBe(true);
  expect(factsOf(wall, 19, { admin: 20, logsToFile: false })['folder of --access-log']).toEqual([]);
  const ends = [start - 1n, start, start + bytes - 1n];
  expect(ends.map((at) => has(facts['code range'], at))).toEqual([false, true, false]);
});

test('where V8 does not tell its range, code may lie anywhere', () => {
  const silent = { codeRange: () => ({ start: 0n, bytes: 0n }) } as WallAddon;
  const options = { admin: undefined, logsToFile: false };
  const { 'code range': range } = factsOf(silent, 19, options);
  expect([0n, 1n << 46n, 1n << 47n].map((at) => has(range, at))).toEqual([true, true, false]);
});

test.each([
  ['error=EINVAL', 'no_new_privs cannot be carried into every thread: seccomp gave EINVAL'],
  ['error=EINVAL:when=2+', 'the system call filter of the supervisor was refused: EINVAL: seccomp'],
  ['retval=0:when=11', 'the system call filter of the supervisor was refused: '],
])('a kernel that answers seccomp with %s is exit 4: %s', async (fault, words) => {
  const { archive } = await packSite({ a: 'a' });
  const strace = ['-f', '-o', '/dev/null', '-e', 'trace=seccomp', '-e', `inject=seccomp:${fault}`];
  const server = [process.execPath, program, archive, '--listen', '127.0.0.1:0', '--workers', '1'];
  const ended = await runCommand('strace', [...strace, ...server], { timeout: 20_000 });
  expect(ended.stderr).toContain(`cdbserve: ${words}`);
  expect(ended.stderr).toMatch(/CONFIG_SECCOMP_FILTER.*--sandbox off\.$/m);
  expect(ended.code).toBe(EXIT.sandboxUnavailable);
});
