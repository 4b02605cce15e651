// realsite.test.ts: a real site comes back byte for byte, in every coding, and packs to the same
// bytes again.
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { DOCS, contentOf, filesOf } from '../support/docs.ts';
import { FULL } from '../support/ledger.ts';
import { value } from '../support/reply.ts';
import type { Reply } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packFolder, packer, runCommand, temporaryFolder } from '../support/site.ts';
import { Wire } from '../support/wire.ts';

type Ask = (method: string, ...fields: string[]) => Promise<Reply>;
type Check = (path: string, ask: Ask) => Promise<void>;

const PACK_LIMIT_MS = 120_000;
const FLAGS = ['--follow-symlinks', '--compress', FULL ? 'balanced' : 'fast'];
const paths = filesOf(DOCS);
let folder: string;
let archive: string;
let server: Server;

beforeAll(async () => {
  folder = temporaryFolder();
  archive = join(folder, 'docs.cdb');
  await packFolder(DOCS, archive, FLAGS);
  server = await startServer(archive);
}, PACK_LIMIT_MS);

function urlOf(path: string): string {
  return `/${path.split('/').map(encodeURIComponent).join('/')}`;
}

async function fetchAll(check: Check): Promise<void> {
  const queue = paths.values();
  const lanes = Array.from({ length: 4 }, async () => {
    const wire = await Wire.open(server.port);
    for (const path of queue) {
      await check(path, async (method, ...fields) => {
        const lines = [`${method} ${urlOf(path)} HTTP/1.1`, 'Host: docs.example', ...fields];
        wire.send([...lines, '', ''].join('\r\n'));
        return wire.reply({ head: method === 'HEAD' });
      });
    }
    wire.destroy();
  });
  await Promise.all(lanes);
}

function lasting(reply: Reply): string[] {
  return reply.fields.filter(([name]) => name !== 'Date').map((field) => field.join(': '));
}

test('the site is a real one', () => {
  expect(paths.length).toBeGreaterThan(1_000);
});

test('every file comes back byte for byte, and HEAD has its head', async () => {
  await fetchAll(async (path, ask) => {
    const reply = await ask('GET');
    expect(reply.status, path).toBe(200);
    expect(value(reply, 'content-encoding'), path).toBeUndefined();
    expect(reply.body.equals(contentOf(path)), path).toBe(true);
    const head = await ask('HEAD');
    expect([head.status, ...lasting(head)], path).toEqual([200, ...lasting(reply)]);
  });
}, PACK_LIMIT_MS);

test.each([
  ['gzip', gunzipSync],
  ['br', brotliDecompressSync],
])('every file comes back through %s', async (name, decode) => {
  let encoded = 0;
  await fetchAll(async (path, ask) => {
    const reply = await ask('GET', `Accept-Encoding: ${name}`);
    expect(reply.status, path).toBe(200);
    const coding = value(reply, 'content-encoding');
    if (coding !== undefined) encoded++;
    expect([undefined, name], path).toContain(coding);
    const body = coding === name ? decode(reply.body) : reply.body;
    expect(body.equals(contentOf(path)), path).toBe(true);
    const head = await ask('HEAD', `Accept-Encoding: ${name}`);
    expect([head.status, ...lasting(head)], path).toEqual([200, ...lasting(reply)]);
    const again = await ask('GET', `Accept-Encoding: ${name}`, `If-None-Match: ${value(reply, 'etag')}`);
    expect([again.status, again.body.length], path).toEqual([304, 0]);
  });
  expect(encoded).toBeGreaterThan(900);
}, PACK_LIMIT_MS);

test('packing again gives the same bytes', async () => {
  const second = join(folder, 'again.cdb');
  await packFolder(DOCS, second, [...FLAGS, '--jobs', '1']);
  expect(readFileSync(second).equals(readFileSync(archive))).toBe(true);
}, PACK_LIMIT_MS);

test("Debian's cdb lists every file", async () => {
  const listed = await runCommand('cdb', ['-l', archive]);
  expect(listed.code).toBe(0);
  const keys = new Set(listed.stdout.split('\n'));
  const missing = paths.filter((path) => !keys.has(`+${Buffer.byteLength(path) + 1}:/${path}`));
  expect(missing).toEqual([]);
});

test('packing a folder into itself twice does not grow', async () => {
  const site = join(folder, 'self');
  mkdirSync(site);
  for (const path of paths.filter((name) => /^[^/]+\.html$/.test(name))) {
    cpSync(join(DOCS, path), join(site, path), { dereference: true, preserveTimestamps: true });
  }
  const sizes: number[] = [];
  for (let round = 0; round < 2; round++) {
    const argv = [packer, '.', 'out.cdb', '--no-cache', '--compress', 'fast'];
    const ended = await runCommand(process.execPath, argv, { cwd: site });
    expect(ended.code, ended.stderr).toBe(0);
    sizes.push(statSync(join(site, 'out.cdb')).size);
  }
  expect(sizes[1]).toBe(sizes[0]);
});
