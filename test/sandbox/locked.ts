// locked.ts: starts a worker that does what it must not, at any level, and tells how it ended.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { findHeaders } from '../../scripts/headers.mjs';
import type { Lockdown, WorkerOrders } from '../../src/boot/orders.ts';
import { workerFlags } from '../../src/boot/orders.ts';
import { EXIT } from '../../src/errors.ts';
import { loadWall } from '../../src/native.ts';
import { readStatus } from '../../src/ops/status.ts';
import { addonPath, packageRoot } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { packSite, temporaryFolder } from '../support/site.ts';
import { FAILED, WORKED } from './outcome.ts';

export type Level = Lockdown | 'off';

const wall = loadWall(addonPath('wall'));
const folder = temporaryFolder();
const bundle = join(folder, 'moves_worker.cjs');
const addon = join(folder, 'syscall.node');
const site = await packSite({ 'index.html': '<p>root' });
const file = openSync(site.archive, 'r');
const archive = wall.sealFile(file);
closeSync(file);
const listener = wall.listenTcp('127.0.0.1', 0, false, 16);
onEnd(() => [archive, listener].forEach((descriptor) => wall.closeDescriptor(descriptor)));

await build({
  absWorkingDir: packageRoot,
  entryPoints: ['test/sandbox/moves_worker.ts'],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
});
const include = join(findHeaders() ?? '/usr', 'include', 'node');
const source = join(packageRoot, 'native', 'test', 'syscall_binding.cc');
execFileSync('g++', ['-shared', '-fPIC', '-O1', '-I', include, source, '-o', addon]);

function ordersFor(level: Level): WorkerOrders {
  return {
    addon: addonPath('wall'),
    sandbox: level === 'off' ? 'off' : 'auto',
    lockdown: level === 'jitless' ? 'jitless' : 'standard',
    controlDescriptor: 3,
    bootDescriptor: 4,
    archiveDescriptor: 5,
    statusDescriptor: 6,
    listeners: [7],
    connectionsMax: 20,
    headerTimeoutMs: 5_000,
    idleTimeoutMs: 5_000,
    writeTimeoutMs: 5_000,
    drainTimeoutMs: 2_000,
    hosts: false,
    defaultSite: true,
    rewrites: false,
    heapReport: false,
    selfReport: false,
  };
}

/**
 * 'worked', 'failed: ' and the errno, 'refused' and the call's name, a signal, or an exit code.
 */
export async function tryMove(name: string, level: Level): Promise<string> {
  const status = wall.createStatus();
  const orders = ordersFor(level);
  const args = [...workerFlags(orders.lockdown), bundle, JSON.stringify(orders), addon, name];
  const child = spawn(process.execPath, args, {
    env: { MALLOC_ARENA_MAX: '1', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe', archive, status, listener],
    timeout: 20_000,
  });
  for (const end of child.stdio) end?.on('error', () => undefined);
  const [code, signal] = await new Promise<readonly [number | null, string | null]>((resolve) =>
    child.once('exit', (...ended) => resolve(ended)),
  );
  const said = readStatus(status, (number) => wall.callName(number));
  wall.closeDescriptor(status);
  if (code === WORKED) return 'worked';
  if (code === FAILED) return `failed: ${said}`;
  if (code === EXIT.bug) return /refused system call \w+/.exec(said ?? '')?.[0] ?? `bug: ${said}`;
  return signal ?? `exit code ${code}`;
}
