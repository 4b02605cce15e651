// connections.test.ts: many idle connections, and who has to go when all places are taken.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { openDescriptors, residentBytes } from '../support/proc.ts';
import { value } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import { noise, packSite } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const full = process.env['CDBSERVE_FULL'] === '1';
/**
 * Memory of a worker for a connection that waits for a request; a thread or a buffer would be far
 * more.
 */
const IDLE_BYTES_MAX = 1_024;
/**
 * What thousands of connections may leave in a worker: the heap breathes, but keeps nothing of
 * them.
 */
const LEFT_BYTES_MAX = 4 * 1024 * 1024;
let archive: string;

beforeAll(async () => {
  ({ archive } = await packSite({ 'small.txt': 'small\n', 'large.bin': noise(20_000_000, 1) }));
});

async function expectAnswer(wire: Wire): Promise<void> {
  wire.send(get('/small.txt'));
  expect((await wire.reply()).body.toString()).toBe('small\n');
}

/** One connection of one of five kinds, from the well-behaved to the one that vanishes. */
async function visit(port: number, kind: number): Promise<void> {
  const wire = await Wire.open(port);
  wire.send(['GET /sm', 'BAD\x01', get('/large.bin')][kind] ?? get('/small.txt'));
  if (kind === 1 || kind > 2) await wire.reply();
  if (kind === 3) wire.halfClose();
  if (kind === 3) expect(await wire.closed()).toBe('fin');
  if (kind === 4) wire.destroy();
  else wire.close();
}

function open(port: number, count: number): Promise<Wire[]> {
  return Promise.all(Array.from({ length: count }, () => Wire.open(port)));
}

test('idle connections are held, and a new one is served at once', async () => {
  const server = await startServer(archive);
  const wires: Wire[] = [];
  for (let batch = 0; batch < (full ? 80 : 10); batch++) {
    wires.push(...(await open(server.port, 100)));
  }
  await Promise.all(wires.filter((_, index) => index % 2 === 0).map(expectAnswer));
  const before = performance.now();
  expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
  expect(performance.now() - before).toBeLessThan(500);
  await Promise.all(wires.map(expectAnswer));
  for (const wire of wires) wire.destroy();
  await server.stop();
});

test('two thousand connections at once are all accepted and answered', async () => {
  const server = await startServer(archive, [], { workers: 2 });
  const asked = Array.from({ length: 2_000 }, async () => {
    const wire = await Wire.open(server.port);
    await expectAnswer(wire);
    return wire;
  });
  for (const wire of await Promise.all(asked)) wire.destroy();
  await server.stop();
});

test('an idle connection costs a worker little memory', async () => {
  const server = await startServer(archive);
  const worker = server.workers()[0]!;
  const wires = await open(server.port, 50);
  // Hot code is compiled meanwhile: its memory is no connection's.
  for (let round = 0; round < 100; round++) await Promise.all(wires.map(expectAnswer));
  const before = residentBytes(worker);
  const more: Wire[] = [];
  for (let batch = 0; batch < 20; batch++) more.push(...(await open(server.port, 100)));
  await Promise.all(more.map(expectAnswer));
  const each = (residentBytes(worker) - before) / more.length;
  expect(each).toBeLessThan(IDLE_BYTES_MAX);
  for (const wire of [...wires, ...more]) wire.destroy();
  await server.stop();
});

test('connections that come and go leave nothing behind', async () => {
  const server = await startServer(archive);
  const worker = server.workers()[0]!;
  const comeAndGo = async (count: number): Promise<void> => {
    const queue = Array.from({ length: count }, (_, index) => index).values();
    const lanes = Array.from({ length: 20 }, async () => {
      for (const index of queue) await visit(server.port, index % 5);
    });
    await Promise.all(lanes);
    // Those that close after a refusal linger for a second at most when nothing comes from the
    // client.
    await sleep(1_200);
  };
  await comeAndGo(1_000);
  const [bytes, descriptors] = [residentBytes(worker), openDescriptors(worker)];
  await comeAndGo(full ? 100_000 : 4_000);
  expect(openDescriptors(worker)).toBe(descriptors);
  expect(residentBytes(worker) - bytes).toBeLessThan(LEFT_BYTES_MAX);
  await server.stop();
});

test('at the limit the connection that is idle longest makes room', async () => {
  const server = await startServer(archive, ['--max-connections', '20']);
  const wires: Wire[] = [];
  for (let index = 0; index < 20; index++) {
    const wire = await Wire.open(server.port);
    await expectAnswer(wire);
    wires.push(wire);
  }
  await expectAnswer(wires[0]!);
  const newcomer = await Wire.open(server.port);
  await expectAnswer(newcomer);
  // The first one was busy after the second: the second is the oldest.
  expect(await wires[1]!.closed()).toBe('fin');
  for (const [index, wire] of wires.entries()) if (index !== 1) await expectAnswer(wire);
  await expectAnswer(newcomer);
  for (const wire of [...wires, newcomer]) wire.destroy();
  await server.stop();
});

