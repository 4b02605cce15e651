// listeners.test.ts: sockets with a path, and sockets that somebody else has opened.
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { closeSync, existsSync, openSync, statSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, get as httpGet } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { program, startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { withUnixSocketsAlone } from '../support/starts.ts';

const wall = loadWall(addonPath('wall'));
let archive: string;
let folder: string;

beforeAll(async () => {
  ({ archive } = await packSite({ 'index.html': 'home\n' }));
  folder = temporaryFolder();
});

interface Place {
  readonly socketPath?: string;
  readonly port?: number;
}

/** The whole answer; a new connection each time. */
async function ask(place: Place): Promise<string> {
  const request = httpGet({ host: '127.0.0.1', ...place, path: '/', agent: false, timeout: 8_000 });
  request.on('timeout', () => request.destroy(new Error('no answer within 8 s')));
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return `${answer.statusCode} ${await text(answer)}`;
}

const HOME = '200 home\n';

function open(): { readonly socket: number; readonly port: number } {
  const socket = wall.listenTcp('127.0.0.1', 0, false, 64);
  onEnd(() => wall.closeDescriptor(socket));
  return { socket, port: wall.boundPort(socket) };
}

/** Workers stand still, so that whoever comes waits in the queue of the socket. */
async function whileStopped(server: Server, work: () => Promise<void>): Promise<void> {
  for (const pid of server.workers()) process.kill(pid, 'SIGSTOP');
  try {
    await work();
  } finally {
    for (const pid of server.workers()) process.kill(pid, 'SIGCONT');
  }
}

test('a path is served by every worker, with the mode that was asked for', async () => {
  const socketPath = join(folder, 'two workers.sock');
  const server = await startServer(archive, ['--listen', `unix:${socketPath},mode=640`], {
    workers: 2,
  });
  expect(server.startLine).toContain(` unix:${socketPath}, 2 workers,`);
  expect(statSync(socketPath).mode & 0o777).toBe(0o640);
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask({ socketPath })));
  expect(new Set(answers)).toEqual(new Set([HOME]));
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

test('a socket that nobody listens on is replaced, one that lives is not', async () => {
  const socketPath = join(folder, 'stale.sock');
  const listen = ['--listen', `unix:${socketPath}`];
  const first = await startServer(archive, listen);
  const second = await runCommand(process.execPath, [program, archive, ...listen]);
  expect(second.stderr).toContain(`cannot bind unix:${socketPath}: EADDRINUSE. Another process`);
  expect(second.code).toBe(EXIT.cannotBind);
  await first.stop('SIGKILL');
  expect(existsSync(socketPath)).toBe(true);
  const third = await startServer(archive, listen);
  expect(await ask({ socketPath })).toBe(HOME);
  expect((await third.stop()).code).toBe(0);
});

test.each([
  ['plain', 'EEXIST. Something that is no socket has that name.'],
  ['none/x.sock', 'ENOENT. There is no such folder.'],
])('a path %s is refused: %s', async (name, words) => {
  const path = join(folder, name);
  if (name === 'plain') writeFileSync(path, 'kept');
  const ended = await runCommand(process.execPath, [program, archive, '--listen', `unix:${path}`]);
  expect(ended.stderr).toContain(`cdbserve: cannot bind unix:${path}: ${words}`);
  expect(ended.code).toBe(EXIT.cannotBind);
});

test('where the unit leaves the network out, --admin too names it, and a path does', async () => {
  const listen = ['--listen', `unix:${join(folder, 'families.sock')}`];
  const [perl, ...rest] = [...withUnixSocketsAlone, process.execPath, program, archive, ...listen];
  const ended = await runCommand(perl!, [...rest, '--admin', '127.0.0.1:9101']);
  expect(ended.stderr).toContain('cannot bind 127.0.0.1:9101: EAFNOSUPPORT. ');
  expect(ended.stderr).toMatch(/ RestrictAddressFamilies= of the unit .* unix:\/PATH\.$/m);
  expect(ended.code).toBe(EXIT.cannotBind);
  const admin = ['--admin', `unix:${join(folder, 'families.admin')}`];
  const server = await startServer(archive, [...listen, ...admin], {
    wrapper: withUnixSocketsAlone,
  });
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

test('who waits at a path when the service is asked to end is answered', async () => {
  const socketPath = join(folder, 'drain.sock');
  const server = await startServer(archive, ['--listen', `unix:${socketPath}`], { workers: 2 });
  let answers: Promise<string[]> | undefined;
  await whileStopped(server, async () => {
    answers = Promise.all(Array.from({ length: 20 }, () => ask({ socketPath })));
    await sleep(200);
    server.signal('SIGTERM');
    await sleep(300);
    await expect(ask({ socketPath })).rejects.toThrow('ECONNREFUSED');
  });
  expect(new Set(await answers)).toEqual(new Set([HOME]));
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test('an inherited socket goes from one server to the next, with who waits there', async () => {
  const { socket, port } = open();
  const start = { workers: 2, inherited: [socket] };
  const first = await startServer(archive, ['--listen', 'fd:3'], start);
  expect(first.startLine).toContain(` http://127.0.0.1:${port}/ (fd:3), 2 workers,`);
  expect(await ask({ port })).toBe(HOME);
  expect(await first.stop()).toEqual({ code: 0, signal: null });
  const answers = Promise.all(Array.from({ length: 20 }, () => ask({ port })));
  await sleep(200);
  const second = await startServer(archive, ['--listen', 'fd:3'], start);
  expect(new Set(await answers)).toEqual(new Set([HOME]));
  expect((await second.stop()).code).toBe(0);
});

/** As a service manager starts it: sd_listen_fds(3). */
function handing(names: string): string[] {
  const variables = `LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=${names}`;
  return ['/bin/sh', '-c', `${variables} exec "$@"`, 'sh'];
}

test('two sockets of a service manager are two listeners, by name too', async () => {
  const [one, other] = [open(), open()];
  const inherited = [one.socket, other.socket];
  const wrapper = handing('web:more');
  const all = await startServer(archive, ['--listen', 'systemd'], { inherited, wrapper });
  expect(all.startLine).toContain(
    ` http://127.0.0.1:${one.port}/ (web) http://127.0.0.1:${other.port}/ (more), `,
  );
  expect(await ask({ port: one.port })).toBe(HOME);
  expect(await ask({ port: other.port })).toBe(HOME);
  await all.stop();
  const named = await startServer(archive, ['--listen', 'systemd:more'], { inherited, wrapper });
  expect(await ask({ port: other.port })).toBe(HOME);
  expect(named.startLine).not.toContain('(web)');
});

test.each([
  ['fd:999', 'EBADF. No such descriptor is open.'],
  ['fd:3', 'ENOTSOCK. It is no socket.'],
  ['fd:4', 'EINVAL. It does not listen for streams'],
])('--listen %s is refused: %s', async (name, words) => {
  const file = openSync('/dev/null', 'r');
  const datagrams = createSocket('udp4').bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  const udp = (datagrams as unknown as { _handle: { fd: number } })._handle.fd;
  const starting = startServer(archive, ['--listen', name], { inherited: [file, udp] });
  await expect(starting).rejects.toThrow(`cdbserve: cannot take over ${name}: ${words}`);
  datagrams.close();
  closeSync(file);
});
