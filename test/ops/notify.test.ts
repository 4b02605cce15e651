// notify.test.ts: what a service manager hears, at a path and at an abstract name.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadWall } from '../../src/native.ts';
import { Notifier, readManager } from '../../src/ops/notify.ts';
import { addonPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { keptLog } from '../support/kept_log.ts';
import { openManager } from '../support/manager.ts';

const wall = loadWall(addonPath('wall'));

function notifierOf(address: string | undefined) {
  const warnings: string[] = [];
  const keep = (line: string): void => void warnings.push(line);
  const manager = { address, watchdogMs: undefined };
  return { notifier: new Notifier(wall, manager, keptLog(keep)), warnings };
}

test.each(['a path', 'an abstract name'])(
  'at %s it is told each state in one message',
  async (at) => {
    const manager = await openManager(at === 'a path' ? 'path' : 'abstract');
    const { notifier, warnings } = notifierOf(manager.address);
    notifier.ready('serving\nREADY=0');
    notifier.reloading(true);
    notifier.reloading(false);
    notifier.alive();
    notifier.stopping('draining');
    await manager.until((messages) => messages.length === 5);
    const now = Number(process.hrtime.bigint() / 1_000n);
    const [, began] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)\nSTATUS=reloading$/.exec(
      manager.messages[1]!,
    )!;
    expect(Number(began)).toBeGreaterThan(now - 30_000_000);
    expect(Number(began)).toBeLessThanOrEqual(now);
    const serving = 'READY=1\nSTATUS=serving?READY=0';
    expect(manager.messages.toSpliced(1, 1)).toEqual([
      serving,
      serving,
      'WATCHDOG=1',
      'STOPPING=1\nSTATUS=draining',
    ]);
    expect(warnings).toEqual([]);
  },
);

test('a reload before it is ready, or after the end has begun, is not told', async () => {
  const manager = await openManager('path');
  const { notifier } = notifierOf(manager.address);
  notifier.reloading(true);
  notifier.ready('a');
  notifier.stopping('b');
  notifier.reloading(false);
  notifier.alive();
  await manager.until((messages) => messages.includes('WATCHDOG=1'));
  expect(manager.messages).toEqual(['READY=1\nSTATUS=a', 'STOPPING=1\nSTATUS=b', 'WATCHDOG=1']);
});

test('nobody below learns of it', () => {
  const names = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'];
  for (const name of names) process.env[name] = '1';
  notifierOf(undefined);
  expect(names.filter((name) => name in process.env)).toEqual([]);
});

test.each([
  ['/nowhere/at/all', 'ENOENT'],
  ['relative', 'EINVAL'],
  ['vsock:2:1234', 'EINVAL'],
  ['@', 'EINVAL'],
  ['/a\0b', 'EINVAL'],
  [`/${'a'.repeat(200)}`, 'ENAMETOOLONG'],
])('the address %j is one warning, and no more', (address, code) => {
  const { notifier, warnings } = notifierOf(address);
  notifier.ready('x');
  notifier.alive();
  expect(warnings).toEqual([expect.stringContaining(`(NOTIFY_SOCKET): ${code}. The service goes`)]);
});

test('a manager that goes away is one warning', async () => {
  const manager = await openManager('path');
  const { notifier, warnings } = notifierOf(manager.address);
  await manager.close();
  notifier.alive();
  notifier.alive();
  expect(warnings).toEqual([expect.stringContaining('ECONNREFUSED')]);
});

test('a manager that takes nothing holds nobody up for long', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cdbserve-notify-'));
  onEnd(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'socket');
  const code = `import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
time.sleep(60)`;
  const deaf = spawn('python3', ['-c', code, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onEnd(() => void deaf.kill());
  await once(deaf.stdout, 'data');
  const { notifier, warnings } = notifierOf(path);
  for (let message = 0; message < 2_000 && warnings.length === 0; message++) notifier.alive();
  expect(warnings).toEqual([expect.stringContaining('EAGAIN')]);
});

test.each([
  [{}, undefined],
  [{ WATCHDOG_USEC: '3000000' }, 3_000],
  [{ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '7' }, 3_000],
  [{ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '8' }, undefined],
  [{ WATCHDOG_USEC: '0' }, undefined],
  [{ WATCHDOG_USEC: '-1' }, undefined],
  [{ WATCHDOG_USEC: '1s' }, undefined],
] as const)('of %j the watchdog is %s', (environment, watchdogMs) => {
  expect(readManager(environment, 7)).toEqual({ address: undefined, watchdogMs });
});

test('an empty address is none', () => {
  expect(readManager({ NOTIFY_SOCKET: '' }, 7).address).toBeUndefined();
  expect(readManager({ NOTIFY_SOCKET: '@a' }, 7).address).toBe('@a');
});
