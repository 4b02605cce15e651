// access_log.test.ts: the access log of the running service: a line for each answer, whatever
// happens to workers, files and readers.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { LOG_REST_TIMEOUT_MS } from '../../src/limits.ts';
import { onEnd } from '../support/cleanup.ts';
import { type CombinedLine, parseCombined } from '../support/log_lines.ts';
import { program, startServer } from '../support/server.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { Wire, get } from '../support/wire.ts';

const folder = temporaryFolder();
chmodSync(folder, 0o777); // started by root it is somebody else who writes
let names = 0;
const newPath = (): string => join(folder, `log-${names++}`);

const big = Buffer.alloc(2_000, 'b');
const site = { 'index.html': 'hello', 'big.bin': big };
const { archive } = await packSite(site);

function linesOf(path: string): CombinedLine[] {
  const lines = readFileSync(path, 'latin1').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map(parseCombined);
}

/** Status, bytes and request line of each answer to requests sent at once. */
async function ask(port: number, requests: readonly string[]): Promise<unknown[]> {
  const wire = await Wire.open(port);
  await wire.sendPieces([Buffer.from(requests.join(''), 'latin1')]);
  const answers: unknown[] = [];
  for (const request of requests) {
    const { status, body } = await wire.reply({ head: request.startsWith('HEAD') });
    answers.push([status, body.length, request.split('\r\n')[0]]);
  }
  wire.destroy();
  return answers;
}

test('lines are the answers, and the service does not end before they are written', async () => {
  const path = newPath();
  const server = await startServer(archive, ['--access-log', path, '--log-addresses', 'full']);
  const began = Math.floor(Date.now() / 1_000) * 1_000;
  const answers = await ask(server.port, [
    get('/', 'Referer: http://a/?q="x"', 'User-Agent: "r\xc3\xa9d\xff\\'),
    get('/big.bin', 'Range: bytes=10-29'),
    get('/big.bin'),
    get('/missing?x=%22', 'User-Agent: a'),
    'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
  ]);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  const lines = linesOf(path);
  expect(lines.map(({ status, bytes, request }) => [status, bytes, request])).toEqual(answers);
  expect(new Set(lines.map(({ client }) => client))).toEqual(new Set(['127.0.0.1']));
  expect(lines[0]).toMatchObject({
    referer: 'http://a/?q="x"',
    userAgent: '"r\xc3\xa9d\xff\\',
  });
  expect(lines[3]).toMatchObject({ referer: '-', userAgent: 'a' });
  for (const { time } of lines) {
    expect(Date.parse(time)).toBeGreaterThanOrEqual(began);
    expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
  }
  expect(server.stderr()).toBe('');
});

