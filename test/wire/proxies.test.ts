// proxies.test.ts: behind real proxies the log has the client, and nobody else can say who it is.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freePort } from '../../bench/servers.ts';
import { onEnd } from '../support/cleanup.ts';

import { type Server, startServer } from '../support/server.ts';
import { packSite, temporaryFolder } from '../support/site.ts';
import { Wire, get } from '../support/wire.ts';

const { archive } = await packSite({ 'small.txt': 'small\n' });
/** The proxies connect from here; clients, whoever they are, from elsewhere. */
const PROXY = '127.0.0.1';
const CLIENT = '127.0.0.5';
const STRANGER = '127.0.0.9';
const FORGED = '203.0.113.7';
const WITH_FORGED = [`X-Forwarded-For: ${FORGED}`, 'X-Forwarded-Proto: https'].join('\r\n');

type Start = (port: number, upstream: number, folder: string) => readonly string[];

const PROXIES: Readonly<Record<string, Start>> = {
  nginx: (port, upstream, folder) => {
    const config = join(folder, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    writeFileSync(
      config,
      `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
      http { access_log off; ${temporary.join(' ')}
        server { listen ${PROXY}:${port};
          location / { proxy_pass http://${PROXY}:${upstream}; proxy_http_version 1.1;
            proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } } }`,
    );
    return ['nginx', '-p', folder, '-e', join(folder, 'error.log'), '-c', config];
  },
  caddy: (port, upstream, folder) => {
    const config = join(folder, 'Caddyfile');
    writeFileSync(
      config,
      `{\n admin off\n auto_https off\n}\nhttp://:${port} {\n bind ${PROXY}\n ` +
        `reverse_proxy ${PROXY}:${upstream}\n}\n`,
    );
    return ['caddy', 'run', '--config', config, '--adapter', 'caddyfile'];
  },
  haproxy: (port, upstream, folder) => {
    const config = join(folder, 'haproxy.cfg');
    writeFileSync(
      config,
      [
        'defaults\n mode http\n timeout connect 5s\n timeout client 20s\n timeout server 20s',
        ` option forwardfor\nfrontend in\n bind ${PROXY}:${port}\n default_backend out`,
        `backend out\n server one ${PROXY}:${upstream}\n`,
      ].join('\n'),
    );
    return ['haproxy', '-db', '-f', config];
  },
};

async function startProxy(name: string, upstream: number): Promise<number> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'home'));
  const port = await freePort();
  const [program, ...rest] = PROXIES[name]!(port, upstream, folder);
  const child: ChildProcess = spawn(program!, rest, {
    stdio: 'ignore',
    env: { ...process.env, HOME: join(folder, 'home') },
  });
  onEnd(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  for (let tries = 0; tries < 400; tries++) {
    const wire = await Wire.open(port, { host: PROXY }).catch(() => undefined);
    wire?.destroy();
    if (wire) return port;
    await sleep(25);
  }
  throw new Error(`${name} does not listen`);
}

interface Logged {
  readonly server: Server;
  readonly log: string;
}

async function start(args: readonly string[]): Promise<Logged> {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777); // started by root it is somebody else who writes
  const log = join(folder, 'access.log');
  const logging = ['--access-log', log, '--log-addresses', 'full'];
  return { server: await startServer(archive, [...logging, ...args]), log };
}

async function ask(port: number, from: string, fields = ''): Promise<number> {
  const wire = await Wire.open(port, { from });
  wire.send(get('/small.txt', ...(fields === '' ? [] : [fields])));
  const { status } = await wire.reply();
  wire.destroy();
  return status;
}

const addressesIn = (log: string): string[] =>
  readFileSync(log, 'latin1')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[0]!);

const TRUSTED = ['--trusted-proxy', `${PROXY}/32`];

test.each(Object.keys(PROXIES))('behind %s the log has the client', async (name) => {
  const { server, log } = await start(TRUSTED);
  const port = await startProxy(name, server.port);
  expect(await ask(port, CLIENT)).toBe(200);
  expect(await ask(port, CLIENT, WITH_FORGED)).toBe(200);
  expect(await ask(server.port, STRANGER, WITH_FORGED)).toBe(200);
  await server.stop();
  expect(addressesIn(log)).toEqual([CLIENT, CLIENT, STRANGER]);
});

test('whoever is not named a proxy is the client, whatever it says', async () => {
  const { server, log } = await start([]);
  expect(await ask(server.port, PROXY, WITH_FORGED)).toBe(200);
  await server.stop();
  expect(addressesIn(log)).toEqual([PROXY]);
});

test('limits by address do not hold for a proxy, and do for anybody else', async () => {
  const limit = 2;
  const { server } = await start([...TRUSTED, '--max-connections-per-address', String(limit)]);
  const port = await startProxy('nginx', server.port);
  const through = Array.from({ length: 12 }, () => ask(port, CLIENT));
  const held = await Promise.all(
    Array.from({ length: 12 }, () => Wire.open(server.port, { from: PROXY })),
  );
  expect(new Set(await Promise.all(through))).toEqual(new Set([200]));
  for (const wire of held) wire.send(get('/small.txt'));
  const replies = await Promise.all(held.map((wire) => wire.reply()));
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  const strangers = await Promise.all(
    Array.from({ length: limit + 1 }, () => Wire.open(server.port, { from: STRANGER })),
  );
  for (const wire of strangers) wire.send(get('/small.txt'));
  const statuses = await Promise.all(strangers.map(async (wire) => (await wire.reply()).status));
  expect(statuses.sort()).toEqual([200, 200, 503]);
  for (const wire of [...held, ...strangers]) wire.destroy();
  await server.stop();
});
