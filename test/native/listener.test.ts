// listener.test.ts: listening sockets on literal addresses.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';

const wall = loadWall(addonPath('wall'));
const listeners: number[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) wall.closeDescriptor(listener);
});

function listen(host: string, port = 0, reusePort = false): number {
  const listener = wall.listenTcp(host, port, reusePort, 8);
  listeners.push(listener);
  return listener;
}

async function reaches(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  const [error] = await Promise.race([
    once(socket, 'connect'),
    once(socket, 'close').then(() => [true]),
  ]).catch((refused: unknown) => [refused]);
  socket.destroy();
  return error === undefined;
}

test('no host is every address of both families', async () => {
  const port = wall.boundPort(listen(''));
  expect(await reaches('127.0.0.1', port)).toBe(true);
  expect(await reaches('::1', port)).toBe(true);
});

test('a literal listens on that address alone', async () => {
  const port = wall.boundPort(listen('127.0.0.1'));
  expect(await reaches('127.0.0.1', port)).toBe(true);
  expect(await reaches('127.0.0.2', port)).toBe(false);
  expect(await reaches('::1', wall.boundPort(listen('::1')))).toBe(true);
});

test('a time for what peers do not take is set, and a bad one is refused', () => {
  const listener = listen('127.0.0.1');
  wall.setUserTimeout(listener, 30_000);
  for (const timeoutMs of [0, -1, 2 ** 31, 1.5]) {
    expect(() => wall.setUserTimeout(listener, timeoutMs)).toThrow();
  }
  expect(() => wall.setUserTimeout(0, 30_000)).toThrow();
});

test('listenTcp takes literal addresses alone and says which call was refused', () => {
  const refused = (host: string, port: number, wanted: object): void =>
    expect(() => wall.listenTcp(host, port, false, 8)).toThrow(
      expect.objectContaining(wanted) as object,
    );
  refused('localhost', 0, { code: 'EINVAL', syscall: 'inet_pton' });
  refused('127.0.0.1\0', 0, { code: 'EINVAL', syscall: 'inet_pton' });
  const taken = wall.listenTcp('127.0.0.1', 0, false, 8);
  listeners.push(taken);
  refused('127.0.0.1', wall.boundPort(taken), { code: 'EADDRINUSE', syscall: 'bind' });
  const first = wall.listenTcp('127.0.0.1', 0, true, 8);
  listeners.push(first, wall.listenTcp('127.0.0.1', wall.boundPort(first), true, 8));
  expect(() => wall.boundPort(0)).toThrow();
});

test('one connection is accepted at a time, and none where nobody waits', async () => {
  const listener = wall.listenTcp('127.0.0.1', 0, false, 8);
  onEnd(() => wall.closeDescriptor(listener));
  expect(wall.acceptOne(listener)).toBe(-1);
  let calls = 0;
  const watch = new wall.Watch(listener, () => void calls++);
  watch.start();
  const peers = [1, 2].map(() => connect(wall.boundPort(listener), '127.0.0.1'));
  onEnd(() => peers.forEach((peer) => peer.destroy()));
  await Promise.all(peers.map((peer) => once(peer, 'connect')));
  await vi.waitUntil(() => calls > 1, { timeout: 10_000 });
  watch.stop();
  for (let index = 0; index < 2; index++) {
    const descriptor = wall.acceptOne(listener);
    expect(descriptor).toBeGreaterThan(listener);
    wall.closeDescriptor(descriptor);
  }
  expect(wall.acceptOne(listener)).toBe(-1);
  const before = calls;
  const late = connect(wall.boundPort(listener), '127.0.0.1');
  onEnd(() => void late.destroy());
  await once(late, 'connect');
  await sleep(50);
  expect(calls).toBe(before);
  watch.start();
  await vi.waitUntil(() => calls > before, { timeout: 10_000 });
  watch.close();
  watch.close();
  watch.start();
  const last = calls;
  await sleep(50);
  expect(calls).toBe(last);
});

test('what is no listener is no newcomer, and what cannot be watched is said', () => {
  const [one, other] = wall.socketPair();
  expect(() => wall.acceptOne(one)).toThrow('EINVAL');
  wall.closeDescriptor(one);
  wall.closeDescriptor(other);
  expect(() => wall.acceptOne(99_999)).toThrow('EBADF');
  expect(() => new wall.Watch(99_999, () => undefined)).toThrow('EBADF');
  expect(() => new wall.Watch(0, 7 as never)).toThrow('argument ready must be a function');
});
