// held.test.ts: as many connections as there may be, in every state, and one more.
import { beforeAll, expect, test } from 'vitest';
import { memoryBound } from '../support/bound.ts';
import { type Holding, hold } from '../support/holder.ts';
import { FULL, record } from '../support/ledger.ts';
import { openDescriptors, privateBytes } from '../support/proc.ts';
import { startServer } from '../support/server.ts';
import type { Start } from '../support/server.ts';
import { until } from '../support/siege.ts';
import { noise, packSite } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

/** Processes of clients, each with an address of its own, and what each holds. */
const CLIENTS = FULL ? 4 : 2;
const HOLDING: Holding = FULL
  ? { idle: 4_450, halfHeads: 225, pending: 75 }
  : { idle: 200, halfHeads: 40, pending: 10 };
const HELD = CLIENTS * (HOLDING.idle + HOLDING.halfHeads + HOLDING.pending);
/** Of a connection that only waits; blocks for those that do more come on top. */
const IDLE_BYTES_MAX = 1_024;
const BLOCK_BYTES = 36_864;
const OPEN_MS = 20_000;
const PATIENT = ['--header-timeout', '--idle-timeout', '--write-timeout'].flatMap((flag) => [
  flag,
  '600000',
]);

let archive: string;

beforeAll(async () => {
  const files = { 'small.txt': 'small\n', 'large.bin': noise(8_000_000, 1) };
  ({ archive } = await packSite(files));
});

/** Exactly as many are held; one more is served, and costs the longest idle its place. */
async function expectPlaces(most: number, args: readonly string[], start: Start): Promise<void> {
  const server = await startServer(archive, args, start);
  const wires: Wire[] = [];
  while (wires.length < most) {
    const wire = await Wire.open(server.port);
    wires.push(wire);
    wire.send(get('/small.txt'));
    expect((await wire.reply()).status).toBe(200);
  }
  expect(wires.every(({ ending }) => ending === undefined)).toBe(true);
  expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
  expect(await wires[0]!.closed()).toBe('fin');
  for (const wire of wires.slice(1)) expect([wire.ending, wire.waiting]).toEqual([undefined, 0]);
  for (const wire of wires) wire.destroy();
}

test('below the limit and at it all are held; one more costs the longest idle its place', async () => {
  await expectPlaces(30, ['--max-connections', '30'], {});
});

test('without an option the limit of open files is that of connections, but for those reserved', async () => {
  await expectPlaces(300 - 64, [], { wrapper: ['prlimit', '--nofile=300:300'] });
});

test(
  `${HELD} connections are held, and the next one is served`,
  async () => {
    const limit = ['--max-connections', String(HELD + 10)];
    const server = await startServer(archive, [...limit, ...PATIENT]);
    const worker = server.workers()[0]!;
    const before = { bytes: privateBytes(worker), descriptors: openDescriptors(worker) };
    const clients = Array.from({ length: CLIENTS }, (_, index) =>
      hold(server.port, `127.0.0.${index + 2}`, HOLDING),
    );
    const holders = await Promise.all(clients);
    const held = (): number => openDescriptors(worker) - before.descriptors;
    await until(() => held() === HELD, OPEN_MS, `${HELD} connections are open`);
    expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
    expect(holders.map(({ lost }) => lost())).toEqual(holders.map(() => 0));

    const bytes = privateBytes(worker);
    const blocks = CLIENTS * (HOLDING.halfHeads + HOLDING.pending);
    const boundBytes = memoryBound(HELD + 10, HELD + 1);
    const bytesEach = Math.round((bytes - before.bytes) / HELD);
    expect(bytes).toBeLessThan(boundBytes);
    const most = HELD * IDLE_BYTES_MAX + blocks * BLOCK_BYTES + 4 * 1024 * 1024;
    expect(bytes - before.bytes).toBeLessThan(most);

    await Promise.all(holders.map(({ end }) => end()));
    await until(() => held() === 0, OPEN_MS, 'no connection is left');
    expect([server.workers(), server.stderr()]).toEqual([[worker], '']);
    record('connections held', {
      ...HOLDING,
      clients: CLIENTS,
      held: HELD,
      bytes,
      bytesEach,
      boundBytes,
    });
  },
  FULL ? 300_000 : 60_000,
);
