// listen.test.ts: real sockets, and what an operator reads when there is none.
import { once } from 'node:events';
import { connect, createConnection } from 'node:net';
import { expect, test } from 'vitest';
import { addressText, listen, shutWhenEmpty, urlOf } from '../../src/boot/listen.ts';
import type { Listener } from '../../src/boot/listen.ts';
import type { Address } from '../../src/addresses.ts';
import { EXIT, Failure } from '../../src/errors.ts';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';

const wall = loadWall(addonPath('wall'));

function open(host: string, port = 0, workers = 1): Listener & { readonly port: number } {
  const listener = listen(wall, { host, port }, workers, 30_000);
  onEnd(() => listener.sockets.forEach((socket) => wall.closeDescriptor(socket)));
  return { ...listener, port: wall.boundPort(listener.sockets[0]!) };
}

const reaches = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('no Failure');
}

test('a free port is picked and told', async () => {
  const { port, sockets } = open('127.0.0.1');
  expect(port).toBeGreaterThan(0);
  expect(sockets).toHaveLength(1);
  expect(await reaches('127.0.0.1', port)).toBe(true);
  expect(await reaches('::1', port)).toBe(false);
});

test('every worker has a socket of its own on one port', () => {
  const { port, sockets } = open('127.0.0.1', 0, 3);
  expect(new Set(sockets).size).toBe(3);
  expect(sockets.map((socket) => wall.boundPort(socket))).toEqual([port, port, port]);
});

test('no address is every address of both families', async () => {
  const { port } = open('');
  expect(await reaches('127.0.0.1', port)).toBe(true);
  expect(await reaches('::1', port)).toBe(true);
});

test('a port that is taken', () => {
  const { port } = open('127.0.0.1');
  const failure = failureOf(() => open('127.0.0.1', port));
  expect(failure.exitCode).toBe(EXIT.cannotBind);
  expect(failure.message).toBe(
    `cannot bind 127.0.0.1:${port}: EADDRINUSE. ` +
      `Another process listens there (ss -ltnp 'sport = :${port}').`,
  );
});

test('an address that this machine has not', () => {
  const failure = failureOf(() => open('192.0.2.1', 8_080));
  expect(failure.message).toMatch(/^cannot bind 192\.0\.2\.1:8080: EADDRNOTAVAIL\. No interface/);
});

test.each([
  ['', 8_080, ':8080', 'http://localhost:8080/ (all addresses)'],
  ['', 80, ':80', 'http://localhost/ (all addresses)'],
  ['127.0.0.1', 80, '127.0.0.1:80', 'http://127.0.0.1/'],
  ['127.0.0.1', 8_080, '127.0.0.1:8080', 'http://127.0.0.1:8080/'],
  ['::1', 443, '[::1]:443', 'http://[::1]:443/'],
])('%j and %d are written %s and %s', (host, port, text, url) => {
  const address = { host, port };
  expect(addressText(address)).toBe(text);
  expect(urlOf({ address, bound: text, sockets: [] })).toBe(url);
});

test('what is no TCP address of ours has its name in the start line', () => {
  const path = { path: '/run/x.sock', mode: 0o660 };
  const inherited = { descriptor: 3, name: 'web' };
  const of = (address: Address, bound: string) => urlOf({ address, bound, sockets: [] });
  expect(addressText(path)).toBe('unix:/run/x.sock');
  expect(of(path, 'unix:/run/x.sock')).toBe('unix:/run/x.sock');
  expect(of(inherited, '[::]:80')).toBe('http://[::]/ (web)');
  expect(of(inherited, 'unix:/run/x.sock')).toBe('unix:/run/x.sock (web)');
});

test('a listener is shut once nobody is queued', async () => {
  const [listener] = open('127.0.0.1').sockets;
  const port = wall.boundPort(listener!);
  const waiting = createConnection(port, '127.0.0.1');
  await once(waiting, 'connect');
  expect(wall.queuedConnections(listener!)).toBe(1);
  shutWhenEmpty(wall, [listener!], 60);
  expect(wall.queuedConnections(listener!)).toBe(1);
  waiting.on('error', () => undefined);
  // Its budget over, it no longer waits for somebody to accept.
  await new Promise((resolve) => waiting.once('close', resolve));
  const late = createConnection(port, '127.0.0.1');
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
});