test('what is no request has its line too, and makes no second one', async () => {
  const path = newPath();
  const server = await startServer(archive, ['--access-log', path]);
  for (const bytes of [
    'no sense\r\nat all\r\n\r\n',
    '\x16\x03\x01\x02\n\0\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  ]) {
    const wire = await Wire.open(server.port);
    await wire.sendPieces([Buffer.from(bytes, 'latin1')]);
    expect((await wire.reply()).status).toBeGreaterThanOrEqual(400);
    wire.destroy();
  }
  await server.stop();
  const lines = linesOf(path);
  expect(lines.map(({ request }) => request)).toEqual([
    'no sense',
    '\x16\x03\x01\x02',
    'GET / HTTP/9.9',
  ]);
  expect(lines.every(({ status, client }) => status >= 400 && client === '127.0.0.0')).toBe(true);
});

test('JSON on standard output, which has nothing else, with the client that a proxy names', async () => {
  const args = ['--access-log', '-', '--log-format', 'json', '--log-addresses', 'full'];
  const server = await startServer(archive, [...args, '--trusted-proxy', '127.0.0.0/8'], {
    workers: 2,
  });
  await ask(server.port, [get('/?a=b', 'X-Forwarded-For: 2001:db8::7, 127.0.0.9')]);
  await ask(server.port, [get('/missing', 'User-Agent: x"y')]);
  server.signal('SIGHUP');
  await vi.waitFor(() => expect(server.stderr()).toContain('cdbserve reloaded: '), {
    timeout: 20_000,
  });
  await server.stop();
  const lines = server
    .stdout()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toHaveLength(2);
  const first = lines.find((line) => 'peer' in line);
  expect(first).toMatchObject({
    client: '2001:db8::7',
    peer: '127.0.0.1',
    target: '/?a=b',
    bytes: 5,
  });
  const second = lines.find((line) => line !== first);
  expect(second).toMatchObject({ client: '127.0.0.1', status: 404, userAgent: 'x"y' });
  expect(server.stderr()).toContain('cdbserve started: ');
});

test('a file moved away at SIGHUP, under load and again and again: no line is lost', async () => {
  const path = newPath();
  const server = await startServer(archive, ['--access-log', path, '--verbose'], { workers: 2 });
  const over = new AbortController();
  const load = async (): Promise<number> => {
    let answers = 0;
    while (!over.signal.aborted) {
      answers += (await ask(server.port, [get('/big.bin'), get('/big.bin')])).length;
    }
    return answers;
  };
  const clients = [load(), load(), load()];
  const moved: string[] = [];
  for (let round = 1; round <= 4; round++) {
    await vi.waitFor(() => expect(linesOf(path).length).toBeGreaterThan(5), { timeout: 20_000 });
    moved.push(`${path}.${round}`);
    renameSync(path, moved.at(-1)!);
    server.signal('SIGHUP');
    const reopened = (): unknown =>
      server.stdout().match(/^cdbserve access-log-reopened: /gm)?.length;
    await vi.waitFor(() => expect(reopened()).toBe(round), { timeout: 20_000 });
  }
  over.abort();
  const asked = await Promise.all(clients);
  await server.stop();
  const lines = [...moved, path].flatMap(linesOf);
  expect(lines).toHaveLength(asked.reduce((sum, answers) => sum + answers, 0));
  expect(new Set(lines.map(({ request }) => request))).toEqual(new Set(['GET /big.bin HTTP/1.1']));
  expect(server.stderr()).not.toContain('access-log');
});

test('answers of a worker that is killed have their lines', async () => {
  const path = newPath();
  const server = await startServer(archive, ['--access-log', path]);
  const requests = Array.from({ length: 50 }, (_, index) => get(`/?${index}`));
  const answers = await ask(server.port, requests);
  process.kill(server.workers()[0]!, 'SIGKILL');
  await vi.waitFor(() => expect(server.stderr()).toContain('worker-replaced'), { timeout: 20_000 });
  answers.push(...(await ask(server.port, requests)));
  await server.stop();
  expect(linesOf(path).map(({ status, bytes, request }) => [status, bytes, request])).toEqual(
    answers,
  );
});

test('a reader that takes nothing: everybody is served, and the service ends', async () => {
  const path = newPath();
  execFileSync('mkfifo', ['-m', '666', path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const server = await startServer(archive, ['--access-log', path]);
  const agent = `User-Agent: ${'a'.repeat(2_000)}`;
  for (let round = 0; round < 40; round++) {
    await ask(
      server.port,
      Array.from({ length: 10 }, () => get('/', agent)),
    );
  }
  const began = performance.now();
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(5 * (2 * LOG_REST_TIMEOUT_MS));
  const said = /access-log-lost: (\d+) answers/.exec(server.stderr())?.[1];
  const bytes = Buffer.alloc(1 << 20);
  const text = bytes.toString('latin1', 0, readSync(reader, bytes, 0, bytes.length, null));
  expect(text.split('\n').length - 1 + Number(said)).toBe(400);
  closeSync(reader);
}, 60_000);

/** Its standard output is a terminal at which nobody looks: a write waits there for ever. */
const UNREAD = [
  'import os, sys',
  'ours, theirs = os.openpty()',
  'os.set_inheritable(ours, True)',
  'os.dup2(theirs, 1)',
  'os.execvp(sys.argv[1], sys.argv[1:])',
].join('\n');

test('a terminal that nobody reads does not keep the service', async () => {
  const args = [archive, '--listen', '127.0.0.1:0', '--access-log', '-', '--drain-wait', '0'];
  const child = spawn('python3', ['-c', UNREAD, process.execPath, program, ...args]);
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(child, 'close');
  onEnd(() => void child.kill('SIGKILL'));
  const port = await vi.waitFor(
    () => Number(/http:\/\/127\.0\.0\.1:(\d+)\//.exec(said)![1]),
    20_000,
  );
  const agent = `User-Agent: ${'a'.repeat(2_000)}`;
  const asked = Array.from({ length: 10 }, () => get('/', agent));
  for (let round = 0; round < 10; round++) await ask(port, asked);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(said).toMatch(/access-log-lost: [\d]+ answers without a line.*\ncdbserve ended: /s);
}, 60_000);

test('a log that cannot be opened ends the start, and says what to do', async () => {
  const run = (path: string): ReturnType<typeof runCommand> =>
    runCommand(
      process.execPath,
      [program, archive, '--listen', '127.0.0.1:0', '--access-log', path],
      {
        timeout: 20_000,
      },
    );
  const inFolder = await run(folder);
  expect([inFolder.code, inFolder.stderr]).toEqual([
    1,
    `cdbserve: cannot open the access log ${folder}: EISDIR. It is a folder. ` +
      `Name a file in it: ${folder}/access.log.\n`,
  ]);
  const closed = temporaryFolder();
  chmodSync(closed, 0o555);
  const inClosed = await run(join(closed, 'log'));
  expect(inClosed.stderr).toMatch(/: EACCES\. User \d+ may not write it, .* install -d -o \d+ /);
  expect(inClosed.stderr).toContain(`; and name ${closed}/cdbserve/log.\n`);
  expect(inClosed.code).toBe(1);
});
