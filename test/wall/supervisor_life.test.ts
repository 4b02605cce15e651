// supervisor_life.test.ts: the supervisor under its filter: what it lives through, and how it ends.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SUPERVISOR } from '../../src/boot/supervisor_rows.ts';
import { EXIT } from '../../src/errors.ts';
import { fieldsOf } from '../support/facts.ts';
import { FULL, record } from '../support/ledger.ts';
import { type Server, startServer } from '../support/server.ts';
import { packSite, temporaryFolder } from '../support/site.ts';
import { asOrdinary, isRoot, openToAll } from '../support/starts.ts';
import { traceCalls } from '../support/trace.ts';
import { exchange, get } from '../support/wire.ts';

const site = await packSite({ 'index.html': '<p>root' });
openToAll(dirname(site.archive), site.archive);
const folder = temporaryFolder();
const written = join(folder, 'written');
const hook = join(folder, 'hook.cjs');
openToAll(folder);

/**
 * Loaded into the supervisor: its minutes are 30 ms long; SIGURG has it allocate, collect, compile
 * and read files in threads that start then; SIGWINCH has it do what it may not.
 */
writeFileSync(
  hook,
  `const fs = require('node:fs'), vm = require('node:vm');
  const now = performance.now.bind(performance);
  performance.now = () => now() * 2_000;
  require('node:v8').setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  process.on('SIGWINCH', () => fs.writeFileSync(${JSON.stringify(written)}, 'x'));
  process.on('SIGURG', async () => {
    let kept = [];
    for (let i = 0; i < 300_000; i++) kept.push({ i, text: String(i), list: [i] });
    const code = Array.from({ length: 300 }, (_, i) => new Function('n', 'return n * ' + i));
    for (let times = 0; times < 3_000; times++) for (const run of code.slice(0, 50)) run(times);
    kept = Buffer.alloc(32_000_000, 1);
    collect();
    const reads = Array.from({ length: 8 }, () => fs.promises.readFile('/proc/self/status'));
    await Promise.all([...reads, fs.promises.readdir('/'), fs.promises.stat('/')]);
    kept = [];
    collect();
    setTimeout(() => console.error('pressure passed'), 5);
  });`,
);
const hooked = ['env', `NODE_OPTIONS=--require=${hook}`, 'CDBSERVE_HEAP_REPORT=1'];

const ways = [
  ...(isRoot ? [{ who: 'root', wrapper: [] as readonly string[] }] : []),
  { who: 'an ordinary user', wrapper: asOrdinary },
];

async function until(done: () => boolean, limitMs = 10_000): Promise<void> {
  const last = performance.now() + limitMs;
  while (!done() && performance.now() < last) await sleep(5);
  expect(done()).toBe(true);
}

function occurrences(server: Server, words: string): number {
  return server.stderr().split(words).length - 1;
}

/** Sends a signal and waits until its words stand in standard error once more. */
async function signalFor(server: Server, name: NodeJS.Signals, words: string): Promise<void> {
  const before = occurrences(server, words);
  server.signal(name);
  await until(() => occurrences(server, words) > before);
}

async function killWorker(server: Server): Promise<void> {
  const before = occurrences(server, ' replaced (pid ');
  process.kill(server.workers()[0]!, 'SIGKILL');
  await until(() => occurrences(server, ' replaced (pid ') > before);
  expect((await exchange(server.port, get('/'))).status).toBe(200);
}

async function pressure(server: Server): Promise<void> {
  for (const name of ['SIGUSR1', 'SIGPIPE', 'SIGCHLD', 'SIGCONT'] as const) server.signal(name);
  await signalFor(server, 'SIGURG', 'pressure passed');
  await signalFor(server, 'SIGUSR2', 'heap ');
  server.signal('SIGSTOP');
  await sleep(50);
  server.signal('SIGCONT');
}

const DEATHS = FULL ? 200 : 15;

test.each(ways)(
  `started by $who it lives through ${DEATHS} deaths, collections and signals`,
  { timeout: FULL ? 900_000 : 60_000 },
  async ({ wrapper }) => {
    const server = await startServer(site.archive, [], { wrapper: [...wrapper, ...hooked] });
    for (let death = 1; death <= DEATHS; death++) {
      await killWorker(server);
      if (death % 5 === 0) await pressure(server);
    }
    expect(server.stderr()).not.toMatch(/refused|Debugger/);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    record('deaths that a filtered supervisor lives through', { deaths: DEATHS });
  },
);

test('whatever it does while strace looks on is in the table', { timeout: 60_000 }, async () => {
  const server = await startServer(site.archive, [], { wrapper: hooked });
  const calls = await traceCalls(server.pid, async () => {
    await killWorker(server);
    await pressure(server);
    server.signal('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });
  const known = new Set(SUPERVISOR.map(({ call }) => call));
  expect([...new Set(calls.map(({ name }) => name))].filter((name) => !known.has(name))).toEqual(
    [],
  );
  expect(calls.length).toBeGreaterThan(500);
  expect(calls.filter(({ name, text }) => name === 'openat' && !/O_RDONLY/.test(text))).toEqual([]);
});

function threadsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = fieldsOf(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'));
    return `mode ${status['Seccomp']}, ${status['Seccomp_filters']} filters`;
  });
}

test.each(ways)('started by $who all its threads are filtered, and it says so', async (way) => {
  const server = await startServer(site.archive, [], { wrapper: way.wrapper });
  const threads = threadsOf(server.pid);
  // The one that carries no_new_privs into every thread allows everything.
  expect(new Set(threads)).toEqual(new Set(['mode 2, 2 filters']));
  expect(server.startLine).toContain(`, supervisor filtered (${threads.length} threads)`);
  await server.stop();
});

test('--sandbox off leaves it free, and says so', async () => {
  const server = await startServer(site.archive, ['--sandbox', 'off']);
  expect(new Set(threadsOf(server.pid))).toEqual(new Set(['mode 0, 0 filters']));
  expect(server.startLine).toContain('NO system call filter (--sandbox off)');
  expect(server.startLine).not.toContain('supervisor filtered');
  await server.stop();
});

test.each(ways)('started by $who, a refused call is told and ends the service', async (way) => {
  const server = await startServer(site.archive, [], { wrapper: [...way.wrapper, ...hooked] });
  const workers = server.workers();
  server.signal('SIGWINCH');
  expect(await server.exited).toEqual({ code: EXIT.bug, signal: null });
  expect(server.stderr()).toMatch(/^cdbserve: the supervisor was refused the system call /);
  expect(server.stderr()).toMatch(/ call openat \(257\) at 0x[0-9a-f]+\. [^\n]+\n$/);
  expect(existsSync(written)).toBe(false);
  const left = (): number[] => workers.filter((pid) => existsSync(`/proc/${pid}`));
  await until(() => left().length === 0);
});

test('with a terminal as its standard output it serves too', async () => {
  const wrapper = ['sh', '-c', 'exec script -qefc "stty -onlcr; exec $0 $*" /dev/null'];
  const server = await startServer(site.archive, [], { wrapper });
  expect(server.startLine).toContain('supervisor filtered');
  expect((await exchange(server.port, get('/'))).status).toBe(200);
  await server.stop();
});
