// lifecycle.test.ts: start, signals, dead workers, and what an operator reads when it cannot start.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { copyFileSync, cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { VERIFIER } from '../../src/boot/orders.ts';
import { packageRoot } from '../../src/paths.ts';
import { program, startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { noise, packSite, runCommand, temporaryFolder } from '../support/site.ts';
import type { Ended } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const LARGE = noise(20_000_000, 1);
let archive: string;
/** Quick to verify: for servers that refuse to start. */
let small: string;

beforeAll(async () => {
  ({ archive: small } = await packSite({ 'index.html': 'home\n', 'noise.bin': noise(50_000, 2) }));
  ({ archive } = await packSite({ 'small.txt': 'small\n', 'large.bin': LARGE }));
});

/** At most ten seconds: what should have ended by itself has no exit code then. */
function run(...args: readonly string[]): Promise<Ended> {
  return runCommand(process.execPath, [program, ...args], { timeout: 10_000 });
}

/** An operator's error is one line that names the program and the thing. */
function expectRefusal(ended: Ended, code: number, ...words: readonly (string | RegExp)[]): void {
  expect(ended.stdout).toBe('');
  for (const word of words) expect(ended.stderr).toMatch(word);
  expect(ended.stderr).toMatch(/^cdbserve: [^\n]+\n$/);
  expect(ended.code).toBe(code);
}

async function expectServing(server: Server): Promise<void> {
  expect((await exchange(server.port, get('/small.txt'))).status).toBe(200);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for the one worker, kills it, and waits until it is gone. */
async function killWorker(server: Server): Promise<void> {
  await expectSoon(() => server.workers().length === 1, 8_000);
  const worker = server.workers()[0]!;
  process.kill(worker, 'SIGKILL');
  await expectSoon(() => !server.workers().includes(worker), 2_000);
}

async function expectSoon(done: () => boolean, limitMs: number): Promise<void> {
  const last = performance.now() + limitMs;
  while (!done() && performance.now() < last) await sleep(20);
  expect(done()).toBe(true);
}

test('the start line says what is served and where', async () => {
  const server = await startServer(archive);
  expect(server.startLine).toMatch(/^cdbserve[: ].*\d+\.\d+\.\d+/);
  expect(server.startLine).toMatch(/\b2 files\b/);
  expect(server.startLine).toMatch(/\b1 worker\b/);
  expect(server.workers().length).toBe(1);
  await expectServing(server);
  expect(server.stderr()).toBe('');
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

test('SIGTERM lets answers under way end, and exits 0', async () => {
  const server = await startServer(archive);
  const workers = server.workers();
  const busy = await Wire.open(server.port);
  const idle = await Wire.open(server.port);
  idle.send(get('/small.txt'));
  await idle.reply();
  busy.send(get('/large.bin'));
  await expectSoon(() => busy.waiting > 0, 2_000);
  busy.pause();
  server.signal('SIGTERM');
  expect(await idle.closed()).toBe('fin');
  expect(workers.filter(isAlive)).toEqual(workers);
  busy.resume();
  const reply = await busy.reply({ timeoutMs: 10_000 });
  expect(reply.body.equals(LARGE)).toBe(true);
  expect(await busy.closed()).toBe('fin');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(workers.filter(isAlive)).toEqual([]);
});

test('after SIGTERM new connections are refused, while answers are still under way', async () => {
  const server = await startServer(archive);
  const busy = await Wire.open(server.port);
  busy.send(get('/large.bin'));
  await expectSoon(() => busy.waiting > 0, 2_000);
  busy.pause();
  server.signal('SIGTERM');
  await sleep(200);
  await expect(Wire.open(server.port)).rejects.toThrow('ECONNREFUSED');
  busy.resume();
  expect((await busy.reply({ timeoutMs: 10_000 })).body.equals(LARGE)).toBe(true);
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test('connections that are queued when SIGTERM comes are still answered', async () => {
  const server = await startServer(archive);
  const [worker] = server.workers();
  process.kill(worker!, 'SIGSTOP');
  const wires: Wire[] = [];
  for (let index = 0; index < 200; index++) {
    const wire = await Wire.open(server.port);
    wire.send(get('/small.txt'));
    wires.push(wire);
  }
  server.signal('SIGTERM');
  await sleep(100);
  process.kill(worker!, 'SIGCONT');
  for (const wire of wires) {
    expect((await wire.reply()).body.toString()).toBe('small\n');
    expect(await wire.closed()).toBe('fin');
    wire.close();
  }
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test('a head that is under way at SIGTERM is still answered', async () => {
  const server = await startServer(archive);
  const wire = await Wire.open(server.port);
  wire.send('GET /small.txt HTTP/1.1\r\nHost');
  await sleep(100);
  server.signal('SIGTERM');
  await sleep(200);
  wire.send(': a\r\n\r\n');
  const reply = await wire.reply();
  expect(reply.body.toString()).toBe('small\n');
  expect(reply.fields).toContainEqual(['Connection', 'close']);
  expect(await wire.closed()).toBe('fin');
  wire.close();
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test('stragglers end at the drain time-out', async () => {
  const server = await startServer(archive, ['--drain-timeout', '700']);
  const wire = await Wire.open(server.port);
  wire.send(get('/large.bin'));
  await expectSoon(() => wire.waiting > 0, 2_000);
  wire.pause();
  const before = performance.now();
  server.signal('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeGreaterThan(600);
  expect(performance.now() - before).toBeLessThan(4_000);
  wire.destroy();
});

test.each([['SIGINT'], ['SIGTERM', 'SIGTERM']] as const)('%s %s ends at once', async (...names) => {
  const server = await startServer(archive);
  const workers = server.workers();
  const wire = await Wire.open(server.port);
  wire.send(get('/large.bin'));
  await expectSoon(() => wire.waiting > 0, 2_000);
  wire.pause();
  const before = performance.now();
  for (const name of names) {
    server.signal(name);
    await sleep(50);
  }
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeLessThan(1_500);
  expect(workers.filter(isAlive)).toEqual([]);
  wire.destroy();
});

test('a worker that is killed is replaced, and said so', async () => {
  const server = await startServer(archive, [], { workers: 2 });
  const before = server.workers();
  expect(before.length).toBe(2);
  process.kill(before[0]!, 'SIGKILL');
  await expectSoon(
    () => !server.workers().includes(before[0]!) && server.workers().length === 2,
    8_000,
  );
  const after = server.workers();
  expect(after).toContain(before[1]);
  for (let request = 0; request < 40; request++) await expectServing(server);
  expect(server.stderr()).toMatch(/worker.*SIGKILL|SIGKILL.*worker/i);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

test('connections that come while the only worker is dead wait for its replacement', async () => {
  const server = await startServer(archive);
  await killWorker(server);
  await expectServing(server);
  await server.stop();
});

test('SIGTERM while no worker is alive ends at once', async () => {
  const server = await startServer(small);
  // The seventh death in a row is followed by a pause of 1.6 s that a signal must not wait for.
  for (let death = 0; death < 7; death++) await killWorker(server);
  const before = performance.now();
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeLessThan(700);
});

test('workers that die again and again end the service with exit 1', async () => {
  const server = await startServer(small);
  for (let death = 0; death < 10; death++) await killWorker(server);
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(server.stderr()).toMatch(/10 workers died within a minute: giving up/);
});

test('a worker that cannot start ends the service with exit 1', async () => {
  const copy = temporaryFolder();
  for (const name of ['package.json', join('dist', 'src'), join('native', 'build', 'Release')]) {
    const filter = (path: string): boolean => !path.includes('obj.target');
    cpSync(join(packageRoot, name), join(copy, name), { recursive: true, filter });
  }
  cpSync(join(packageRoot, 'dist', 'verifier.cjs'), join(copy, 'dist', 'verifier.cjs'));
  const verifies = `if (process.argv[3] === '${VERIFIER}') require('./verifier.cjs');`;
  writeFileSync(join(copy, 'dist', 'worker.cjs'), `${verifies} else process.exit(9);\n`);
  const args = [join(copy, 'dist', 'src', 'cdbserve.js'), small, '--listen', '127.0.0.1:0'];
  const ended = await runCommand(process.execPath, args, { timeout: 10_000 });
  expect(ended.stderr).toContain('a worker did not start: exit status 9');
  expect([ended.code, ended.stdout]).toEqual([1, '']);
});

test('no worker outlives a supervisor that is killed', async () => {
  const server = await startServer(archive, [], { workers: 2 });
  const workers = server.workers();
  server.signal('SIGKILL');
  await server.exited;
  await expectSoon(() => workers.filter(isAlive).length === 0, 3_000);
});

test('signals to a worker do not disturb it', async () => {
  const server = await startServer(archive);
  const [worker] = server.workers();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) {
    process.kill(worker!, name);
  }
  await sleep(200);
  await expectServing(server);
  process.kill(worker!, 'SIGSTOP');
  await sleep(100);
  process.kill(worker!, 'SIGCONT');
  await expectServing(server);
  expect(server.workers()).toEqual([worker]);
  await server.stop();
});

test('a taken port is exit 5 and names the command that shows who has it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const ended = await run(small, '--listen', `127.0.0.1:${port}`);
  other.close();
  expectRefusal(ended, 5, `cannot bind 127.0.0.1:${port}: EADDRINUSE`, `ss -ltnp`, `:${port}`);
});

test('a port that another cdbserve shares out to its workers is taken all the same', async () => {
  const first = await startServer(small, [], { workers: 2 });
  const ended = run(small, '--listen', `127.0.0.1:${first.port}`, '--workers', '2');
  expectRefusal(await ended, 5, `cannot bind 127.0.0.1:${first.port}: EADDRINUSE`);
  await first.stop();
});

test('every address given is served, each in IPv4, IPv6 or both', async () => {
  const server = await startServer(archive, ['--listen', ':0', '--listen', '[::1]:0']);
  const ports = [...server.startLine.matchAll(/http:\/\/[^ ]*:(\d+)\//g)].map((url) =>
    Number(url[1]),
  );
  expect(ports.length).toBe(2);
  for (const [host, port] of [
    ['127.0.0.1', ports[0]!],
    ['::1', ports[0]!],
    ['::1', ports[1]!],
  ] as const) {
    const wire = await Wire.open(port, { host });
    wire.send(get('/small.txt'));
    expect((await wire.reply()).body.toString()).toBe('small\n');
    wire.destroy();
  }
  await server.stop();
});

test('the file may be replaced, cut or removed while it is served', async () => {
  const copy = join(temporaryFolder(), 'copy.cdb');
  copyFileSync(archive, copy);
  const server = await startServer(copy);
  for (const change of [
    () => truncateSync(copy, 100),
    () => writeFileSync(copy, 'x'),
    () => rmSync(copy),
  ]) {
    change();
    const reply = await exchange(server.port, get('/large.bin'));
    expect(reply.body.equals(LARGE)).toBe(true);
  }
  await server.stop();
});

test('a port that only root may bind is exit 5 and names two ways out', async () => {
  // As root the capability to bind low ports is dropped first; others lack it anyway.
  const asRoot = ['setpriv', '--bounding-set', '-net_bind_service', '--inh-caps'];
  const drop = process.getuid?.() === 0 ? [...asRoot, '-net_bind_service'] : ['env'];
  const args = [...drop.slice(1), process.execPath, program, small, '--listen', '127.0.0.1:81'];
  const ended = await runCommand(drop[0]!, args);
  expectRefusal(ended, 5, 'cannot bind 127.0.0.1:81: EACCES', '--listen', '8080');
});

test.each([
  [[], 'no archive'],
  [['a.cdb', 'b.cdb'], 'b.cdb'],
  [['a.cdb', '--nope'], '--nope'],
  [['a.cdb', '--worker', '2'], 'Did you mean --workers'],
  [['a.cdb', '--workers'], '--workers'],
  [['a.cdb', '--workers', '0'], '--workers'],
  [['a.cdb', '--workers', 'two'], '--workers'],
  [['a.cdb', '--workers', '1', '--workers', '2'], 'twice'],
  [['a.cdb', '--quiet=yes'], '--quiet'],
  [['a.cdb', '--listen', 'localhost:80'], '--listen localhost:80'],
  [['a.cdb', '--listen', '127.0.0.1:65536'], '--listen'],
  [['a.cdb', '--listen', '[::g]:80'], '--listen'],
  [['a.cdb', '--header-timeout', '-1'], '--header-timeout'],
  [['a.cdb', '--header-timeout', '99999999999'], '--header-timeout'],
])('the arguments %j are exit 2', async (args, words) => {
  expectRefusal(await run(...args), 2, words, 'cdbserve --help');
});

test('--help and --version go to standard output', async () => {
  const help = await run('--help');
  expect([help.code, help.stderr]).toEqual([0, '']);
  for (const flag of ['--listen', '--workers', '--header-timeout'])
    expect(help.stdout).toContain(flag);
  expect(await run('--version')).toMatchObject({ code: 0, stderr: '' });
});

test('what is no archive is refused with its name and a reason', async () => {
  const folder = temporaryFolder();
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const whole = readFileSync(small);
  expectRefusal(await run(join(folder, 'missing.cdb')), 1, 'missing.cdb', /ENOENT|no such file/i);
  expectRefusal(await run(folder), 1, folder);
  const pipe = join(folder, 'pipe.cdb');
  await runCommand('mkfifo', [pipe]);
  expectRefusal(await run(pipe), 1, 'pipe.cdb');
  expectRefusal(await run(file('empty.cdb', '')), 3, 'empty.cdb');
  expectRefusal(await run(file('text.cdb', 'a text\n'.repeat(1000))), 3, 'text.cdb');
  expectRefusal(await run(file('zeros.cdb', Buffer.alloc(5000))), 3, 'zeros.cdb');
  expectRefusal(await run(file('noise.cdb', noise(100_000, 3))), 3, 'noise.cdb');
  for (const bytes of [1, 2047, 2048, 5000, whole.length >> 1, whole.length - 1]) {
    const cut = file(`cut${bytes}.cdb`, whole.subarray(0, bytes));
    expectRefusal(await run(cut), 3, `cut${bytes}.cdb`);
  }
});

test('a flipped bit anywhere is refused', async () => {
  const whole = readFileSync(small);
  const folder = temporaryFolder();
  for (const place of [0, 5, 1000, 2050, 3000, 0.3, 0.7, 0.9999]) {
    const at = place > 0 && place < 1 ? Math.floor(whole.length * place) : place;
    const bad = Buffer.from(whole);
    bad[at] = bad[at]! ^ 0x10;
    const path = join(folder, `flip${at}.cdb`);
    writeFileSync(path, bad);
    expectRefusal(await run(path), 3, `flip${at}.cdb`);
  }
});

test('a CDB that another tool made is refused', async () => {
  const path = join(temporaryFolder(), 'foreign.cdb');
  await makeCdb(path, '+3,5:one->Hello\n+8,2:/two.txt->hi\n\n');
  expectRefusal(await run(path), 3, 'foreign.cdb', 'cdbpack');
});

function makeCdb(path: string, records: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('cdb', ['-c', path], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`cdb ended ${code}`))));
    child.stdin.end(records);
  });
}
