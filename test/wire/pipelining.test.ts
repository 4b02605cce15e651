// pipelining.test.ts: many requests in one write are answered in order, each in full, at the
// reader's speed.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { noise, packSite, xorshift } from '../support/site.ts';
import { Wire, get } from '../support/wire.ts';

const full = process.env['CDBSERVE_FULL'] === '1';
const FILES = {
  'index.html': 'home\n',
  'small.txt': 'small\n',
  'noise.bin': noise(3000, 1),
  'large.bin': noise(2_000_000, 2),
};
type Name = keyof typeof FILES;

let server: Server;

beforeAll(async () => {
  server = await startServer((await packSite(FILES)).archive);
});

/** A series of names, the same for the same seed. */
function series(count: number, seed: number, names: readonly Name[]): Name[] {
  const next = xorshift(seed);
  return Array.from({ length: count }, () => names[next() % names.length]!);
}

async function expectInOrder(wire: Wire, names: readonly Name[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    const reply = await wire.reply({ timeoutMs: 20_000 });
    expect(reply.status).toBe(200);
    const same = reply.body.equals(Buffer.from(FILES[name]));
    expect(same, `answer ${index + 1} of ${names.length} is not ${name}`).toBe(true);
  }
}

test('hundreds of requests in one write are answered in order', async () => {
  const names = series(700, 3, ['index.html', 'small.txt', 'noise.bin']);
  const wire = await Wire.open(server.port);
  wire.send(names.map((name) => get(`/${name}`)).join(''));
  await expectInOrder(wire, names);
  wire.send(get('/small.txt'));
  await expectInOrder(wire, ['small.txt']);
  expect(wire.waiting).toBe(0);
  wire.destroy();
});

test('a client that pipelines without reading gets everything once it reads', async () => {
  const names = series(full ? 50_000 : 5_000, 4, ['small.txt', 'noise.bin']);
  const wire = await Wire.open(server.port);
  wire.pause();
  wire.send(names.map((name) => get(`/${name}`)).join(''));
  await sleep(500);
  const other = await Wire.open(server.port);
  other.send(get('/small.txt'));
  await expectInOrder(other, ['small.txt']);
  wire.resume();
  await expectInOrder(wire, names);
  wire.destroy();
  other.destroy();
});

test('small answers wait behind large ones', async () => {
  const names = series(60, 5, ['large.bin', 'small.txt', 'index.html']);
  const wire = await Wire.open(server.port);
  wire.send(names.map((name) => get(`/${name}`)).join(''));
  await expectInOrder(wire, names);
  wire.destroy();
});

test('requests cut at odd places while they come in hundreds', async () => {
  const names = series(400, 6, ['index.html', 'small.txt', 'noise.bin']);
  const bytes = Buffer.from(names.map((name) => get(`/${name}`)).join(''));
  const next = xorshift(7);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + (next() % 900);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  const wire = await Wire.open(server.port);
  const sent = wire.sendPieces(pieces, 1);
  await expectInOrder(wire, names);
  await sent;
  wire.destroy();
});

test('a series ends with the answer that closes, and what follows is never answered', async () => {
  for (const [last, status] of [
    [get('/small.txt', 'Connection: close'), 200],
    ['GET /small.txt HTTP/1.1\r\n\r\n', 400],
    [get('/small.txt', 'Content-Length: 70'), 200],
  ] as const) {
    const names = series(150, 8, ['index.html', 'small.txt', 'noise.bin']);
    const wire = await Wire.open(server.port);
    const requests = names.map((name) => get(`/${name}`)).join('');
    wire.send(requests + last + get('/index.html').repeat(500));
    await expectInOrder(wire, names);
    expect((await wire.reply()).status).toBe(status);
    expect(await wire.closed()).toBe('fin');
    wire.close();
  }
});

test('many connections pipeline at the same time', async () => {
  const wires = await Promise.all(Array.from({ length: 100 }, () => Wire.open(server.port)));
  const work = wires.map(async (wire, seed) => {
    const names = series(100, seed + 10, ['index.html', 'small.txt', 'noise.bin']);
    wire.send(names.map((name) => get(`/${name}`)).join(''));
    await expectInOrder(wire, names);
    wire.destroy();
  });
  await Promise.all(work);
});
