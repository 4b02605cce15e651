// timeouts.test.ts: a head that is not finished in time, a connection without a request, an answer
// that nobody reads.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { value, values } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { noise, packSite } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const HEADER_MS = 1_000;
const IDLE_MS = 1_500;
const WRITE_MS = 1_500;
const LINGER_MS = 5_000;
/** How late a time-out may come on a busy machine. */
const LATE_MS = 1_500;
const FILES = { 'small.txt': 'small\n', 'large.bin': noise(20_000_000, 1) };

let server: Server;

beforeAll(async () => {
  const times = ['--header-timeout', HEADER_MS, '--idle-timeout', IDLE_MS];
  const args = [...times, '--write-timeout', WRITE_MS].map(String);
  server = await startServer((await packSite(FILES)).archive, args);
});

async function expectBetween(least: number, work: () => Promise<void>): Promise<void> {
  const before = performance.now();
  await work();
  const taken = performance.now() - before;
  expect(taken).toBeGreaterThanOrEqual(least - 60);
  expect(taken).toBeLessThan(least + LATE_MS);
}

test.each(['G', 'GET /small.txt HTTP/1.1\r\n', 'GET /small.txt HTTP/1.1\r\nHost: a\r\n'])(
  'the head %j that is never finished is answered 408',
  async (start) => {
    const wire = await Wire.open(server.port);
    await expectBetween(HEADER_MS, async () => {
      wire.send(start);
      const reply = await wire.reply();
      expect(reply.status).toBe(408);
      expect(value(reply, 'connection')).toBe('close');
      expect(value(reply, 'cache-control')).toBe('no-store');
      expect(value(reply, 'content-type')).toBeDefined();
      expect(value(reply, 'date')).toBeDefined();
      expect(values(reply, 'etag')).toEqual([]);
      expect(await wire.closed()).toBe('fin');
    });
    wire.close();
  },
);

test('bytes that trickle in do not prolong the time for a head', async () => {
  const wire = await Wire.open(server.port);
  await expectBetween(HEADER_MS, async () => {
    wire.send('GET /small.txt HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    const timer = setInterval(() => wire.send('x'), 50);
    try {
      expect((await wire.reply()).status).toBe(408);
    } finally {
      clearInterval(timer);
    }
  });
  wire.close();
});

test('each head has its own time', async () => {
  const wire = await Wire.open(server.port);
  for (let request = 0; request < 3; request++) {
    wire.send('GET /small.txt HTTP/1.1\r\n');
    await sleep(HEADER_MS * 0.6);
    wire.send('Host: a\r\n\r\n');
    expect((await wire.reply()).status).toBe(200);
  }
  wire.destroy();
});

test('a pipelined head that is not finished is answered 408 after the answers before it', async () => {
  const wire = await Wire.open(server.port);
  wire.send(get('/small.txt') + get('/small.txt') + 'GET /sm');
  expect((await wire.reply()).status).toBe(200);
  expect((await wire.reply()).status).toBe(200);
  expect((await wire.reply()).status).toBe(408);
  expect(await wire.closed()).toBe('fin');
  wire.close();
});

test('a connection that never sends is closed in silence', async () => {
  const wire = await Wire.open(server.port);
  await expectBetween(IDLE_MS, async () => {
    expect(await wire.closed()).toBe('fin');
  });
  wire.close();
});

test('a connection without a further request is closed in silence', async () => {
  const wire = await Wire.open(server.port);
  await sleep(IDLE_MS * 0.6);
  wire.send(get('/small.txt'));
  expect((await wire.reply()).status).toBe(200);
  await expectBetween(IDLE_MS, async () => {
    expect(await wire.closed()).toBe('fin');
  });
  wire.close();
});

test.concurrent('a reader that takes nothing is cut off', async () => {
  const wire = await Wire.open(server.port);
  wire.pause();
  wire.send(get('/large.bin'));
  await sleep(WRITE_MS + LATE_MS);
  wire.resume();
  await expect(wire.reply({ timeoutMs: 5_000 })).rejects.toThrow(/^(fin|reset) before the rest/);
  expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
});

test.concurrent('a reader that takes a little now and then is not cut off', async () => {
  const wire = await Wire.open(server.port);
  wire.send(get('/large.bin'));
  wire.pause();
  for (let turn = 0; turn < 6; turn++) {
    await sleep(WRITE_MS * 0.6);
    const before = wire.waiting;
    wire.resume();
    while (wire.waiting < before + 3_000_000 && wire.waiting < 20_000_000) await sleep(1);
    wire.pause();
  }
  wire.resume();
  expect((await wire.reply()).body.length).toBe(20_000_000);
  wire.destroy();
});

test.concurrent(
  'a lingering close ends after five seconds, however much the client goes on sending',
  async () => {
    const wire = await Wire.open(server.port);
    await expectBetween(LINGER_MS, async () => {
      wire.send(get('/small.txt', 'Content-Length: 1000000'));
      expect((await wire.reply()).status).toBe(200);
      expect(await wire.closed()).toBe('fin');
      // FIN has come; only a reset can show that the server is gone.
      while (!wire.socket.destroyed) {
        wire.send('x');
        await sleep(100);
      }
    });
  },
);
