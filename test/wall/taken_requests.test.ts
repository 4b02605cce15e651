// taken_requests.test.ts: what somebody who has taken the supervisor gets by asking the spawner:
// workers like all others, and nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { VERIFIER } from '../../src/boot/orders.ts';
import { addonPath } from '../../src/paths.ts';
import { fieldsOf, readFacts } from '../support/facts.ts';
import { LOAD_PLAIN } from '../support/orders.ts';
import { type Server, startServer } from '../support/server.ts';
import { packSite, temporaryFolder } from '../support/site.ts';
import { asOrdinary, isRoot, openToAll } from '../support/starts.ts';
import { exchange, get } from '../support/wire.ts';

const site = await packSite({ 'index.html': '<p>root' });
const folder = temporaryFolder();
const hook = join(folder, 'hook.cjs');
openToAll(dirname(site.archive), site.archive, folder);

const WISHES = JSON.stringify({ sandbox: 'off', lockdown: 'standard', addon: '/evil.node' });

/**
 * Loaded into the supervisor: beside its first request for a worker, behind that for who verifies
 * the archive (role 1), it asks for others in slot 9.
 * Last, rightly; before, for what it may not choose: in words, in bits, with more descriptors or
 * fewer. All are as long as a number of requests, so that each is read from its beginning.
 */
writeFileSync(
  hook,
  `const START = 1, SLOT = 9, REQUEST = 12, CONTROL = 1, BOOT = 2;
  const asked = (...fields) => Buffer.from(Uint32Array.from(fields).buffer);
  const rest = (bytes) => Buffer.alloc(REQUEST - (bytes.length % REQUEST), ' ');
  const whole = (bytes) => Buffer.concat([bytes, rest(bytes)]);
  const words = Buffer.from(${JSON.stringify(WISHES)});
  const wishes = [
    whole(words),
    whole(Buffer.concat([asked(START, SLOT, words.length), words])),
    whole(Buffer.concat([asked(START, SLOT, words.length, 6), words])),
    whole(Buffer.concat([Buffer.from('--sandbox=off\\0'), words])),
    ...Array.from({ length: 31 }, (_, bit) => asked(START, SLOT, 2 << bit)),
    ...[0, 3, 4, 0x101, 0x80000001].map((kind) => asked(kind, SLOT, 0)),
  ];
  const open = process.dlopen;
  process.dlopen = (module, ...rest) => {
    open.call(process, module, ...rest);
    const send = module.exports.sendDescriptors;
    if (send === undefined) return;
    module.exports.sendDescriptors = (socket, bytes, given) => {
      const role = Buffer.from(bytes).readUInt32LE(8);
      if (role === ${VERIFIER}) return send(socket, bytes, given);
      module.exports.sendDescriptors = send;
      for (const wish of wishes) send(socket, wish, given);
      send(socket, asked(START, SLOT, role), Int32Array.from([...given, given[0]]));
      send(socket, asked(START, SLOT, role), given.subarray(1));
      const [, boot] = module.exports.socketPair(); // the first says itself that it is ready
      const [orders, control] = module.exports.socketPair();
      require('node:fs').writeSync(orders, Buffer.from([${LOAD_PLAIN[0]}]));
      const own = given.with(BOOT, boot).with(CONTROL, control);
      send(socket, asked(START, SLOT, role), own);
      send(socket, bytes, given);
    };
  };`,
);

const ways = [
  ...(isRoot ? [{ who: 'root', wrapper: [] as readonly string[] }] : []),
  { who: 'an ordinary user', wrapper: asOrdinary },
];

/** Once they are locked, or never will be. */
async function bothWorkers(server: Server): Promise<number[]> {
  const last = performance.now() + 10_000;
  const locked = (): number[] => server.workers().filter((pid) => filtersOf(pid)[1] === '3');
  while (locked().length < 2 && performance.now() < last) await sleep(10);
  await sleep(200); // for a third one, which must not come
  return server.workers();
}

function filtersOf(pid: number): readonly (string | undefined)[] {
  const status = fieldsOf(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return [status['Seccomp'], status['Seccomp_filters']];
}

function shapeOf(pid: number): unknown {
  const { descriptors, innerPid: _, ...facts } = readFacts(pid);
  const addons = readFileSync(`/proc/${pid}/maps`, 'utf8').match(/\S+\.node$/gm);
  return {
    ...facts,
    command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'),
    filters: filtersOf(pid),
    addons: [...new Set(addons)],
    kinds: new Set(descriptors.values()),
  };
}

test.each(ways)('started by $who: workers like all others, or none', async ({ wrapper }) => {
  const hooked = [...wrapper, 'env', `NODE_OPTIONS=--require=${hook}`];
  const server = await startServer(site.archive, [], { wrapper: hooked });
  const [first, second, ...others] = await bothWorkers(server);
  expect(others).toEqual([]);
  expect(shapeOf(second!)).toEqual(shapeOf(first!));
  expect(shapeOf(first!)).toMatchObject({
    filters: ['2', '3'],
    addons: [addonPath('wall')],
    noNewPrivs: ['1'],
  });
  process.kill(first!, 'SIGKILL'); // slot 9, with the status page of the other
  while (server.workers().length > 1) await sleep(10);
  expect((await exchange(server.port, get('/'))).status).toBe(200);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.stderr()).toBe('');
});
