// generations.test.ts: crews of processes that take orders as workers do, one after another.
// test/wire/reload.test.ts does it with those that serve.
import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import {
  ORDER_ANNOUNCE,
  ORDER_DRAIN,
  ORDER_LOAD,
  ORDER_RETIRE,
  ORDER_SERVE,
  VERIFIER,
} from '../../src/boot/orders.ts';
import { loadWall } from '../../src/native.ts';
import { Generations } from '../../src/ops/generations.ts';
import { Journals } from '../../src/ops/journals.ts';
import { sealArchive } from '../../src/ops/load.ts';
import type { Spawner } from '../../src/ops/spawner.ts';
import { addonPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { keptLog } from '../support/kept_log.ts';
import { temporaryFolder } from '../support/site.ts';
import { openSpawner } from '../support/spawner.ts';

const wall = loadWall(addonPath('wall'));
const DIGEST = 'ab'.repeat(32);

/**
 * An archive here is a word: 'bad' is refused, 'slow' takes its time, 'hangs' is verified for ever,
 * 'dies' is sound and kills whoever serves it. Workers write what they are told into a file.
 */
const WORKER = `
  const fs = require('node:fs'), net = require('node:net'), path = require('node:path');
  const word = fs.readFileSync('/proc/self/fd/5', 'utf8');
  const say = (text) => fs.writeSync(4, text);
  const note = (line) => fs.appendFileSync(path.join(__dirname, 'notes'), line + '\\n');
  const sound = { files: word.length, digest: '${DIGEST}', site: 3, msealed: true };
  if (process.argv[2] === '${VERIFIER}') {
    note('verify ' + word);
    const verdict = JSON.stringify(word === 'bad' ? { refused: 'refused: bad' } : { sound });
    if (word === 'hangs') setInterval(() => undefined, 1000);
    else setTimeout(() => say(verdict), word === 'slow' ? 300 : 0);
  } else if (word === 'dies') {
    process.exit(9);
  } else {
    note('serve ' + word);
    const control = new net.Socket({ fd: 3 });
    control.on('data', (orders) => {
      for (const order of orders) {
        if (order === ${ORDER_LOAD + 3}) say('R');
        else note(String.fromCharCode(order) + ' ' + word);
        if (order === ${ORDER_DRAIN}) process.exit(0);
      }
    });
    control.on('end', () => process.exit(0));
  }
`;

let folder: string;
let path: string;
let lines: string[];
let reloading: boolean[];
let spawner: Spawner;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'site.cdb');
  lines = [];
  reloading = [];
});

function open(drainWaitMs = 100): Generations {
  const socket = openSync('/dev/null', 'r');
  onEnd(() => closeSync(socket));
  const bundle = join(folder, 'worker.cjs');
  spawner = openSpawner(wall, { bundle, script: WORKER, listeners: 1 });
  const listeners = [[socket], [socket]];
  const tell = (isUnderWay: boolean): void => void reloading.push(isUnderWay);
  const journals = new Journals(wall, 0, []);
  const plan = { path, listeners, reach: 0, journals, drainWaitMs, reloading: tell };
  const keep = (line: string): void => void lines.push(line);
  return new Generations(wall, spawner, plan, keptLog(keep));
}

async function start(word: string, drainWaitMs?: number): Promise<Generations> {
  const generations = open(drainWaitMs);
  writeFileSync(path, word);
  const loaded = await generations.start(await sealArchive(wall, path));
  expect(loaded).toMatchObject({ files: word.length, bytes: word.length, digest: DIGEST });
  generations.open(loaded!);
  return generations;
}

