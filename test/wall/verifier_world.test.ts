// verifier_world.test.ts: what whoever verifies an archive is and has, as the kernel tells of it,
// in the middle of its work.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WORKER_FILTERS } from '../../src/ops/readback.ts';
import { type Facts, fieldsOf, filesOf, readFacts } from '../support/facts.ts';
import { type Server, startServer } from '../support/server.ts';
import { noise, packSite } from '../support/site.ts';
import { asOrdinary, isRoot } from '../support/starts.ts';

/** So large that there is time to look. */
const site = await packSite({ 'large.bin': noise(150_000_000, 1) });
const ways = [
  ...(isRoot ? [{ who: 'root', wrapper: [] as readonly string[] }] : []),
  { who: 'an ordinary user', wrapper: asOrdinary },
];

/** That of the spawner, and its own. */
const FILTERS = WORKER_FILTERS - 1;

function filtersOf(pid: number): number {
  try {
    const status = fieldsOf(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(status['Seccomp_filters']);
  } catch {
    return 0;
  }
}

/** Stopped behind its lock. */
async function findVerifier(server: Server, known: readonly number[]): Promise<number> {
  const last = performance.now() + 20_000;
  while (performance.now() < last) {
    const pid = server.workers().find((one) => !known.includes(one));
    if (pid !== undefined && filtersOf(pid) === FILTERS) {
      process.kill(pid, 'SIGSTOP');
      return pid;
    }
    await sleep(1);
  }
  throw new Error('nobody verifies');
}

const SAME = ['uids', 'gids', 'groups', 'capabilities', 'noNewPrivs', 'environment'] as const;
const alike = (facts: Facts): unknown => [
  ...SAME.map((name) => facts[name]),
  ['Max file size', 'Max processes', 'Max open files'].map((name) => facts.limits.get(name)),
  facts.ownNamespaces,
  facts.innerPid,
  [...facts.mounts.keys()].sort(),
];

test.each(ways)('started by $who it is walled in as a worker, and has less', async (way) => {
  const server = await startServer(site.archive, [], { wrapper: way.wrapper });
  const [worker] = server.workers();
  server.signal('SIGHUP');
  const verifier = await findVerifier(server, [worker!]);
  const facts = readFacts(verifier);
  expect(alike(facts)).toEqual(alike(readFacts(worker!)));
  expect(filesOf(verifier)).toEqual(filesOf(worker!));
  const kinds = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => facts.descriptors.get(number));
  const archive = kinds[5];
  expect(archive).toMatch(/^\/memfd:archive/);
  const given = ['/dev/null', '/dev/null', 'pipe', 'socket', 'socket'];
  expect(kinds).toEqual([...given, archive, kinds[6], archive]);
  expect(kinds[6]).toMatch(/^\/memfd:status/);
  process.kill(verifier, 'SIGCONT');
  const last = performance.now() + 30_000;
  while (!server.stdout().includes('cdbserve reloaded: ') && performance.now() < last) {
    await sleep(10);
  }
  expect(server.stdout()).toContain('cdbserve reloaded: ');
  await server.stop();
  expect(server.stderr()).toBe('');
});
