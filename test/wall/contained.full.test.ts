// contained.full.test.ts: the life of cdbserve as process 1 of a container of podman: orphans, a
// drain, an end within the time that podman gives.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { WITHIN, makeRoot } from '../support/install.ts';
import { record } from '../support/ledger.ts';
import { RUN, openEngine } from '../support/podman.ts';
import { descendantsOf } from '../support/proc.ts';
import { type Server, startServer } from '../support/server.ts';
import { noise, packSite, runCommand } from '../support/site.ts';
import { isRoot } from '../support/starts.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const NAME = `cdbserve-test-${process.pid}`;
const LARGE = noise(20_000_000, 1);
const ORPHANS = 20;
/** What podman gives before it kills. */
const STOP_SECONDS = 10;
const WAIT_MS = 20_000;

let root: string;
let engine: readonly string[];

beforeAll(async () => {
  if (!isRoot) return;
  const { archive } = await packSite({ 'index.html': '<p>root', 'large.bin': LARGE });
  root = makeRoot(archive);
  engine = openEngine();
}, 60_000);

/** With the default wait. */
function startContainer(): Promise<Server> {
  const wrapper = [...engine, 'run', ...RUN, `--name=${NAME}`, '--rootfs', root];
  const args = ['--drain-wait', '1000', '--drain-timeout', '8000'];
  return startServer(WITHIN.archive, args, { wrapper, ...WITHIN, workers: 2 });
}

async function podman(...args: readonly string[]): Promise<string> {
  const [command, ...rest] = [...engine, ...args];
  const ended = await runCommand(command!, rest, { timeout: 60_000 });
  if (ended.code !== 0) throw new Error(ended.stderr);
  return ended.stdout;
}

async function until(done: () => boolean): Promise<void> {
  for (const last = performance.now() + WAIT_MS; !done(); await sleep(20)) {
    if (performance.now() > last) throw new Error(`not so after ${WAIT_MS} ms`);
  }
}

const asRoot = isRoot ? [0] : [];

test.each(asRoot)('it is process 1, and buries orphans', async () => {
  const server = await startContainer();
  const inner = Number(await podman('inspect', '--format', '{{.State.Pid}}', NAME));
  expect(readFileSync(`/proc/${inner}/status`, 'utf8')).toMatch(/^NSpid:\s\d+\s1$/m);
  const before = descendantsOf(inner).length;
  const script = `i=0; while [ $i -lt ${ORPHANS} ]; do busybox sleep 2 & i=$((i+1)); done`;
  await podman('exec', NAME, '/bin/sh', '-c', script);
  expect(descendantsOf(inner).length).toBeGreaterThan(before);
  await until(() => descendantsOf(inner).length === before);
  expect((await exchange(server.port, get('/'))).body.toString()).toBe('<p>root');
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  record('podman, process 1: orphans buried', { orphans: ORPHANS });
});

test.each(asRoot)('SIGTERM lets an answer end, and the exit code is 0', async () => {
  const server = await startContainer();
  const wire = await Wire.open(server.port);
  wire.send(get('/large.bin'));
  await until(() => wire.waiting > 0);
  wire.pause();
  server.signal('SIGTERM');
  await sleep(2_000);
  await expect(Wire.open(server.port)).rejects.toThrow('ECONNREFUSED');
  wire.resume();
  expect((await wire.reply({ timeoutMs: WAIT_MS })).body.equals(LARGE)).toBe(true);
  expect(await server.exited).toEqual({ code: 0, signal: null });
  record('podman, process 1: SIGTERM drains', { exit: 0, bytes: LARGE.length });
});

test.each(asRoot)('podman stop needs less than its time', async () => {
  const server = await startContainer();
  const begin = performance.now();
  await podman('stop', '--time', `${STOP_SECONDS}`, NAME);
  const seconds = Math.round((performance.now() - begin) / 100) / 10;
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(seconds).toBeLessThan(STOP_SECONDS);
  record('podman stop', { seconds, exit: 0 });
});
