// admin.test.ts: the admin listener of the real server: what it answers, and what it bears.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { freePort } from '../../bench/servers.ts';
import { EXIT } from '../../src/errors.ts';
import { ADMIN_BYTES_MAX, ADMIN_CONNECTIONS_MAX } from '../../src/limits.ts';
import { CONTENT_TYPE } from '../../src/ops/metrics.ts';
import { packageRoot } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { FULL, record } from '../support/ledger.ts';
import { openDescriptors, residentBytes, unreadBytes } from '../support/proc.ts';
import { type Reply, value } from '../support/reply.ts';
import { program, startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const { archive } = await packSite({ 'index.html': 'a' });

interface Watched {
  readonly server: Server;
  /** Of --admin. */
  readonly port: number;
}

async function start(args: readonly string[] = []): Promise<Watched> {
  const server = await startServer(archive, ['--admin', '127.0.0.1:0', ...args]);
  const [, port] = /, admin http:\/\/127\.0\.0\.1:(\d+)\/$/.exec(server.startLine)!;
  return { server, port: Number(port) };
}

let watched: Watched;
/** Descriptors of the supervisor while nobody asks. */
let rest: number;
beforeAll(async () => {
  watched = await start();
  rest = await settled(() => openDescriptors(watched.server.pid));
});

/** What a number is once it has been the same for a second: a start is not over with its line. */
async function settled(read: () => number): Promise<number> {
  let value = read();
  for (let same = 0; same < 20; same++) {
    await sleep(50);
    if (read() !== value) same = 0;
    value = read();
  }
  return value;
}

/** Whoever asked before is gone, and nothing is left of them. */
const atRest = (): Promise<void> => until(() => openDescriptors(watched.server.pid) <= rest);

const HEALTH = 'GET /healthz HTTP/1.1\r\n';

/** Whole exchanges: the answer, and that the connection ends with FIN. */
async function ask(port: number, request: string): Promise<Reply> {
  const wire = await Wire.open(port);
  wire.send(request);
  const reply = await wire.reply({ head: request.startsWith('HEAD') });
  expect(await wire.closed()).toBe('fin');
  wire.close();
  return reply;
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const last = performance.now() + 20_000;
  while (!(await done())) {
    if (performance.now() > last) throw new Error('not so after 20 s');
    await sleep(20);
  }
}

async function expectUnharmed(): Promise<void> {
  expect((await exchange(watched.server.port, get('/'))).status).toBe(200);
  expect((await ask(watched.port, `${HEALTH}\r\n`)).status).toBe(200);
  expect(watched.server.stderr()).toBe('');
}

test.each(['1.0', '1.1'])('HTTP/%s: health and metrics, by GET and HEAD', async (version) => {
  for (const method of ['GET', 'HEAD']) {
    const rest = `HTTP/${version}\r\nHost: x\r\n\r\n`;
    const health = await ask(watched.port, `${method} /healthz ${rest}`);
    expect(health.status).toBe(200);
    expect(value(health, 'content-length')).toBe('3');
    expect(value(health, 'connection')).toBe('close');
    expect(health.body.toString()).toBe(method === 'GET' ? 'ok\n' : '');
    const metrics = await ask(watched.port, `${method} /metrics ${rest}`);
    expect([metrics.status, value(metrics, 'content-type')]).toEqual([200, CONTENT_TYPE]);
    expect(metrics.body.toString().endsWith('# EOF\n')).toBe(method === 'GET');
  }
});

test.each([
  ['GET / HTTP/1.1\r\n', 404],
  ['GET /metrics/ HTTP/1.1\r\n', 404],
  ['GET /metrics?x HTTP/1.1\r\n', 404],
  ['HEAD /%68ealthz HTTP/1.1\r\n', 404],
  ['POST /metrics HTTP/1.1\r\n', 400],
  ['GET /healthz HTTP/2.0\r\n', 400],
  ['GET /healthz HTTP/1.1\n', 400],
  ['GET  /healthz HTTP/1.1\r\n', 400],
  ['get /healthz HTTP/1.1\r\n', 400],
  [' GET /healthz HTTP/1.1\r\n', 400],
  ['GET http://x/healthz HTTP/1.1\r\n', 400],
  ['\r\n', 400],
  ['\n', 400],
  ['\0\n', 400],
  [`${'x'.repeat(ADMIN_BYTES_MAX)}`, 400],
])('%j gets %d', async (line, status) => {
  expect((await ask(watched.port, line)).status).toBe(status);
});

test('a request in single bytes is one, and fields may come behind the answer', async () => {
  const wire = await Wire.open(watched.port);
  await wire.sendPieces([...HEALTH].map((byte) => Buffer.from(byte)));
  expect((await wire.reply()).status).toBe(200);
  wire.send('Host: x\r\n\r\n');
  expect(await wire.closed()).toBe('fin');
  wire.close();
});

test('who has a long head gets the whole page, and no more is read of it', async () => {
  const head = `GET /metrics HTTP/1.1\r\nCookie: ${'x'.repeat(8_000)}\r\n\r\n`;
  // The rest is there to be seen for a second: a busy machine may look too late.
  await until(async () => {
    await atRest();
    const wire = await Wire.open(watched.port);
    wire.send(head);
    expect((await wire.reply()).body.toString()).toMatch(/# EOF\n$/);
    const unread = unreadBytes(watched.port);
    wire.close();
    return unread === head.length - ADMIN_BYTES_MAX;
  });
});

test('pipelined requests get one answer', async () => {
  const reply = await ask(watched.port, `${HEALTH}\r\n`.repeat(10));
  expect(reply.status).toBe(200);
});

test('half a connection: with a request it is answered, without one it is closed', async () => {
  const asking = await Wire.open(watched.port);
  asking.send(HEALTH);
  asking.halfClose();
  expect((await asking.reply()).status).toBe(200);
  expect(await asking.closed()).toBe('fin');
  const silent = await Wire.open(watched.port);
  silent.send('GET /heal');
  silent.halfClose();
  expect(await silent.closed()).toBe('fin');
  for (const wire of [asking, silent]) wire.close();
});

test('a megabyte of garbage is not read, by whoever sends it', async () => {
  const garbage = Buffer.alloc(1_000_000, 'x');
  const wires = await Promise.all(Array.from({ length: 5 }, () => Wire.open(watched.port)));
  for (const wire of wires) wire.send(garbage);
  for (const wire of wires) expect((await wire.reply()).status).toBe(400);
  for (const wire of wires) wire.destroy();
  await expectUnharmed();
});

test('slow bytes and silence end at five seconds, and who waits behind them is served', async () => {
  const { port } = watched;
  await atRest();
  const slow = await Promise.all(
    Array.from({ length: ADMIN_CONNECTIONS_MAX }, () => Wire.open(port)),
  );
  const began = performance.now();
  const drip = setInterval(() => slow.forEach((wire) => wire.send('x')), 200);
  try {
    const waiting = ask(port, `${HEALTH}\r\n`);
    for (const wire of slow) expect(['fin', 'reset']).toContain(await wire.closed(30_000));
    expect(performance.now() - began).toBeGreaterThan(4_000);
    expect((await waiting).status).toBe(200);
  } finally {
    clearInterval(drip);
    for (const wire of slow) wire.destroy();
  }
  await atRest();
  await expectUnharmed();
}, 60_000);

test('a hundred at once: sixteen are held, the others wait, and the public service serves', async () => {
  const { port, server } = watched;
  await atRest();
  const wires = await Promise.all(Array.from({ length: 100 }, () => Wire.open(port)));
  await until(() => openDescriptors(server.pid) >= rest + ADMIN_CONNECTIONS_MAX);
  expect(openDescriptors(server.pid)).toBe(rest + ADMIN_CONNECTIONS_MAX);
  expect((await exchange(server.port, get('/'))).status).toBe(200);
  for (const wire of wires) wire.send(HEALTH);
  for (const wire of wires) {
    expect((await wire.reply({ timeoutMs: 30_000 })).status).toBe(200);
    wire.close();
  }
  await atRest();
  await expectUnharmed();
}, 60_000);

test('memory stays flat, whatever comes', async () => {
  const { port, server } = watched;
  const rounds = FULL ? 50 : 2;
  const page = `GET /metrics HTTP/1.1\r\n\r\n`;
  const flood = async (): Promise<void> => {
    const wires = await Promise.all(Array.from({ length: 20 }, () => Wire.open(port)));
    wires.forEach((wire, index) => wire.send(index % 2 === 0 ? page : Buffer.alloc(2_000, 'x')));
    for (const wire of wires) await wire.reply({ timeoutMs: 30_000 });
    for (const wire of wires) wire.destroy();
  };
  for (let round = 0; round < rounds; round++) await flood();
  const before = residentBytes(server.pid);
  for (let round = 0; round < rounds; round++) await flood();
  const grown = residentBytes(server.pid) - before;
  record('admin listener, memory of the supervisor', { rounds, grown });
  expect(grown).toBeLessThan(32_000_000);
  await expectUnharmed();
}, 600_000);

test('health is 503 from SIGTERM on, metrics go on, and after the drain nobody answers', async () => {
  const { server, port } = await start(['--drain-wait', '60000']);
  const status = async (): Promise<number> => (await ask(port, `${HEALTH}\r\n`)).status;
  expect(await status()).toBe(200);
  server.signal('SIGTERM');
  await until(async () => (await status()) === 503);
  expect((await ask(port, 'GET /metrics HTTP/1.1\r\n\r\n')).status).toBe(200);
  const slow = await Wire.open(port);
  expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(['fin', 'reset']).toContain(await slow.closed());
  slow.destroy();
  await expect(Wire.open(port)).rejects.toThrow('ECONNREFUSED');
});

function askAt(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path, () => socket.write(HEALTH));
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

test('a path: with its mode, in place of one that nobody listens on any more', async () => {
  const path = join(temporaryFolder(), 'admin.sock');
  for (const mode of ['600', '660']) {
    const server = await startServer(archive, ['--admin', `unix:${path},mode=${mode}`]);
    expect(server.startLine).toContain(`, admin unix:${path}`);
    expect((statSync(path).mode & 0o777).toString(8)).toBe(mode);
    expect(await askAt(path)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok\n$/);
    await server.stop();
  }
  rmSync(path);
  writeFileSync(path, 'no socket');
  const args = [program, archive, '--listen', '127.0.0.1:0', '--admin', `unix:${path}`];
  const ended = await runCommand(process.execPath, args);
  expect([ended.code, ended.stdout]).toEqual([EXIT.cannotBind, '']);
  expect(ended.stderr).toContain(`cannot bind unix:${path}: EEXIST. `);
  expect(readFileSync(path, 'utf8')).toBe('no socket');
});

test('what systemd has to forward, as docs/guide/monitoring.md starts it, is enough', async () => {
  const page = readFileSync(join(packageRoot, 'docs/guide/monitoring.md'), 'utf8');
  const [, forwarder] = /^ExecStart=(\S+) \/run\/cdbserve\/admin\.sock$/m.exec(page)!;
  const path = join(temporaryFolder(), 'admin.sock');
  const server = await startServer(archive, ['--admin', `unix:${path},mode=660`]);
  const port = await freePort();
  const listen = ['--listen', `127.0.0.1:${port}`, forwarder!, path];
  const child = spawn('systemd-socket-activate', listen, { stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = once(child, 'exit');
  onEnd(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  await once(child.stderr, 'data'); // it says that it listens
  const { status, body } = await exchange(port, HEALTH);
  expect([status, body.toString()]).toEqual([200, 'ok\n']);
  await server.stop();
});
