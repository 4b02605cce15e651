// lock.test.ts: what a lock finds out before, and what an operator reads when it is refused.
import { expect, test } from 'vitest';
import { findFacts } from '../../src/boot/lock.ts';
import type { FixedOrders } from '../../src/boot/orders.ts';
import type { Block } from '../../src/boot/rules.ts';
import { EXIT } from '../../src/errors.ts';
import { loadWall } from '../../src/native.ts';
import type { Ring } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { ordersWith } from '../support/orders.ts';
import { program } from '../support/server.ts';
import { packSite, runCommand } from '../support/site.ts';

const wall = loadWall(addonPath('wall'));
const orders = ordersWith({ listeners: [6], adoptable: [[7, 8], [9]] });
const ring = { epoll: () => 500 } as Ring;
const has = (blocks: readonly Block[], number: bigint): boolean =>
  blocks.some(({ mask, value }) => (number & mask) === value);

test("the code range is this process's, and ends a change of protection early", () => {
  const facts = findFacts(wall, ring, orders as FixedOrders);
  const { start, bytes } = wall.codeRange();
  const windows = facts['code range'];
  const last = start + bytes - (1n << 20n) - 1n;
  expect(bytes).toBeGreaterThan(1n << 27n);
  expect([start - 1n, start, last, last + 1n].map((at) => has(windows, at))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(windows.length).toBeLessThan(40);
});

test("listeners are its own, and its neighbours' as well", () => {
  const { listeners } = findFacts(wall, ring, orders as FixedOrders);
  expect([5n, 6n, 7n, 8n, 9n, 10n].map((number) => has(listeners, number))).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
});

test('without a compiler there is no window', () => {
  const jitless = { ...orders, lockdown: 'jitless' } as FixedOrders;
  expect(findFacts(wall, ring, jitless)['code range']).toEqual([]);
});

test('a kernel that refuses the filter ends the start with what, why and remedy', async () => {
  const { archive } = await packSite({ a: 'a' });
  // After nine questions of libseccomp, which the supervisor's tenth call is one of. Whoever
  // verifies the archive is the first to be refused.
  const fault = 'inject=seccomp:error=EINVAL:when=10';
  const refuse = ['strace', '-f', '-o', '/dev/null', '-e', fault];
  const server = [process.execPath, program, archive, '--listen', '127.0.0.1:0', '--workers', '1'];
  const [command, ...rest] = [...refuse, ...server];
  const ended = await runCommand(command!, rest, { timeout: 20_000 });
  const said =
    'a worker is not protected: the system call filter of stage verify was refused: EINVAL';
  expect(ended.stderr).toContain(`cdbserve: ${said}`);
  expect(ended.stderr).toMatch(/CONFIG_SECCOMP_FILTER.*--sandbox off\.$/m);
  expect(ended.code).toBe(EXIT.sandboxUnavailable);
});
