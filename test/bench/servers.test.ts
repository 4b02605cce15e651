// servers.test.ts: servers start, stop and explain themselves.
import { expect, test } from 'vitest';
import { processTree } from '../../bench/counters.ts';
import { freePort, killServers, startServer } from '../../bench/servers.ts';

const listen = (port: number, more = '') => [
  process.execPath,
  '-e',
  `require('net').createServer().listen(${port}, '127.0.0.1'); console.log('up'); ${more}`,
];

test('a server is ready when it is given back, and gone when it is stopped', async () => {
  const port = await freePort();
  const server = await startServer(listen(port), port, 0);
  expect(processTree(server.pid).length).toBe(1);
  expect(server.output()).toBe('up\n');
  await server.stop();
  await server.stop();
  expect(processTree(server.pid)).toEqual([]);
});

test('a server that ends before it serves is told with its words', async () => {
  const port = await freePort();
  const broken = [process.execPath, '-e', 'console.error("no such luck"); process.exit(3)'];
  await expect(startServer(broken, port, 0)).rejects.toThrow(
    'it ended (3) before it served: no such luck',
  );
});

test('a run that is interrupted leaves no server and no child of one', async () => {
  const port = await freePort();
  const child = "require('child_process').spawn('sleep', ['60']); process.on('SIGTERM', () => {})";
  const server = await startServer(listen(port, child), port, 0);
  const tree = processTree(server.pid);
  expect(tree.length).toBe(2);
  killServers();
  await server.stop();
  expect(tree.flatMap((pid) => processTree(pid))).toEqual([]);
});
