// world.test.ts: what a worker is and has, read from outside: of a start by root and by a user.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { addonPath, verifierBundle, workerBundle } from '../../src/paths.ts';
import { type Facts, fieldsOf, filesOf, readFacts } from '../support/facts.ts';
import { type Server, startServer } from '../support/server.ts';
import { packSite } from '../support/site.ts';
import {
  NOBODY,
  asOrdinary,
  fetchInside,
  inOwnNetwork,
  isRoot,
  openToAll,
  ordinaryId,
} from '../support/starts.ts';
import { exchange, get } from '../support/wire.ts';

const site = await packSite({ 'index.html': '<p>root' });
openToAll(dirname(site.archive), site.archive);

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'uts'];
const NO_CAPABILITY = ['0000000000000000'];

interface Way {
  readonly who: string;
  readonly wrapper: readonly string[];
  readonly id: number;
  readonly namespaces: readonly string[];
}

const ordinary: Way = {
  who: 'an ordinary user',
  wrapper: asOrdinary,
  id: ordinaryId,
  namespaces: [...NAMESPACES, 'user'].sort(),
};
const root: Way = { who: 'root', wrapper: [], id: NOBODY, namespaces: NAMESPACES };
const ways = isRoot ? [root, ordinary] : [ordinary];

function start(way: Way, ...args: readonly string[]): Promise<Server> {
  return startServer(site.archive, ['--sandbox', 'require', ...args], { wrapper: way.wrapper });
}

function spawnerOf(server: Server): number {
  const status = fieldsOf(readFileSync(`/proc/${server.workers()[0]}/status`, 'utf8'));
  return Number(status['PPid']);
}

const OURS = [addonPath('wall'), workerBundle, verifierBundle];

/** What does not differ between a worker and the one in its place: connections come and go. */
function lasting(facts: Facts): unknown {
  const kept = [...facts.descriptors].filter(([, kind]) => kind !== 'socket');
  return { ...facts, descriptors: kept.sort(([a], [b]) => a - b) };
}

function expectWorld(facts: Facts, files: readonly string[]): void {
  expect(files).toEqual(expect.arrayContaining([process.execPath, ...OURS]));
  expect(files.length).toBeLessThan(16);
  expect(files.filter((file) => !/\.so(\.[\d.]+|\.cache)?$/.test(file)).sort()).toEqual(
    [process.execPath, ...OURS].sort(),
  );
  expect([...facts.mounts.keys()].sort()).toEqual(['/', ...files].sort());
  for (const [place, mount] of facts.mounts) {
    expect(`${place} ${mount}`).toMatch(place === '/' ? /^\/ tmpfs ro,/ : / ro,nosuid,nodev/);
  }
}

function expectLimits(facts: Facts): void {
  for (const name of ['Max file size', 'Max core file size', 'Max locked memory']) {
    expect([name, facts.limits.get(name)]).toEqual([name, '0 0']);
  }
  expect(Number(facts.limits.get('Max open files')!.split(' ')[1])).toBeLessThanOrEqual(436);
}

test.each(ways)('a worker started by $who is nobody, nowhere, and alone', async (way) => {
  const server = await start(way, '--max-connections', '100');
  const facts = readFacts(server.workers()[0]!);
  const four = Array.from({ length: 4 }, () => way.id).join('\t');
  expect([facts.uids, facts.gids, facts.groups]).toEqual([[four], [four], '']);
  expect([facts.capabilities, facts.noNewPrivs]).toEqual([NO_CAPABILITY, ['1']]);
  expect([facts.ownNamespaces, facts.innerPid]).toEqual([way.namespaces, 1]);
  expect(facts.interfaces.map((line) => line.trim().split(/\s+/).slice(0, 2))).toEqual([
    ['lo:', '0'],
  ]);
  expect(facts.environment).toEqual(['MALLOC_ARENA_MAX=1', 'TZ=UTC']);
  expectWorld(facts, filesOf(server.workers()[0]!));
  expectLimits(facts);
  expect((await exchange(server.port, get('/'))).body.toString()).toBe('<p>root');
  expect(server.startLine).toContain('workers sandboxed');
  await server.stop();
});

