// crew.test.ts: real processes that take orders as workers do, started, killed, replaced, drained.
import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type FixedOrders,
  ORDER_ADOPT,
  ORDER_ANNOUNCE,
  ORDER_DRAIN,
  ORDER_LOAD,
  ORDER_RELEASE,
  ORDER_SERVE,
  SITES,
  numbersOf,
} from '../../src/boot/orders.ts';
import { EXIT, Failure } from '../../src/errors.ts';
import { loadWall } from '../../src/native.ts';
import { Crew } from '../../src/ops/crew.ts';
import { Journals } from '../../src/ops/journals.ts';
import type { Spawner } from '../../src/ops/spawner.ts';
import { addonPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { keptLog } from '../support/kept_log.ts';
import { ordersWith } from '../support/orders.ts';
import { temporaryFolder } from '../support/site.ts';
import { openSpawner } from '../support/spawner.ts';

const LEAVE = 0x4c;
const wall = loadWall(addonPath('wall'));

/** Says what it was given, is ready when told what to load, and obeys two orders. */
const WORKER = `
  const fs = require('node:fs'), net = require('node:net'), path = require('node:path');
  const orders = JSON.parse(process.argv[2]);
  const inode = (descriptor) => fs.fstatSync(descriptor).ino;
  const said = { orders, obeyed: [], site: -1, role: process.argv[3],
    environment: process.env, folder: process.cwd(), flags: process.execArgv,
    archive: inode(orders.archiveDescriptor), listeners: orders.listeners.map(inode) };
  const told = path.join(__dirname, process.pid + '.json');
  const tell = () => {
    fs.writeFileSync(told + '.new', JSON.stringify(said));
    fs.renameSync(told + '.new', told);
  };
  tell();
  const control = new net.Socket({ fd: orders.controlDescriptor });
  control.on('data', (bytes) => bytes.forEach((order) => {
    if (order === ${ORDER_DRAIN}) process.exit(0);
    if (order === ${LEAVE}) process.exit(7);
    const isSite = order >= ${ORDER_LOAD} && order < ${ORDER_LOAD + SITES};
    if (isSite) said.site = order - ${ORDER_LOAD};
    else said.obeyed.push(order);
    tell();
    if (isSite) fs.writeSync(orders.bootDescriptor, 'R');
  }));
  control.on('end', () => process.exit(0));
`;

interface Said {
  readonly orders: FixedOrders;
  /** Beside LEAVE, ORDER_DRAIN and ORDER_LOAD. */
  readonly obeyed: readonly number[];
  readonly site: number;
  readonly role: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly flags: readonly string[];
  readonly archive: number;
  readonly listeners: readonly number[];
}

const ORDERS = ordersWith(numbersOf(2, 1, 2));
const SITE = 5;

let folder: string;
let program: string;
let warnings: string[];
let descriptors: number[];

beforeEach(() => {
  folder = temporaryFolder();
  warnings = [];
  program = process.execPath;
  descriptors = ['archive', 'one', 'two'].map((name) => openSync(join(folder, name), 'w+'));
});
afterEach(() => descriptors.forEach((descriptor) => closeSync(descriptor)));

function spawnerOf(script: string): Spawner {
  return openSpawner(wall, {
    bundle: join(folder, 'worker.cjs'),
    script,
    listeners: 2 * ORDERS.listeners.length,
    program,
    flags: ['--no-warnings'],
    orders: [JSON.stringify(ORDERS)],
  });
}

/** Its archive is sound. */
function crewOf(script: string, spawner?: Spawner): Crew {
  const crew = waitingCrewOf(script, spawner);
  crew.load(SITE);
  return crew;
}

function waitingCrewOf(script: string, spawner = spawnerOf(script)): Crew {
  const [archive, one, two] = descriptors as [number, number, number];
  const listeners = [
    [one, two, two, one],
    [two, one, one, two],
  ];
  const journals = new Journals(wall, 0, []);
  const plan = { archive, firstSlot: 64, listeners, reach: 1, journals };
  const keep = (line: string): void => void warnings.push(line);
  const crew = new Crew(wall, spawner, plan, keptLog(keep));
  spawner.lost.catch((failure: unknown) => crew.lose(failure as Failure));
  onEnd(() => crew.kill());
  return crew;
}

/** What each worker that ever started was given, by pid. */
const said = (): Map<number, Said> =>
  new Map(
    readdirSync(folder)
      .filter((name) => /^\d+\.json$/.test(name))
      .map((name) => [
        Number.parseInt(name, 10),
        JSON.parse(readFileSync(join(folder, name), 'utf8')) as Said,
      ]),
  );

async function until(holds: () => boolean): Promise<void> {
  const last = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > last) throw new Error(`not so after 10 s: ${warnings.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('every worker gets its orders, descriptors and nothing of ours', async () => {
  const crew = crewOf(WORKER);
  await crew.start();
  const [archive, one, two] = descriptors.map((descriptor) => fstatSync(descriptor).ino);
  const isFirst = (worker: Said): boolean => worker.listeners[0] === one;
  const all = [...said().values()].sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)));
  const sockets = all.map((worker) => worker.listeners);
  expect(sockets).toEqual([
    [one, two],
    [two, one],
  ]);
  expect(all.map((worker) => worker.archive)).toEqual([archive, archive]);
  const [worker] = all;
  expect(worker!.orders).toEqual({
    ...ORDERS,
    statusDescriptor: 6,
    journalDescriptor: 7,
    listeners: [8, 9],
    adoptable: [[10, 11]],
  });
  expect([worker!.site, worker!.role]).toEqual([SITE, '0']);
  expect(worker!.environment).toEqual({ MALLOC_ARENA_MAX: '1', TZ: 'UTC' });
  expect([worker!.folder, worker!.flags]).toEqual(['/', ['--no-warnings']]);
  crew.drain();
  await crew.finished;
  expect(warnings).toEqual([]);
});

test('before the archive is sound nobody is ready, and no order is heard', async () => {
  const crew = waitingCrewOf(WORKER);
  let isReady = false;
  const started = crew.start().then(() => (isReady = true));
  await until(() => crew.pids().length === 2 && said().size === 2);
  crew.announce();
  crew.order(0);
  expect([isReady, crew.beats().size]).toEqual([false, 0]);
  crew.load(SITE);
  await started;
  expect([...said().values()].map(({ site, obeyed }) => [site, obeyed])).toEqual([
    [SITE, []],
    [SITE, []],
  ]);
  expect(crew.beats().size).toBe(2);
  crew.kill();
  await crew.finished;
});

test('a worker that is killed is replaced, and so is one that leaves', async () => {
  const crew = crewOf(WORKER);
  await crew.start();
  crew.open();
  const [first] = said().keys();
  process.kill(first!, 'SIGKILL');
  await until(() => warnings.length === 2);
  expect(warnings[0]).toMatch(
    new RegExp(`^worker-ended: worker [12] \\(pid ${first}\\) ended: signal SIGKILL$`),
  );
  expect(warnings[1]).toMatch(/^worker-replaced: worker [12] replaced \(pid \d+\)$/);
  const neighbour = [ORDER_SERVE, ORDER_ADOPT + 1, ORDER_RELEASE + 1].join();
  await until(() => [...said().values()].some(({ obeyed }) => obeyed.join() === neighbour));
  crew.order(LEAVE);
  await until(() => warnings.length === 6);
  expect(warnings.filter((line) => line.endsWith('ended: exit status 7'))).toHaveLength(2);
  expect(said().size).toBe(5);
  crew.kill();
  await crew.finished;
});

test('before it is opened nobody is told to serve, nor in the place of one that died', async () => {
  const crew = crewOf(WORKER);
  await crew.start();
  process.kill(crew.pids()[0]!, 'SIGKILL');
  await until(() => warnings.length === 2);
  crew.order(0);
  const obeyed = (): string[] => crew.pids().map((pid) => said().get(pid)!.obeyed.join());
  await until(() => obeyed().join(' ') === '0 0');
  crew.open();
  await until(() => obeyed().join(' ') === `0,${ORDER_SERVE} 0,${ORDER_SERVE}`);
  process.kill(crew.pids()[0]!, 'SIGKILL');
  await until(() => warnings.length === 4 && obeyed().includes(`${ORDER_SERVE}`));
  expect(warnings.at(-1)).toMatch(/^worker-replaced: worker [12] replaced/);
  crew.drain();
  await crew.finished;
});

test('whose worker is dead when it is opened is served by a neighbour meanwhile', async () => {
  const crew = crewOf(WORKER);
  await crew.start();
  process.kill(crew.pids()[0]!, 'SIGKILL');
  await until(() => warnings.length === 1);
  const [neighbour] = crew.pids();
  crew.open();
  const told = [ORDER_SERVE, ORDER_ADOPT + 1, ORDER_RELEASE + 1].join();
  await until(() => said().get(neighbour!)!.obeyed.join() === told);
  expect(said().size).toBe(3);
  crew.drain();
  await crew.finished;
});

test('what is announced is announced to those that come later, too', async () => {
  const crew = crewOf(WORKER);
  await crew.start();
  crew.announce();
  const heard = (): number =>
    [...said().values()].filter(({ obeyed }) => obeyed.includes(ORDER_ANNOUNCE)).length;
  await until(() => heard() === 2);
  process.kill(crew.pids()[0]!, 'SIGKILL');
  await until(() => heard() === 3 && warnings.length === 2);
  expect(warnings).toHaveLength(2);
  crew.drain();
  await crew.finished;
});

test('a worker that could not be started is tried again', async () => {
  program = join(folder, 'node');
  symlinkSync(process.execPath, program);
  const crew = crewOf(WORKER);
  await crew.start();
  rmSync(program);
  process.kill([...said().keys()][0]!, 'SIGKILL');
  await until(() => warnings.some((line) => line.includes('ENOENT')));
  symlinkSync(process.execPath, program);
  await until(() => warnings.some((line) => line.includes('replaced')));
  expect(said().size).toBe(3);
  crew.drain();
  await crew.finished;
});

test('a crew whose program is not there says so', async () => {
  program = join(folder, 'nothing');
  const crew = crewOf(WORKER);
  await expect(crew.start()).rejects.toThrow(/a worker did not start: program: ENOENT/);
  crew.kill();
  await crew.finished;
  expect(warnings).toEqual([]);
});

test('what a worker says on standard error is passed on, before its end is told', async () => {
  const crew = crewOf(`require('node:fs').writeSync(2, process.pid + ' last\\nwords \\x1b[2J');`);
  await expect(crew.start()).rejects.toThrow('exit status 0');
  crew.kill();
  await crew.finished;
  const end = warnings.findIndex((line) => line.endsWith('ended: exit status 0'));
  const pid = /\(pid (\d+)\)/.exec(warnings[end]!)![1]!;
  const said = warnings.slice(0, end);
  expect(said).toContain(`${pid} last`);
  expect(said).toContain('words ?[2J');
});

test('without its spawner a crew is at its end', async () => {
  const spawner = spawnerOf(WORKER);
  const crew = crewOf(WORKER, spawner);
  await crew.start();
  process.kill(spawner.pid!, 'SIGKILL');
  await expect(crew.finished).rejects.toThrow(/the spawner \(pid \d+\) ended: signal SIGKILL/);
  expect(warnings).toEqual([]);
});

const REFUSED = `
  const module_ = { exports: {} };
  const orders = JSON.parse(process.argv[2]);
  process.dlopen(module_, ${JSON.stringify(addonPath('wall'))});
  const wall = module_.exports;
  wall.openStatus(orders.statusDescriptor, 70);
  process.on('SIGHUP', () => {
    wall.allowOnly('exit_group mmap munmap mprotect futex write', new BigUint64Array(0));
    require('node:fs').openSync('/etc/passwd');
  });
  setInterval(() => undefined, 1000);
  require('node:fs').writeSync(orders.bootDescriptor, 'R');
`;

test('a refused system call is told by its name, and the worker replaced', async () => {
  const crew = crewOf(REFUSED);
  await crew.start();
  process.kill(crew.pids()[0]!, 'SIGHUP');
  await until(() => warnings.length === 2);
  expect(warnings[0]).toMatch(
    /^worker-ended: worker 1 \(pid \d+\) ended: exit status 70: refused system call openat \(2/,
  );
  expect(warnings[1]).toMatch(/^worker-replaced: worker 1 /);
  crew.kill();
  await crew.finished;
});

test('a crew that cannot start says how its worker ended', async () => {
  const crew = crewOf('process.exit(9)');
  const failure: unknown = await crew.start().catch((error: unknown) => error);
  crew.kill();
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).exitCode).toBe(EXIT.failure);
  expect((failure as Failure).message).toContain('a worker did not start: exit status 9');
  await crew.finished;
});

/** Dies by SIGSYS the first `times`, whichever worker it is. */
const beginning = (times: number): string => `
  const marks = require('node:path').join(__dirname, 'marks');
  require('node:fs').appendFileSync(marks, 'x');
  const tries = require('node:fs').readFileSync(marks, 'utf8').length;
  if (tries <= ${times}) process.kill(process.pid, 'SIGSYS');
  ${WORKER}`;

test('a worker whose threads were met beginning is tried again at the start', async () => {
  const crew = crewOf(beginning(2));
  await crew.start();
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(/ended: signal SIGSYS \(a call that no table can allow: .* 1326 /);
  expect([said().size, crew.pids().length]).toEqual([2, 2]);
  crew.drain();
  await crew.finished;
  expect(warnings).toHaveLength(2);
});

test('a worker that always dies so is no start', async () => {
  const crew = crewOf(beginning(100));
  await expect(crew.start()).rejects.toThrow('did not start: signal SIGSYS');
  crew.kill();
  await crew.finished;
  expect(said().size).toBe(0);
});

test('a crew without anybody alive ends at once', async () => {
  const crew = crewOf(WORKER);
  crew.drain();
  await crew.finished;
  const other = crewOf(WORKER);
  other.kill();
  await other.finished;
  expect(said().size).toBe(0);
});
