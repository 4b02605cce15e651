// addresses.test.ts: what an address may have, and whom a trusted proxy may speak for.
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { FULL, record } from '../support/ledger.ts';
import { value } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import { packSite, temporaryFolder } from '../support/site.ts';
import { Wire, get } from '../support/wire.ts';

const OTHER = { from: '127.0.0.2' };
const FLOOD = FULL ? 5_000 : 300;
const SMALL = get('/small.txt');
const SECURE = 'GET https://a/small.txt HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n';

let archive: string;

beforeAll(async () => {
  ({ archive } = await packSite({ 'small.txt': 'small\n' }));
});

async function statusOf(wire: Wire, request = SMALL): Promise<number> {
  wire.send(request);
  return (await wire.reply()).status;
}

async function expectRefused(port: number): Promise<void> {
  const wire = await Wire.open(port, OTHER);
  const reply = await wire.reply();
  expect([reply.status, value(reply, 'connection')]).toEqual([503, 'close']);
  expect(value(reply, 'retry-after')).toBeDefined();
  expect(await wire.closed()).toBe('fin');
  wire.destroy();
}

test('an address is served up to its limit, refused above it, and served when one is gone', async () => {
  const { port } = await startServer(archive, ['--max-connections-per-address', '3']);
  const wires = await Promise.all([1, 2, 3].map(() => Wire.open(port, OTHER)));
  expect(await Promise.all(wires.map((wire) => statusOf(wire)))).toEqual([200, 200, 200]);
  await expectRefused(port);
  expect(await statusOf(await Wire.open(port))).toBe(200);
  expect(await statusOf(wires[0]!)).toBe(200);
  wires[0]!.destroy();
  expect(await statusOf(await Wire.open(port, OTHER))).toBe(200);
  await expectRefused(port);
});

test('one connection after another is never one too many', async () => {
  const { port } = await startServer(archive, ['--max-connections-per-address', '1']);
  for (let round = 0; round < 200; round++) {
    const wire = await Wire.open(port);
    expect([round, await statusOf(wire)]).toEqual([round, 200]);
    wire.destroy();
  }
});

test('a flood from one address leaves others served', async () => {
  const limits = ['--max-connections-per-address', '20', '--max-connections', '100'];
  const server = await startServer(archive, limits);
  const { port } = server;
  let refused = 0;
  let asked = 0;
  let longestMs = 0;
  const flooding = new AbortController();
  const flood = async (): Promise<void> => {
    for (let left = FLOOD / 50; left > 0; left--) {
      const wire = await Wire.open(port, OTHER);
      await sleep(5);
      wire.send(SMALL);
      const reply = await wire.reply();
      if (reply.status === 503) refused++;
      if (left % 2 === 0) wire.destroy();
    }
  };
  const honest = async (): Promise<void> => {
    while (!flooding.signal.aborted) {
      const before = performance.now();
      const wire = await Wire.open(port);
      expect(await statusOf(wire)).toBe(200);
      wire.destroy();
      longestMs = Math.max(longestMs, performance.now() - before);
      asked++;
    }
  };
  const asking = honest();
  await Promise.all(Array.from({ length: 50 }, flood)).finally(() => flooding.abort());
  await asking;
  expect(refused).toBeGreaterThan(FLOOD / 3);
  expect(asked).toBeGreaterThan(5);
  expect([server.workers().length, server.stderr()]).toEqual([1, '']);
  record('addresses: a flood from one', { clients: FLOOD, refused, asked, longestMs });
});

test('a trusted proxy has as many connections as it wants, and is believed; others are not', async () => {
  const limits = ['--max-connections-per-address', '1', '--trusted-proxy', '127.0.0.2/32'];
  const { port } = await startServer(archive, limits);
  const proxy = await Promise.all([1, 2, 3, 4].map(() => Wire.open(port, OTHER)));
  expect(await Promise.all(proxy.map((wire) => statusOf(wire, SECURE)))).toEqual([
    200, 200, 200, 200,
  ]);
  const direct = await Wire.open(port);
  expect(await statusOf(direct, SECURE)).toBe(421);
  expect(await statusOf(direct)).toBe(200);
});

test('whoever comes by a unix socket is believed where that is said', async () => {
  const path = join(temporaryFolder(), 'http.sock');
  const ask = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(path, () => socket.end(SECURE));
      let text = '';
      socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
      socket.on('end', () => resolve(text.slice(9, 12)));
      socket.on('error', reject);
    });
  const listen = ['--listen', `unix:${path}`];
  const trusting = await startServer(archive, [...listen, '--trusted-proxy', 'unix']);
  expect(await ask()).toBe('200');
  await trusting.stop();
  await startServer(archive, [...listen, '--trusted-proxy', '127.0.0.0/8']);
  expect(await ask()).toBe('421');
});
