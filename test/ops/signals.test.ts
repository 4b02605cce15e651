// signals.test.ts: what a service says it does when it is sent a signal, and that it does so.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Server, startServer } from '../support/server.ts';
import { packSite } from '../support/site.ts';

const { archive } = await packSite({ 'index.html': 'a' });

/** The events behind the start line, in their order. */
const events = (server: Server): string[] =>
  server
    .stdout()
    .split('\n')
    .slice(1, -1)
    .map((line) => line.replace(/ \d+ s$/, ' N s'));

async function until(done: () => boolean): Promise<void> {
  const last = performance.now() + 15_000;
  while (!done()) {
    if (performance.now() > last) throw new Error('not so after 15 s');
    await sleep(10);
  }
}

const DRAINING =
  'cdbserve draining: serving newcomers for 0 ms, then what is under way for 10000 ms';

test('SIGTERM drains, and it ends when the last worker is gone', async () => {
  const server = await startServer(archive);
  expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(events(server)).toEqual([DRAINING, 'cdbserve ended: after N s']);
  expect(server.stderr()).toBe('');
});

test('SIGINT ends at once, and so does a second SIGTERM', async () => {
  const server = await startServer(archive);
  await server.stop('SIGINT');
  const ending = 'cdbserve ending: at once, by SIGINT';
  expect(events(server)).toEqual([ending, 'cdbserve ended: after N s']);
  const other = await startServer(archive, ['--drain-wait', '60000']);
  other.signal('SIGTERM');
  await until(() => events(other).length === 1);
  expect(await other.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(events(other).slice(1)).toEqual([
    'cdbserve ending: at once, by a second SIGTERM',
    'cdbserve ended: after N s',
  ]);
});

test('SIGHUP reloads, said with --verbose from its beginning', async () => {
  const server = await startServer(archive, ['--verbose']);
  server.signal('SIGHUP');
  await until(() => server.stdout().includes('\ncdbserve reloaded: '));
  const names = server
    .stdout()
    .split('\n')
    .map((line) => line.split(':')[0]);
  expect(names.slice(0, 6)).toEqual([
    'cdbserve worker-started',
    'cdbserve started',
    'cdbserve loaded',
    'cdbserve reloading',
    'cdbserve worker-started',
    'cdbserve reloaded',
  ]);
  await server.stop('SIGINT');
});