const notes = (): string[] => {
  try {
    return readFileSync(join(folder, 'notes'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};
const letter = (order: number): string => String.fromCharCode(order);
/** Archives in memory, as this process has them. */
const archives = (): number =>
  readdirSync('/proc/self/fd').filter((number) => {
    try {
      return readlinkSync(`/proc/self/fd/${number}`).startsWith('/memfd:archive');
    } catch {
      return false;
    }
  }).length;

async function until(holds: () => boolean): Promise<void> {
  const last = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > last) throw new Error(`not so after 15 s: ${lines.join('\n')}`);
    await sleep(5);
  }
}

function put(generations: Generations, word: string): void {
  writeFileSync(path, word);
  generations.reload();
}

async function end(generations: Generations): Promise<void> {
  generations.drain();
  await generations.finished;
  expect(archives()).toBe(0);
}

test('a good archive takes the place of the one before, which retires and then drains', async () => {
  const generations = await start('first');
  const before = generations.pids();
  put(generations, 'second');
  await until(() => lines.length === 1);
  expect(lines[0]).toMatch(/^reloaded: 6 files, 6 B, digest abababababab, verified in \d+ ms, w/);
  expect(generations.pids()).toHaveLength(2);
  expect(generations.pids()).not.toEqual(before);
  await until(() => archives() === 1);
  const told = notes().filter((line) => line.endsWith(' first'));
  expect(told.slice(3)).toEqual([
    ...Array.from({ length: 2 }, () => `${letter(ORDER_SERVE)} first`),
    ...Array.from({ length: 2 }, () => `${letter(ORDER_RETIRE)} first`),
    ...Array.from({ length: 2 }, () => `${letter(ORDER_DRAIN)} first`),
  ]);
  expect(reloading).toEqual([true, false]);
  await end(generations);
  expect(lines).toHaveLength(1);
});

test.each([
  ['bad', /^not-reloaded: \S+: refused: bad What was served before is served on\.$/, 0],
  ['', /^not-reloaded: \S+: refused: it is empty\. /, 0],
  ['dies', /^not-reloaded: a worker did not start: exit status 9\. /, 1],
])('of %j nothing comes, and what was there stays', async (word, said, deaths) => {
  const generations = await start('first');
  const before = generations.pids();
  put(generations, word);
  await until(() => reloading.length === 2);
  expect(lines.at(-1)).toMatch(said);
  // The second one may have been killed before it could die by itself.
  const ended = lines.slice(0, -1);
  expect(ended.filter((line) => line.endsWith(' ended: exit status 9'))).toEqual(ended);
  expect(Math.min(1, ended.length)).toBe(deaths);
  expect([generations.pids(), archives()]).toEqual([before, 1]);
  put(generations, 'third');
  await until(() => reloading.length === 4);
  expect(lines.at(-1)).toMatch(/^reloaded: 5 files/);
  await end(generations);
});

test('of many reloads at once the last counts, and never are there three archives', async () => {
  const generations = await start('first');
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, archives())), 1);
  onEnd(() => clearInterval(timer));
  put(generations, 'slow');
  await until(() => notes().includes('verify slow'));
  for (const word of ['second', 'third', 'fourth']) put(generations, word);
  await until(() => lines.length === 2);
  clearInterval(timer);
  expect(notes().filter((line) => line.startsWith('verify '))).toEqual(
    ['first', 'slow', 'fourth'].map((word) => `verify ${word}`),
  );
  expect(most).toBe(2);
  await end(generations);
});

test('a reload that is asked for before the start is over comes after it', async () => {
  const generations = open();
  writeFileSync(path, 'slow');
  const starting = generations.start(await sealArchive(wall, path));
  put(generations, 'second');
  const loaded = await starting;
  await sleep(100);
  expect(notes()).not.toContain('verify second');
  generations.open(loaded!);
  await until(() => lines.length === 1);
  expect(lines[0]).toMatch(/^reloaded: 6 files/);
  await end(generations);
});

test('a worker that dies meanwhile is replaced, by one of its own generation', async () => {
  const generations = await start('first');
  put(generations, 'slow');
  await until(() => notes().includes('verify slow'));
  process.kill(generations.pids()[0]!, 'SIGKILL');
  await until(() => reloading.length === 2 && archives() === 1);
  expect(lines[0]).toMatch(/^worker-ended: worker [12] \(pid \d+\) ended: signal SIGKILL$/);
  expect(notes().filter((line) => line === 'serve first')).toHaveLength(3);
  expect(notes().filter((line) => line === 'serve slow')).toHaveLength(2);
  process.kill(generations.pids()[0]!, 'SIGKILL');
  await until(() => notes().filter((line) => line === 'serve slow').length === 3);
  await end(generations);
});

test('who is told to end takes nothing new, and whoever is there is told', async () => {
  const generations = await start('first');
  put(generations, 'hangs');
  await until(() => notes().includes('verify hangs'));
  generations.announce();
  await until(() => notes().filter((line) => line.startsWith(letter(ORDER_ANNOUNCE))).length === 2);
  await until(() => reloading.length === 2);
  put(generations, 'third');
  await end(generations);
  expect(lines).toEqual([]);
  expect(notes()).not.toContain('verify third');
});

test.each(['drain', 'kill'] as const)('%s ends a start, a reload and a retreat', async (way) => {
  const first = open();
  writeFileSync(path, 'hangs');
  const starting = first.start(await sealArchive(wall, path));
  await until(() => notes().includes('verify hangs'));
  first[way]();
  await first.finished;
  expect(await starting).toBeUndefined();
  const second = await start('first', 60_000);
  put(second, 'second');
  await until(() => lines.length === 1);
  expect(archives()).toBe(2);
  put(second, 'third');
  second[way]();
  await second.finished;
  await until(() => archives() === 0);
  expect(lines.length).toBe(1);
});

test('without its spawner nothing goes on', async () => {
  const generations = await start('first');
  process.kill(spawner.pid!, 'SIGKILL');
  await expect(generations.finished).rejects.toThrow(/the spawner \(pid \d+\) ended/);
});

test('workers that keep dying end it', async () => {
  const generations = await start('first');
  void generations.finished.catch(() => undefined);
  const last = performance.now() + 30_000;
  for (let deaths = 0; deaths < 10 && performance.now() < last;) {
    const [pid] = generations.pids();
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
    await sleep(20);
    deaths = lines.filter((line) => line.includes(' ended: ')).length;
  }
  await expect(generations.finished).rejects.toThrow('10 workers died within a minute');
});
