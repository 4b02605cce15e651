// bind.test.ts: a port that is taken, and the next one that is not.
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { expect, test } from 'vitest';
import { EXIT, Failure } from '../../src/errors.ts';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { bind } from '../../src/preview/bind.ts';
import { onEnd } from '../support/cleanup.ts';

const wall = loadWall(addonPath('wall'));
const host = '127.0.0.1';

function failureOf(port: number): Failure {
  try {
    bind(wall, { host, port }, 1_000);
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('no Failure');
}

async function occupy(port: number): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  onEnd(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('a free one is bound', () => {
  const { bound, sockets } = bind(wall, { host, port: 0 }, 1_000);
  expect(bound).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(sockets).toHaveLength(1);
  wall.closeDescriptor(sockets[0]!);
});

test('where one is taken the error names the next that is free', async () => {
  const port = await occupy(0);
  const failure = failureOf(port);
  expect(failure.exitCode).toBe(EXIT.cannotBind);
  const named = Number(/Port (\d+) is free: --listen 127\.0\.0\.1:\1\.$/.exec(failure.message)![1]);
  expect(named).toBeGreaterThan(port);
  await occupy(named);
  const next = Number(/Port (\d+) is free/.exec(failureOf(port).message)![1]);
  expect(next).toBeGreaterThan(named);
});

test('other faults are told as they are', () => {
  expect(() => bind(wall, { host: '192.0.2.1', port: 1_234 }, 1_000)).toThrow(/EADDRNOTAVAIL\. No/);
});
