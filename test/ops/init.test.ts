// init.test.ts: the service as process 1 of a process namespace of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { descendantsOf, nameOf } from '../support/proc.ts';
import { type Server, startServer } from '../support/server.ts';
import { packSite, runCommand } from '../support/site.ts';
import { isRoot } from '../support/starts.ts';
import { exchange, get } from '../support/wire.ts';

const { archive } = await packSite({ 'index.html': 'home\n' });
const ofMine = isRoot ? [] : ['--user', '--map-current-user'];
const wrapper = ['unshare', ...ofMine, '--pid', '--fork', '--mount-proc'];

async function until(done: () => boolean): Promise<void> {
  const last = performance.now() + 20_000;
  while (!done()) {
    if (performance.now() > last) throw new Error('not so after 20 s');
    await sleep(10);
  }
}

/** The number of process 1 out here. It outlives unshare, whose death it hears of no more. */
function innerOf({ pid }: Pick<Server, 'pid'>): number {
  const inner = descendantsOf(pid)[0]!;
  const line = commandOf(inner);
  onEnd(() => {
    if (line !== '' && commandOf(inner) === line) process.kill(inner, 'SIGKILL');
  });
  return inner;
}

/** '': it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Leaves that many processes without a parent in the namespace of another one. */
async function abandon(pid: number, count: number): Promise<void> {
  const entering = ['--target', `${pid}`, ...(isRoot ? [] : ['--user']), '--pid', '--mount'];
  const script = `for n in $(seq ${count}); do sleep 3 > /dev/null 2>&1 & done`;
  const ended = await runCommand('nsenter', [...entering, 'sh', '-c', script]);
  expect([ended.code, ended.stderr]).toEqual([0, '']);
}

function sleepersBelow(pid: number): number[] {
  return descendantsOf(pid).filter((child) => existsSync(`/proc/${child}`) && isSleeper(child));
}

function isSleeper(pid: number): boolean {
  try {
    return nameOf(pid) === 'sleep';
  } catch {
    return false;
  }
}

test('it serves, buries orphans, replaces a worker, and drains', async () => {
  const server = await startServer(archive, [], { wrapper });
  const inner = innerOf(server);
  await abandon(inner, 20);
  await until(() => sleepersBelow(inner).length > 0);
  const orphans = sleepersBelow(inner);
  process.kill(server.workers()[0]!, 'SIGKILL');
  await until(() => server.stderr().includes(' replaced (pid '));
  await until(() => !orphans.some((pid) => existsSync(`/proc/${pid}`)));
  expect((await exchange(server.port, get('/'))).body.toString()).toBe('home\n');
  for (const name of ['SIGUSR1', 'SIGCHLD', 'SIGPIPE'] as const) process.kill(inner, name);
  expect((await exchange(server.port, get('/'))).status).toBe(200);
  process.kill(inner, 'SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test('it ends at once by SIGINT, and the death of its spawner is not missed', async () => {
  const server = await startServer(archive, [], { wrapper });
  process.kill(innerOf(server), 'SIGINT');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  const other = await startServer(archive, [], { wrapper });
  const inner = innerOf(other);
  await abandon(inner, 20);
  process.kill(
    descendantsOf(inner).find((pid) => nameOf(pid) === 'spawner')!,
    'SIGKILL',
  );
  expect(await other.exited).toEqual({ code: 1, signal: null });
  expect(other.stderr()).toContain('ended: signal SIGKILL. Its workers ended with it.');
});

test('a signal that comes before anybody obeys it is kept', async () => {
  const script = `
    import { keepSignals } from ${JSON.stringify(join(packageRoot, 'dist/src/ops/init.js'))};
    keepSignals();
    console.log('kept');
    const end = performance.now() + 1_000;
    while (performance.now() < end);
    process.on('SIGTERM', () => process.exit(7));
    setTimeout(() => process.exit(8), 10_000);`;
  const node = [process.execPath, '--input-type=module', '--eval', script];
  const child = spawn(wrapper[0]!, [...wrapper.slice(1), ...node], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onEnd(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  process.kill(innerOf({ pid: child.pid! }), 'SIGTERM');
  expect(await once(child, 'exit')).toEqual([7, null]);
});
