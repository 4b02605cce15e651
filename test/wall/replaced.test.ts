// replaced.test.ts: the worker in place of a dead one, fact by fact against the first.
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Facts, readFacts } from '../../src/ops/facts.ts';
import { judge } from '../../src/ops/judge.ts';
import { WORKER } from '../../src/ops/protect_worker.ts';
import { startServer } from '../support/server.ts';
import { packSite } from '../support/site.ts';
import { EXPECTED } from '../support/seen.ts';
import { asOrdinary, isRoot, openToAll } from '../support/starts.ts';

const site = await packSite({ 'index.html': '<p>root' });
openToAll(dirname(site.archive), site.archive);

/** Without what names a process, or an address, or counts its time. */
function lasting(facts: Facts): unknown {
  const names = ['Uid', 'Gid', 'Groups', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'];
  const more = ['NoNewPrivs', 'Seccomp', 'Seccomp_filters'];
  return {
    ...facts,
    threads: facts.threads.map((thread) => [...names, ...more].map((name) => thread.get(name))),
    namespaces: [...facts.namespaces.keys()],
    descriptors: [...facts.descriptors!].sort(),
    executable: undefined,
  };
}

/** Once they stay so: a worker says that it is ready, and then closes what it says it by. */
async function restingFacts(pid: number): Promise<Facts> {
  for (let looks = 0, before = ''; looks < 100; looks++) {
    const facts = readFacts(pid);
    const open = facts.descriptors!.join();
    if (open === before) return facts;
    before = open;
    await sleep(200);
  }
  throw new Error(`the descriptors of ${pid} change and change`);
}

const verdicts = (facts: Facts, host: Facts): unknown =>
  judge(WORKER, { facts, host, expected: EXPECTED })
    .filter(({ id }) => id !== 'descriptors')
    .map(({ id, value, state }) => [id, value, state]);

const ways = isRoot ? [[], asOrdinary] : [[]];

test.each(ways.map((wrapper) => ({ wrapper })))('it is as protected', async ({ wrapper }) => {
  const server = await startServer(site.archive, ['--sandbox', 'require'], {
    wrapper,
  });
  const host = readFacts(process.pid);
  const [first] = server.workers();
  const before = await restingFacts(first!);
  expect(before.threads.length).toBeGreaterThan(1);
  process.kill(first!, 'SIGKILL');
  for (let wait = 0; wait < 400 && !/replaced/.test(server.stderr()); wait++) await sleep(20);
  const [second] = server.workers();
  expect(second).not.toBe(first);
  const after = await restingFacts(second!);
  expect(lasting(after)).toEqual(lasting(before));
  expect(verdicts(after, host)).toEqual(verdicts(before, host));
  for (const [name, link] of after.namespaces) {
    const isOwn = link !== host.namespaces.get(name);
    expect([name, isOwn]).toEqual([
      name,
      before.namespaces.get(name) !== host.namespaces.get(name),
    ]);
  }
  await server.stop();
});
