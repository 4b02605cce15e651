// locked.ts: starts a worker that does what it must not, at any level, and tells how it ended.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { FixedOrders, Lockdown } from '../../src/boot/orders.ts';
import { WORKER, workerFlags } from '../../src/boot/orders.ts';
import { EXIT } from '../../src/errors.ts';
import { loadWall } from '../../src/native.ts';
import { readStatus } from '../../src/ops/status.ts';
import { addonPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { buildBundle, buildSyscallAddon } from '../support/native.ts';
import { LOAD_PLAIN, ordersWith } from '../support/orders.ts';
import { packSite, temporaryFolder } from '../support/site.ts';
import { FAILED, WORKED } from './outcome.ts';

export type Level = Lockdown | 'off';

const wall = loadWall(addonPath('wall'));
const folder = temporaryFolder();
const bundle = await buildBundle('test/sandbox/moves_worker.ts', folder);
const addon = buildSyscallAddon(folder);
const site = await packSite({ 'index.html': '<p>root' });
const file = openSync(site.archive, 'r');
const archive = await wall.sealFile(file);
closeSync(file);
const listener = wall.listenTcp('127.0.0.1', 0, false, 16);
onEnd(() => [archive, listener].forEach((descriptor) => wall.closeDescriptor(descriptor)));

function ordersFor(level: Level): FixedOrders {
  return ordersWith({
    sandbox: level === 'off' ? 'off' : 'auto',
    lockdown: level === 'jitless' ? 'jitless' : 'standard',
  });
}

/**
 * 'worked', 'failed: ' and the errno, 'refused' and the call's name, a signal, or an exit code.
 */
export async function tryMove(name: string, level: Level, role = WORKER): Promise<string> {
  const status = wall.createStatus();
  const journal = wall.createJournal(0);
  const orders = ordersFor(level);
  const args = [...workerFlags(orders.lockdown), bundle, JSON.stringify(orders)];
  const child = spawn(process.execPath, [...args, String(role), addon, name], {
    env: { MALLOC_ARENA_MAX: '1', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe', archive, status, journal, listener],
    timeout: 20_000,
  });
  for (const end of child.stdio) end?.on('error', () => undefined);
  if (role === WORKER) (child.stdio[3] as Writable).write(LOAD_PLAIN);
  const [code, signal] = await new Promise<readonly [number | null, string | null]>((resolve) =>
    child.once('exit', (...ended) => resolve(ended)),
  );
  const said = readStatus(status, (number) => wall.callName(number));
  wall.closeDescriptor(status);
  wall.closeDescriptor(journal);
  if (code === WORKED) return 'worked';
  if (code === FAILED) return `failed: ${said}`;
  if (code === EXIT.bug) return /refused system call \w+/.exec(said ?? '')?.[0] ?? `bug: ${said}`;
  return signal ?? `exit code ${code}`;
}