test.each(ways)('a worker started by $who has the descriptors it was given', async (way) => {
  const server = await start(way);
  const { descriptors } = readFacts(server.workers()[0]!);
  expect([0, 1].map((number) => descriptors.get(number))).toEqual(['/dev/null', '/dev/null']);
  expect([2, 3].map((number) => descriptors.get(number))).toEqual(['pipe', 'socket']);
  const kinds = new Set(descriptors.values());
  const known = ['/dev/null', 'pipe', 'socket', 'anon_inode', '/memfd'];
  expect([...kinds].filter((kind) => !known.some((name) => kind.startsWith(name)))).toEqual([]);
  const sockets = [...descriptors.values()].filter((kind) => kind === 'socket');
  expect(sockets.length).toBeLessThanOrEqual(3);
  await server.stop();
});

test.each(ways)('the one in place of a dead worker, started by $who, is as it was', async (way) => {
  const server = await start(way);
  const [first] = server.workers();
  const files = filesOf(first!);
  expect((await exchange(server.port, get('/'))).status).toBe(200);
  const before = readFacts(first!);
  process.kill(first!, 'SIGKILL');
  const last = performance.now() + 8_000;
  const isThere = (): boolean => server.workers().some((pid) => pid !== first);
  while (!/replaced/.test(server.stderr()) && performance.now() < last) await sleep(20);
  expect(isThere()).toBe(true);
  expect((await exchange(server.port, get('/'))).status).toBe(200);
  expect(lasting(readFacts(server.workers()[0]!))).toEqual(lasting(before));
  expect(filesOf(server.workers()[0]!)).toEqual(files);
  await server.stop();
});

test.each(isRoot ? [root] : [])('root binds port 80 and is $who no more', async () => {
  const server = await startServer(site.archive, ['--listen', '127.0.0.1:80'], {
    wrapper: inOwnNetwork,
  });
  expect(await fetchInside(server.pid, 'http://127.0.0.1/')).toBe('<p>root');
  const facts = readFacts(server.pid);
  const four = Array.from({ length: 4 }, () => NOBODY).join('\t');
  expect([facts.uids, facts.gids, facts.groups]).toEqual([[four], [four], '']);
  expect(facts.noNewPrivs).toEqual(['1']);
  const status = fieldsOf(readFileSync(`/proc/${server.pid}/status`, 'utf8'));
  const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => status[name]);
  expect(new Set(sets)).toEqual(new Set(NO_CAPABILITY));
  await server.stop();
});

test.each(isRoot ? [root] : [])('the spawner started by $who keeps six capabilities', async () => {
  const server = await start(root);
  const status = fieldsOf(readFileSync(`/proc/${spawnerOf(server)}/status`, 'utf8'));
  // DAC_READ_SEARCH 2, KILL 5, SETGID 6, SETUID 7, SETPCAP 8, SYS_ADMIN 21.
  const kept = '00000000002001e4';
  const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => status[name]);
  expect(sets).toEqual([NO_CAPABILITY[0], kept, kept, kept, NO_CAPABILITY[0]]);
  expect([status['NoNewPrivs'], status['Threads'], status['Seccomp']]).toEqual(['1', '1', '2']);
  expect(readFileSync(`/proc/${spawnerOf(server)}/environ`, 'utf8')).toBe('');
  await server.stop();
});

test.each(isRoot ? [root] : [])('--user names who serves when $who starts', async (way) => {
  const server = await start(way, '--user', '41002:41003');
  const facts = readFacts(server.workers()[0]!);
  const four = (id: string): string => Array.from({ length: 4 }, () => id).join('\t');
  expect([facts.uids, facts.gids]).toEqual([[four('41002')], [four('41003')]]);
  await server.stop();
});
