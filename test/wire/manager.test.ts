// manager.test.ts: a service under a service manager: what it says, and sockets it is handed.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { openManager } from '../support/manager.ts';
import { descendantsOf } from '../support/proc.ts';
import { startServer } from '../support/server.ts';
import { packSite, temporaryFolder } from '../support/site.ts';
import { openToAll } from '../support/starts.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const wall = loadWall(addonPath('wall'));
const { archive } = await packSite({ 'index.html': 'home\n' });

test.concurrent.each(['path', 'abstract'] as const)(
  'at a %s it hears of the start and the end',
  async (kind) => {
    const manager = await openManager(kind);
    const wrapper = ['env', `NOTIFY_SOCKET=${manager.address}`];
    const server = await startServer(archive, ['--drain-wait', '300'], { wrapper, workers: 2 });
    await manager.until(({ length }) => length === 1);
    const url = `http://127.0.0.1:${server.port}/`;
    expect(manager.messages[0]).toBe(`READY=1\nSTATUS=serving ${url} with 2 workers`);
    for (const pid of descendantsOf(server.pid)) {
      expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain('NOTIFY_SOCKET');
    }
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(manager.messages.slice(1)).toEqual(['STOPPING=1\nSTATUS=draining']);
    expect(server.stderr()).toBe('');
  },
);

test.concurrent('it hears when a reload begins and is over, well or not', async () => {
  const manager = await openManager('path');
  const copy = join(temporaryFolder(), 'copy.cdb');
  copyFileSync(archive, copy);
  openToAll(dirname(copy), copy);
  const wrapper = ['env', `NOTIFY_SOCKET=${manager.address}`];
  const server = await startServer(copy, [], { wrapper });
  await manager.until(({ length }) => length === 1);
  const [ready] = manager.messages;
  for (const change of [() => undefined, () => writeFileSync(copy, 'x')]) {
    const before = manager.messages.length;
    change();
    server.signal('SIGHUP');
    await manager.until(({ length }) => length === before + 2);
    const [began, over] = manager.messages.slice(before);
    expect(began).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+\nSTATUS=reloading$/);
    expect(over).toBe(ready);
  }
  expect((await exchange(server.port, get('/'))).body.toString()).toBe('home\n');
  expect(server.stderr()).toMatch(/^cdbserve: not-reloaded: [^\n]+\n$/);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

test.concurrent(
  'it is not ready when it cannot start, and a bad address is a warning',
  async () => {
    const manager = await openManager('path');
    const wrapper = ['env', `NOTIFY_SOCKET=${manager.address}`];
    await expect(startServer(`${archive}.none`, [], { wrapper })).rejects.toThrow('there is no');
    expect(manager.messages).toEqual([]);
    const wrong = ['env', `NOTIFY_SOCKET=${manager.address}.none`];
    const server = await startServer(archive, [], { wrapper: wrong });
    expect((await exchange(server.port, get('/'))).status).toBe(200);
    expect(await server.stop('SIGINT')).toEqual({ code: 0, signal: null });
    expect(server.stderr()).toMatch(
      /^cdbserve: manager-lost: cannot tell the service manager [^\n]+ENOENT[^\n]+\n$/,
    );
  },
);

test.concurrent('the watchdog is fed for as long as every worker takes its turns', async () => {
  const manager = await openManager('path');
  const variables = [`NOTIFY_SOCKET=${manager.address}`, 'WATCHDOG_USEC=1000000'];
  const server = await startServer(archive, [], { wrapper: ['env', ...variables], workers: 2 });
  const fed = (): number => manager.messages.filter((text) => text === 'WATCHDOG=1').length;
  await manager.until(() => fed() >= 3);
  const [still] = server.workers();
  process.kill(still!, 'SIGSTOP');
  const words = `the worker with pid ${still} stands still`;
  await manager.until(() => server.stderr().includes(words));
  const before = fed();
  await sleep(1_500);
  expect(fed()).toBe(before);
  process.kill(still!, 'SIGCONT');
  await manager.until(() => fed() >= before + 3);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

function freePort(): number {
  const socket = wall.listenTcp('127.0.0.1', 0, false, 1);
  const port = wall.boundPort(socket);
  wall.closeDescriptor(socket);
  return port;
}

/** As soon as somebody listens there. */
async function connectTo(port: number): Promise<Wire> {
  for (;;) {
    try {
      return await Wire.open(port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
      await sleep(20);
    }
  }
}

test.concurrent('systemd-socket-activate hands over two sockets, and who waits there', async () => {
  const ports = [freePort(), freePort()] as const;
  const listen = ports.flatMap((port) => ['--listen', `127.0.0.1:${port}`]);
  const wrapper = ['systemd-socket-activate', ...listen, '--fdname=web:more'];
  const starting = startServer(archive, ['--listen', 'systemd'], { wrapper, workers: 2 });
  const first = await connectTo(ports[0]);
  first.send(get('/'));
  const server = await starting;
  expect((await first.reply({ timeoutMs: 20_000 })).body.toString()).toBe('home\n');
  const urls = [`http://127.0.0.1:${ports[0]}/ (web)`, `http://127.0.0.1:${ports[1]}/ (more)`];
  expect(server.startLine).toContain(` ${urls.join(' ')}, 2 workers, `);
  for (const port of ports) expect((await exchange(port, get('/'))).status).toBe(200);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});
