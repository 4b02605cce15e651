// slow.test.ts: slow, silent and vanishing peers get what is theirs and never hold up anybody else.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { noise, packSite } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const LARGE = noise(20_000_000, 1);
const FILES = { 'small.txt': 'small\n', 'large.bin': LARGE };

let server: Server;
let worker: number | undefined;

beforeAll(async () => {
  server = await startServer((await packSite(FILES)).archive);
  worker = server.workers()[0];
});

/** The server is there, it is the same process as before, and it answers at once. */
async function expectServing(): Promise<void> {
  const before = performance.now();
  const reply = await exchange(server.port, get('/small.txt'));
  expect([reply.status, reply.body.toString()]).toEqual([200, 'small\n']);
  expect(performance.now() - before).toBeLessThan(1_000);
  expect(server.workers()).toEqual([worker]);
}

test('a slow reader gets 20 MB whole, and others are served meanwhile', async () => {
  const wire = await Wire.open(server.port);
  wire.send(get('/large.bin'));
  for (let turn = 0; turn < 20; turn++) {
    wire.resume();
    await sleep(2);
    wire.pause();
    await sleep(40);
    if (turn % 5 === 0) await expectServing();
  }
  wire.resume();
  const reply = await wire.reply({ timeoutMs: 20_000 });
  expect(reply.body.equals(LARGE)).toBe(true);
  wire.send(get('/small.txt'));
  expect((await wire.reply()).body.toString()).toBe('small\n');
  wire.destroy();
});

test('many readers stand still with answers under way', async () => {
  const wires = await Promise.all(Array.from({ length: 60 }, () => Wire.open(server.port)));
  for (const wire of wires) {
    wire.pause();
    wire.send(get('/large.bin') + get('/small.txt').repeat(50));
  }
  await sleep(300);
  await expectServing();
  const first = wires[0]!;
  first.resume();
  expect((await first.reply({ timeoutMs: 20_000 })).body.equals(LARGE)).toBe(true);
  for (const wire of wires) wire.destroy();
  await expectServing();
});

test('many senders of one byte at a time are served like anybody', async () => {
  const bytes = Buffer.from(get('/small.txt', 'X-Slow: yes'));
  const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  const work = Array.from({ length: 50 }, async () => {
    const wire = await Wire.open(server.port);
    await wire.sendPieces(pieces, 8);
    expect((await wire.reply()).body.toString()).toBe('small\n');
    wire.destroy();
  });
  await sleep(100);
  await expectServing();
  await Promise.all(work);
});

test('a client that half-closes after its request gets all of 20 MB', async () => {
  const wire = await Wire.open(server.port);
  wire.send(get('/large.bin') + get('/small.txt'));
  wire.halfClose();
  await sleep(100);
  expect((await wire.reply({ timeoutMs: 20_000 })).body.equals(LARGE)).toBe(true);
  expect((await wire.reply()).body.toString()).toBe('small\n');
  expect(await wire.closed()).toBe('fin');
  wire.close();
});

test.each(['', 'G', 'GET /small.txt HTTP/1.1\r\nHost: a\r\n'])(
  'FIN after %j closes in silence',
  async (start) => {
    const wire = await Wire.open(server.port);
    wire.send(start);
    wire.halfClose();
    const before = performance.now();
    expect(await wire.closed()).toBe('fin');
    expect(performance.now() - before).toBeLessThan(1_000);
    wire.close();
    await expectServing();
  },
);

test('resets in the middle of a head, of an answer and of a lingering close leave it serving', async () => {
  const starts = ['GET /sm', get('/large.bin'), get('/large.bin').repeat(20), 'BAD\x01', ''];
  for (let round = 0; round < 10; round++) {
    const wires = await Promise.all(
      starts.map(async (start) => {
        const wire = await Wire.open(server.port);
        wire.send(start);
        return wire;
      }),
    );
    await sleep(round * 3);
    for (const wire of wires) wire.destroy();
  }
  await expectServing();
});

test('the answer before a lingering close arrives although the client goes on sending', async () => {
  const wire = await Wire.open(server.port);
  wire.send('POST /small.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n');
  for (let part = 0; part < 30; part++) {
    wire.send(noise(100_000, part + 1));
    await sleep(5);
  }
  expect((await wire.reply()).status).toBe(405);
  expect(await wire.closed()).toBe('fin');
  wire.close();
  await expectServing();
});

test('a client that stays after the answer that closes is let go after a second of silence', async () => {
  const wire = await Wire.open(server.port);
  wire.send(get('/small.txt', 'Connection: close'));
  await wire.reply();
  expect(await wire.closed()).toBe('fin');
  const before = performance.now();
  // Bytes to a closed connection earn a reset: this is how its end shows from here.
  await sleep(1_800);
  wire.send('x');
  await sleep(50);
  wire.send('x');
  while (!wire.socket.destroyed && performance.now() - before < 5_000) await sleep(20);
  expect(wire.socket.destroyed).toBe(true);
  await expectServing();
});
