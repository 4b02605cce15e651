// worker.test.ts: the bundled worker alone, with everything it inherits made here.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ORDER_DRAIN, ORDER_HEAP, ORDER_SERVE, READY, WORKER } from '../src/boot/orders.ts';
import { EXIT } from '../src/errors.ts';
import { loadWall } from '../src/native.ts';
import { readStatus } from '../src/ops/status.ts';
import { addonPath, workerBundle } from '../src/paths.ts';
import { onEnd } from './support/cleanup.ts';
import { LOAD_PLAIN, ordersWith } from './support/orders.ts';
import { packSite } from './support/site.ts';
import { exchange, get } from './support/wire.ts';

const wall = loadWall(addonPath('wall'));
const site = await packSite({ 'index.html': '<p>root' });
const file = openSync(site.archive, 'r');
const archive = await wall.sealFile(file);
closeSync(file);
const status = wall.createStatus();
const journal = wall.createJournal(0);
const listener = wall.listenTcp('127.0.0.1', 0, false, 16);
const port = wall.boundPort(listener);
onEnd(() =>
  [archive, status, journal, listener].forEach((descriptor) => wall.closeDescriptor(descriptor)),
);

interface Worker {
  readonly process: ChildProcess;
  readonly control: Writable;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  stderr(): string;
}

async function start(flags: readonly string[] = [], heapReport = false): Promise<Worker> {
  const orders = JSON.stringify(ordersWith({ heapReport }));
  const child = spawn(process.execPath, [...flags, workerBundle, orders, String(WORKER)], {
    env: { MALLOC_ARENA_MAX: '1', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', archive, status, journal, listener],
  });
  onEnd(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr!.on('data', (text: Buffer) => (stderr += text.toString()));
  const control = child.stdio[3] as Writable;
  control.on('error', () => undefined);
  control.write(LOAD_PLAIN);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  const boot = child.stdio[4] as Readable;
  const said = await new Promise<string>((resolve) => {
    boot.once('data', (text: Buffer) => resolve(text.toString()));
    boot.once('end', () => resolve(''));
  });
  const words = readStatus(status, (number) => wall.callName(number));
  expect([said, stderr, words]).toEqual([READY, '', undefined]);
  return { process: child, control, ended, stderr: () => stderr };
}

/** Ready, and told to serve. */
async function serve(flags?: readonly string[], heapReport?: boolean): Promise<Worker> {
  const worker = await start(flags, heapReport);
  worker.control.write(Uint8Array.of(ORDER_SERVE));
  return worker;
}

test('it says that it is ready, serves when told to, and drains when told to', async () => {
  const worker = await start();
  const answer = exchange(port, get('/'));
  expect(await Promise.race([answer, setTimeout(200, 'none')])).toBe('none');
  worker.control.write(Uint8Array.of(ORDER_SERVE));
  expect((await answer).body.toString()).toBe('<p>root');
  worker.control.write(Uint8Array.of(ORDER_DRAIN));
  expect(await worker.ended).toBe(EXIT.ok);
  expect(worker.stderr()).toBe('');
});

test('it ends when its supervisor is gone', async () => {
  const worker = await start();
  worker.control.end();
  expect(await worker.ended).toBe(EXIT.ok);
});

test('orders that it does not know are nothing, signals neither', async () => {
  const worker = await serve();
  worker.control.write(Uint8Array.of(0, 1, 255));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) {
    worker.process.kill(signal);
  }
  expect((await exchange(port, get('/'))).status).toBe(200);
  worker.control.end();
  expect(await worker.ended).toBe(EXIT.ok);
});

test('it reports its heap when asked', async () => {
  const worker = await serve(['--expose-gc'], true);
  worker.control.write(Uint8Array.of(ORDER_HEAP));
  await exchange(port, get('/'));
  worker.control.end();
  await worker.ended;
  expect(worker.stderr()).toMatch(new RegExp(`^heap ${worker.process.pid} \\d{6,8}\\n$`));
});

test('an addon of another contract is a bug, said at the start', async () => {
  const child = spawn(process.execPath, [workerBundle, '{"addon":"/nowhere.node"}', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).not.toBe(EXIT.ok);
  expect(stderr).toContain('/nowhere.node');
});
