// nginx.ts: starts Debian's nginx on a folder, in a prefix of its own, and ends it.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../../bench/peers.ts';
import { freePort } from '../../bench/servers.ts';
import { onEnd } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/site.ts';

const START_TIMEOUT_MS = 10_000;

/**
 * What a careful operator of static files sets; where the two servers have a like setting it has
 * the like value.
 */
const CONFIG = `{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events { worker_connections 1024; }
http {
  types { text/html html; text/plain txt; }
  default_type application/octet-stream;
  access_log off;
  gzip off;
  gzip_static on;
  gzip_http_version 1.0;
  gzip_proxied any;
  gzip_vary on;
  if_modified_since before;
  absolute_redirect off;
  server_tokens off;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {
    listen 127.0.0.1:{port};
    root {root};
  }
}
`;

/** Serves `root` with the .gz files beside its files; gives the port. Ends after the last test. */
export async function startNginx(root: string): Promise<number> {
  const program = findProgram('nginx');
  if (program === undefined) {
    throw new Error('there is no nginx here: apt-get install nginx-light');
  }
  const prefix = temporaryFolder();
  const config = join(prefix, 'nginx.conf');
  const port = await freePort();
  mkdirSync(join(prefix, 'logs'));
  const words: Readonly<Record<string, string>> = {
    // nginx's worker would otherwise give up root and then not find the folder.
    user: process.getuid?.() === 0 ? 'user root;' : '',
    folder: prefix,
    port: String(port),
    root,
  };
  writeFileSync(
    config,
    CONFIG.replaceAll(/\{([a-z]+)\}/g, (_, word: string) => words[word]!),
  );
  const args = ['-p', prefix, '-e', join(prefix, 'error.log'), '-c', config];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  onEnd(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const last = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > last) {
      throw new Error(`nginx did not start:\n${stderr}`);
    }
    await sleep(20);
  }
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
