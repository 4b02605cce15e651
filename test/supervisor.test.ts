// supervisor.test.ts: a service from its first line to its end. More of it is in
// test/wire/lifecycle.test.ts.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { version } from '../src/paths.ts';
import { startServer } from './support/server.ts';
import { packSite } from './support/site.ts';
import type { Files } from './support/site.ts';
import { Wire, exchange, get } from './support/wire.ts';

const site = await packSite({ 'index.html': '<p>root', 'a.txt': 'alpha' });

test('the start line says what is served, where, by how many, and what protects it', async () => {
  const server = await startServer(site.archive, ['--verbose'], { workers: 2 });
  expect(server.startLine).toMatch(
    new RegExp(
      `^cdbserve started: ${version.replaceAll('.', '\\.')}, 2 files, \\d\\.\\d\\d kB, ` +
        `http://127\\.0\\.0\\.1:${server.port}/, 2 workers, archive sealed \\(0x[0-9a-f]+\\), .+$`,
    ),
  );
  expect(server.workers()).toHaveLength(2);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.stdout()).toMatch(
    /\ncdbserve loaded: 2 files, .+, digest [0-9a-f]{12}, verified in \d+ ms, workers ready in /,
  );
  expect(server.stderr()).toBe('');
});

test('a worker is told what the manifest says of its sites', async () => {
  const statuses = async (files: Files, flags: readonly string[] = []) => {
    const server = await startServer((await packSite(files, flags)).archive);
    const [path, host] = ['/n/one', 'GET / HTTP/1.1\r\nHost: b.example\r\n\r\n'];
    const replies = [await exchange(server.port, get(path)), await exchange(server.port, host)];
    await server.stop();
    return replies.map(({ status }) => status);
  };
  expect(await statuses({ a: 'a' })).toEqual([404, 404]);
  expect(await statuses({ '200.html': 'app' })).toEqual([200, 200]);
  expect(await statuses({ _redirects: '/n/* /:splat\n', a: '' })).toEqual([301, 404]);
  expect(await statuses({ a: 'a' }, ['--host', `b.example=${site.folder}`])).toEqual([404, 200]);
});

test('jitless workers run without a compiler, and say nothing about it', async () => {
  const server = await startServer(site.archive, ['--lockdown', 'jitless']);
  const line = readFileSync(`/proc/${server.workers()[0]}/cmdline`, 'utf8').split('\0');
  expect(line).toContain('--jitless');
  expect(readFileSync(`/proc/${server.workers()[0]}/maps`, 'utf8')).not.toMatch(/ rwx/);
  expect((await exchange(server.port, get('/a.txt'))).body.toString()).toBe('alpha');
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.stderr()).toBe('');
});

test('SIGINT ends at once, whoever is connected', async () => {
  const server = await startServer(site.archive);
  const wire = await Wire.open(server.port);
  const start = performance.now();
  expect(await server.stop('SIGINT')).toEqual({ code: 0, signal: null });
  expect(performance.now() - start).toBeLessThan(5_000);
  wire.destroy();
});

test('a second SIGTERM ends what the first one waits for', async () => {
  const server = await startServer(site.archive, ['--drain-timeout', '60000']);
  const wire = await Wire.open(server.port);
  wire.send('GET / HT');
  await new Promise((resolve) => setTimeout(resolve, 200));
  server.signal('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  wire.destroy();
});
