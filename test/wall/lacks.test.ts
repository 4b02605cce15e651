// lacks.test.ts: where the machine gives less: what is served with, what is said, what is refused.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fieldsOf, readFacts } from '../support/facts.ts';
import { installAt } from '../support/install.ts';
import { program, startServer } from '../support/server.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import {
  NOBODY,
  isRoot,
  openToAll,
  ordinaryId,
  withoutCapability,
  withoutNamespace,
} from '../support/starts.ts';
import { exchange, get } from '../support/wire.ts';

const site = await packSite({ 'index.html': '<p>root' });
openToAll(dirname(site.archive), site.archive);

interface Poor {
  readonly what: string;
  readonly wrapper: readonly string[];
  readonly id: number;
  readonly missing: RegExp;
}

const noUserNamespaces: Poor = {
  what: 'user namespaces are forbidden',
  wrapper: withoutNamespace('user'),
  id: ordinaryId,
  missing: /workers without user namespace, mount .*cgroup namespace, read-only root, .*\(ENOSPC: /,
};
const noAdmin: Poor = {
  what: 'root has no CAP_SYS_ADMIN, as in a container',
  wrapper: withoutCapability('sys_admin'),
  id: NOBODY,
  missing: /workers without mount namespace, .*cgroup namespace, read-only root \(EPERM: /,
};
const noMounts: Poor = {
  what: 'there is no room for a mount namespace',
  wrapper: withoutNamespace('mnt'),
  id: ordinaryId,
  missing: /workers without mount namespace, read-only root \(ENOSPC: [^)]*\),/,
};
const poor: readonly Poor[] = [noUserNamespaces, noMounts, ...(isRoot ? [noAdmin] : [])];

function start(...args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const [command, ...rest] = [...args, '--listen', '127.0.0.1:0', '--workers', '1'];
  return runCommand(command!, rest, { timeout: 10_000 });
}

test.each(poor)('where $what it serves with what is left and says so', async (way) => {
  const server = await startServer(site.archive, [], { wrapper: way.wrapper });
  expect(server.startLine).toMatch(way.missing);
  expect((await exchange(server.port, get('/'))).body.toString()).toBe('<p>root');
  const facts = readFacts(server.workers()[0]!);
  const four = Array.from({ length: 4 }, () => way.id).join('\t');
  expect([facts.uids, facts.noNewPrivs, facts.groups]).toEqual([[four], ['1'], '']);
  expect(facts.limits.get('Max file size')).toBe('0 0');
  expect(facts.environment).toEqual(['MALLOC_ARENA_MAX=1', 'TZ=UTC']);
  await server.stop();
});

test.each(poor)('where $what --sandbox require is exit 4, with cause and remedy', async (way) => {
  const all = [...way.wrapper, process.execPath, program, site.archive, '--sandbox', 'require'];
  const ended = await start(...all);
  expect(ended.stderr).toMatch(/cannot be protected as it must be\. Missing: .*mount namespace/);
  expect(ended.stderr).toMatch(/Likely cause: .+ Remedy: .+/);
  expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  expect(ended.code).toBe(4);
});

test.each(isRoot ? ['setuid', 'setgid'] : [])('root without CAP_%s is exit 4', async (name) => {
  const all = [...withoutCapability(name), process.execPath, program, site.archive];
  const ended = await start(...all);
  expect(ended.stderr).toMatch(/cannot become user 65534 .* for good: set\w+ gave EPERM/);
  expect(ended.code).toBe(4);
});

test('--sandbox off says so, and nobody is confined', async () => {
  const server = await startServer(site.archive, ['--sandbox', 'off']);
  expect(server.startLine).toContain('workers NOT SANDBOXED (--sandbox off)');
  const facts = readFacts(server.workers()[0]!);
  expect([facts.ownNamespaces, facts.noNewPrivs]).toEqual([[], ['0']]);
  await server.stop();
});

test.each(isRoot ? [0o700] : [])('all below a home of mode %s, root serves it', async (mode) => {
  const home = temporaryFolder();
  const installed = installAt(join(home, 'install'));
  chmodSync(home, mode);
  execFileSync('chown', ['-R', '41004', home]);
  const server = await startServer(site.archive, ['--sandbox', 'require'], installed);
  expect((await exchange(server.port, get('/'))).body.toString()).toBe('<p>root');
  await server.stop();
});

test('without its spawner a service ends, and its workers with it', async () => {
  const server = await startServer(site.archive, [], { workers: 2 });
  const workers = server.workers();
  const status = fieldsOf(readFileSync(`/proc/${workers[0]}/status`, 'utf8'));
  process.kill(Number(status['PPid']), 'SIGKILL');
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(server.stderr()).toMatch(
    /^cdbserve: the spawner \(pid \d+\) ended: signal SIGKILL\..*\n$/,
  );
  const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
  for (let wait = 0; wait < 100 && workers.some(isAlive); wait++) await sleep(20);
  expect(workers.filter(isAlive)).toEqual([]);
});
