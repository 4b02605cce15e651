// honest.test.ts: the honest client sees what is not as it should be.
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { onEnd } from './cleanup.ts';
import { Honest } from './honest.ts';

const CONTENT = { 'small.txt': Buffer.from('small\n') };

/** Answers every chunk with the same bytes. */
async function stub(answer: string): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function live(answer: string) {
  const honest = new Honest(await stub(answer), CONTENT);
  await sleep(50);
  return honest.stop();
}

test('right answers are counted', async () => {
  const { answers, slowestMs } = await live('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsmall\n');
  expect(answers).toBeGreaterThan(1);
  expect(slowestMs).toBeLessThan(5_000);
});

test.each([
  ['another byte', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsmalL\n'],
  ['another length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsmall'],
  ['another status', 'HTTP/1.1 503 Busy\r\nContent-Length: 6\r\n\r\nsmall\n'],
  ['no reply', 'small\n'],
])('%s is a fault', async (_, answer) => {
  await expect(live(answer)).rejects.toThrow('the honest client, answer 1');
});
