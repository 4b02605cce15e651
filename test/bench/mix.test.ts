// mix.test.ts: requests of every kind reach a server and are held against their statuses.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { drive, mixedSteps } from '../../bench/mix.ts';
import { MISSING_PATH } from '../../bench/site.ts';
import { onEnd } from '../support/cleanup.ts';

const ETAG = '"page"';

/** Node's own http as the other side: it knows every kind, and refuses malformed heads. */
async function startHttp(statusOfMissing: number): Promise<number> {
  const server = createServer((request, response) => {
    const fresh = request.headers['if-none-match'] === ETAG;
    if (fresh) return void response.writeHead(304).end();
    const status = request.url === MISSING_PATH ? statusOfMissing : 200;
    const body = request.method === 'HEAD' ? '' : 'body';
    response.writeHead(status, { ETag: ETAG, 'Content-Length': 4 }).end(body);
  });
  server.on('clientError', (_, socket) => {
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onEnd(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Without the faults in Host, which Node's http does not see or answers in chunks. */
const nodeSteps = mixedSteps(ETAG).filter(
  (step) => step.kind !== '400' || /Host: a\r\n[BC]/.test(step.bytes),
);

test('every kind is sent, and as many as were asked for', async () => {
  const counts = await drive(await startHttp(404), nodeSteps, 2_000, 4);
  expect([...counts.keys()].sort()).toEqual(['200', '304', '400', '404', 'HEAD', 'pipelined']);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  expect(total).toBeGreaterThanOrEqual(2_000);
  expect(total).toBeLessThan(2_000 + 4 * 16);
});

test('an answer with another status ends the run', async () => {
  const run = drive(await startHttp(200), nodeSteps, 2_000, 1);
  await expect(run).rejects.toThrow('200 instead of 404 to ');
});