test('a connection that never sent a byte counts as idle', async () => {
  const server = await startServer(archive, ['--max-connections', '5']);
  const silent = await open(server.port, 5);
  await sleep(100);
  for (let round = 0; round < 20; round++) {
    expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
  }
  for (const wire of silent) wire.destroy();
  await server.stop();
});

test('lingering connections go before idle ones', async () => {
  const server = await startServer(archive, ['--max-connections', '6']);
  const idle = await open(server.port, 4);
  for (const wire of idle) await expectAnswer(wire);
  const lingering = await open(server.port, 2);
  for (const wire of lingering) {
    wire.send('BAD\x01');
    expect((await wire.reply()).status).toBe(400);
  }
  const newcomers = await open(server.port, 2);
  for (const wire of newcomers) await expectAnswer(wire);
  for (const wire of [...idle, ...newcomers]) await expectAnswer(wire);
  for (const wire of [...idle, ...lingering, ...newcomers]) wire.destroy();
  await server.stop();
});

test('an unfinished head makes room with a 408', async () => {
  const server = await startServer(archive, ['--max-connections', '4']);
  const wires = await open(server.port, 4);
  for (const wire of wires) {
    wire.send('GET /sm');
    await sleep(30);
  }
  const newcomer = await Wire.open(server.port);
  await expectAnswer(newcomer);
  const reply = await wires[0]!.reply();
  expect([reply.status, value(reply, 'connection')]).toEqual([408, 'close']);
  expect(await wires[0]!.closed()).toBe('fin');
  for (const wire of wires.slice(1)) {
    wire.send('all.txt HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await wire.reply()).status).toBe(200);
  }
  for (const wire of [...wires, newcomer]) wire.destroy();
  await server.stop();
});

test('when every connection is being answered the new one gets 503', async () => {
  const server = await startServer(archive, ['--max-connections', '4']);
  const wires = await open(server.port, 4);
  for (const wire of wires) {
    wire.pause();
    wire.send(get('/large.bin'));
  }
  await sleep(300);
  const newcomer = await Wire.open(server.port);
  const reply = await newcomer.reply();
  expect([reply.status, value(reply, 'connection')]).toEqual([503, 'close']);
  expect(value(reply, 'retry-after')).toMatch(/^\d+$/);
  expect(value(reply, 'cache-control')).toBe('no-store');
  expect(await newcomer.closed()).toBe('fin');
  newcomer.close();
  for (const wire of wires) wire.resume();
  for (const wire of wires) expect((await wire.reply()).body.length).toBe(20_000_000);
  await expectAnswer(wires[0]!);
  for (const wire of wires) wire.destroy();
  await server.stop();
});

test('more unfinished heads than there is room for: the oldest go, the youngest are answered', async () => {
  const server = await startServer(archive);
  const wires: Wire[] = [];
  for (let batch = 0; batch < 15; batch++) {
    const more = await open(server.port, 100);
    for (const wire of more) wire.send('GET /small.txt HTTP/1.1\r\nX-Long: ' + 'x'.repeat(500));
    wires.push(...more);
  }
  expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
  const statuses = await Promise.all(
    wires.map(async (wire) => {
      wire.send('\r\nHost: a\r\n\r\n');
      return (await wire.reply()).status;
    }),
  );
  const answered = statuses.filter((status) => status === 200).length;
  const expired = statuses.filter((status) => status === 408).length;
  expect(answered + expired).toBe(1_500);
  expect(answered).toBeGreaterThanOrEqual(1_000);
  expect(statuses.slice(-500).every((status) => status === 200)).toBe(true);
  for (const wire of wires) wire.destroy();
  await server.stop();
});

test('readers that stand still by the hundred do not hold up anybody', async () => {
  const server = await startServer(archive);
  const wires: Wire[] = [];
  for (let batch = 0; batch < (full ? 50 : 4); batch++) {
    const more = await open(server.port, 100);
    for (const wire of more) {
      wire.pause();
      wire.send(get('/large.bin'));
    }
    wires.push(...more);
  }
  const before = performance.now();
  for (let times = 0; times < 50; times++) {
    expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
  }
  expect(performance.now() - before).toBeLessThan(2_000);
  for (const wire of wires) wire.destroy();
  expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
  await server.stop();
});
