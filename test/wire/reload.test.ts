// reload.test.ts: SIGHUP and --watch: another archive is served, and nobody is lost.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DRAIN_WAIT_MS } from '../../src/limits.ts';
import { FULL, record } from '../support/ledger.ts';
import { descendantsOf, isAlive, nameOf, openDescriptors, residentBytes } from '../support/proc.ts';
import { type Server, type Start, startServer } from '../support/server.ts';
import { noise, packSite, temporaryFolder } from '../support/site.ts';
import { asOrdinary, isRoot } from '../support/starts.ts';
import { Clients, type Edition, editionAt } from '../support/swaps.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const PAGE_BYTES = 40_000;
const archives: readonly string[] = await Promise.all(
  [1, 2].map(async (seed) => (await packSite({ 'page.txt': noise(PAGE_BYTES, seed) })).archive),
);

/** What is published, and by whom it is served. */
interface Place {
  readonly path: string;
  readonly server: Server;
}

async function open(args: readonly string[] = [], start: Start = {}): Promise<Place> {
  const folder = temporaryFolder();
  const path = join(folder, 'site.cdb');
  copyFileSync(archives[0]!, path);
  return { path, server: await startServer(path, args, start) };
}

/** As a publisher does: beside it, and then in its place. */
function publish({ path }: Place, archive: string): void {
  copyFileSync(archive, `${path}.new`);
  renameSync(`${path}.new`, path);
}

async function until(done: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const last = performance.now() + 30_000;
  while (!(await done())) {
    if (performance.now() > last) throw new Error(`not so after 30 s: ${what}`);
    await sleep(10);
  }
}

const reloads = ({ server }: Place): number =>
  server.stdout().split('cdbserve reloaded: ').length - 1;
const refusals = ({ server }: Place): string[] =>
  server
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('cdbserve: not-reloaded: '));

async function reload(place: Place, archive: string): Promise<void> {
  const before = reloads(place);
  publish(place, archive);
  place.server.signal('SIGHUP');
  await until(() => reloads(place) === before + 1, place.server.stderr());
}

/** Only one generation is left. */
async function settle({ server }: Place, workers: number): Promise<void> {
  await until(() => server.workers().length === workers, 'one generation');
}

async function bodyOf({ server }: Place): Promise<Buffer> {
  return (await exchange(server.port, get('/page.txt'))).body;
}

const pageOf = (seed: number): Buffer => noise(PAGE_BYTES, seed);

/** Who retires is told so when the others serve already. */
async function expectServed(place: Place, seed: number): Promise<void> {
  await until(async () => (await bodyOf(place)).equals(pageOf(seed)), `page ${seed}`);
}

interface Held {
  readonly descriptors: number;
  readonly residentBytes: number;
}

function held(pid: number): Held {
  return { descriptors: openDescriptors(pid), residentBytes: residentBytes(pid) };
}

const spawnerOf = (server: Server): number =>
  descendantsOf(server.pid).find((pid) => nameOf(pid) === 'spawner')!;

/** '' for one that is closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function archivesIn(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  const links = readdirSync(folder).map((number) => linkOf(join(folder, number)));
  return links.filter((link) => link.startsWith('/memfd:archive')).length;
}

const RELOADS = FULL ? 100 : 3;
const STAYING = FULL ? 64 : 16;
const CLOSING = FULL ? 16 : 4;
const WORKERS = 2;
/** Node's own heap breathes; an archive, or what belongs to one, would be more. */
const GROWTH_BYTES_MAX = 24 * 1024 * 1024;

const ways: readonly (readonly [who: string, args: readonly string[], start: Start])[] = [
  ...(isRoot ? [['root', [], {}] as const] : []),
  ['an ordinary user', [], { wrapper: asOrdinary }],
  ['anybody, without a sandbox', ['--sandbox', 'off'], {}],
];

test.each(ways)(
  `started by %s: ${RELOADS} reloads under load, and no request fails`,
  { timeout: FULL ? 1_200_000 : 90_000 },
  async (who, args, start) => {
    const wait = ['--drain-wait', String(DRAIN_WAIT_MS)];
    const place = await open([...wait, ...args], { ...start, workers: WORKERS });
    const { server } = place;
    const editions: Edition[] = [await editionAt(server.port)];
    await reload(place, archives[1]!);
    await settle(place, WORKERS);
    editions.push(await editionAt(server.port));
    expect(editions.map(({ body }) => body.equals(pageOf(1)))).toEqual([true, false]);
    const spawner = spawnerOf(server);
    await until(() => archivesIn(server.pid) === 1, 'one archive');
    const before = [server.pid, spawner].map(held);
    const clients = new Clients(server.port, editions, { staying: STAYING, closing: CLOSING });
    for (let round = 0; round < RELOADS; round++) await reload(place, archives[round % 2]!);
    const swapped = await clients.stop();
    const wanted = before.map(({ descriptors }) => descriptors);
    const openNow = (): number[] => [server.pid, spawner].map(openDescriptors);
    await until(() => openNow().join() === wanted.join(), `${wanted} descriptors`);
    expect([archivesIn(server.pid), archivesIn(spawner)]).toEqual([1, 0]);
    const after = [server.pid, spawner].map(held);
    const grown = after.map((one, at) => one.residentBytes - before[at]!.residentBytes);
    expect(Math.max(...grown)).toBeLessThan(GROWTH_BYTES_MAX);
    expect(swapped.changes).toBeGreaterThan(RELOADS);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(server.stderr()).toBe('');
    const [supervisorGrownBytes, spawnerGrownBytes] = grown as [number, number];
    record(`reloads under load: ${who}`, {
      reloads: RELOADS,
      staying: STAYING,
      closing: CLOSING,
      ...swapped,
      supervisorBytes: after[0]!.residentBytes,
      supervisorGrownBytes,
      spawnerBytes: after[1]!.residentBytes,
      spawnerGrownBytes,
    });
  },
);

const BAD: readonly (readonly [what: string, put: (path: string) => void, said: string])[] = [
  ['a text', (path) => writeFileSync(path, 'a text\n'.repeat(1_000)), 'begins as a text file'],
  ['an empty file', (path) => writeFileSync(path, ''), 'refused: it is empty.'],
  [
    'one that is cut short',
    (path) => {
      copyFileSync(archives[1]!, path);
      truncateSync(path, statSync(path).size - 1);
    },
    'The file is cut short: copy it again.',
  ],
  [
    'one with a byte changed',
    (path) => {
      const bytes = readFileSync(archives[1]!);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(path, bytes);
    },
    'The file was changed after it was packed: copy it again',
  ],
  ['none', () => undefined, 'ENOENT. There is no such file.'],
  ['a folder', (path) => mkdirSync(path), 'is a folder, and an archive is served.'],
  [
    'one over 4 GiB',
    (path) => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 32);
    },
    'it is larger than a CDB can be (4 GiB).',
  ],
];

test('a bad archive changes nothing, and is one line', { timeout: 60_000 }, async () => {
  const place = await open();
  const workers = place.server.workers();
  for (const [what, put, said] of BAD) {
    const before = refusals(place).length;
    rmSync(place.path, { recursive: true, force: true });
    put(place.path);
    place.server.signal('SIGHUP');
    await until(() => refusals(place).length > before, what);
    const line = refusals(place).at(-1)!;
    expect(line).toContain(said);
    expect(line).toMatch(/ What was served before is served on\.$/);
    expect((await bodyOf(place)).equals(pageOf(1))).toBe(true);
  }
  expect(place.server.workers()).toEqual(workers);
  expect(place.server.stderr().trim().split('\n')).toHaveLength(BAD.length);
  rmSync(place.path, { force: true });
  await reload(place, archives[1]!);
  await expectServed(place, 2);
  await place.server.stop();
});

test('two signals at once are two reloads at most, and the newest archive is served', async () => {
  const place = await open();
  publish(place, archives[1]!);
  place.server.signal('SIGHUP');
  place.server.signal('SIGHUP');
  await until(() => reloads(place) >= 1, 'a reload');
  publish(place, archives[0]!);
  place.server.signal('SIGHUP');
  await until(async () => (await bodyOf(place)).equals(pageOf(1)), 'the newest');
  expect(reloads(place)).toBeLessThanOrEqual(3);
  await place.server.stop();
  expect(place.server.stderr()).toBe('');
});

test('a worker that is killed while a reload is under way harms neither', async () => {
  const place = await open([], { workers: WORKERS });
  const [victim] = place.server.workers();
  publish(place, archives[1]!);
  place.server.signal('SIGHUP');
  process.kill(victim!, 'SIGKILL');
  await until(() => reloads(place) === 1, 'the reload');
  await settle(place, WORKERS);
  expect((await bodyOf(place)).equals(pageOf(2))).toBe(true);
  const end = /^cdbserve: worker-ended: worker \d \(pid \d+\) ended: signal SIGKILL\n/;
  expect(place.server.stderr()).toMatch(end);
  expect(await place.server.stop()).toEqual({ code: 0, signal: null });
});

/** Whoever reads an archive, and whoever is to serve it: nobody who served before. */
async function newcomers({ server }: Place, known: readonly number[]): Promise<number[]> {
  let found: number[] = [];
  const fresh = (): number[] => server.workers().filter((pid) => !known.includes(pid));
  await until(() => (found = fresh()).length > 0, 'a newcomer');
  return found;
}

test.each([0, 1])('newcomer %i dies before it is of use: the old ones go on', async (which) => {
  const place = await open();
  const known = place.server.workers();
  publish(place, archives[1]!);
  place.server.signal('SIGHUP');
  const seen = [...known];
  for (let newcomer = 0; ; newcomer++) {
    const [pid] = await newcomers(place, seen);
    seen.push(pid!);
    if (newcomer < which) continue;
    process.kill(pid!, 'SIGKILL');
    break;
  }
  await until(() => refusals(place).length === 1, 'the refusal');
  expect(refusals(place)[0]).toContain('signal SIGKILL');
  expect((await bodyOf(place)).equals(pageOf(1))).toBe(true);
  expect(place.server.workers()).toEqual(known);
  await reload(place, archives[1]!);
  await expectServed(place, 2);
  await place.server.stop();
});

test('SIGTERM while a reload is under way ends all of it, and exits 0', async () => {
  const place = await open(['--drain-wait', '100']);
  const wire = await Wire.open(place.server.port);
  wire.send(get('/page.txt'));
  expect((await wire.reply()).body.equals(pageOf(1))).toBe(true);
  const known = place.server.workers();
  publish(place, archives[1]!);
  place.server.signal('SIGHUP');
  const [newcomer] = await newcomers(place, known);
  place.server.signal('SIGTERM');
  expect(await place.server.exited).toEqual({ code: 0, signal: null });
  expect(await wire.closed()).toBe('fin');
  expect([newcomer!, ...known].filter(isAlive)).toEqual([]);
  expect(place.server.stderr()).toBe('');
  wire.close();
});

test('an idle connection outlives a reload for the wait, and its next answer is its last', async () => {
  const place = await open(['--drain-wait', '60000']);
  const wire = await Wire.open(place.server.port);
  wire.send(get('/page.txt'));
  await wire.reply();
  await reload(place, archives[1]!);
  await sleep(100);
  expect(wire.ending).toBeUndefined();
  wire.send(get('/page.txt'));
  const reply = await wire.reply();
  expect(reply.body.equals(pageOf(1))).toBe(true);
  expect(reply.fields).toContainEqual(['Connection', 'close']);
  expect(await wire.closed()).toBe('fin');
  wire.close();
  await settle(place, 1);
  await expectServed(place, 2);
  await place.server.stop('SIGINT');
});

test.each(isRoot ? ['site.cdb'] : [])(
  'an archive that who serves may not open is said at the start, and why: %s',
  async (name) => {
    const path = join(temporaryFolder(), name);
    copyFileSync(archives[0]!, path);
    chmodSync(path, 0o600);
    const server = await startServer(path);
    const why = `cannot open ${path}: EACCES. User 65534 may not read it. Try chmod a+r ${path}`;
    await until(() => server.stderr() !== '', 'the warning');
    expect(server.stderr()).toContain(`cdbserve: reload-at-risk: a reload will fail: ${why}`);
    server.signal('SIGHUP');
    await until(() => refusals({ path, server }).length === 1, 'the refusal');
    expect(refusals({ path, server })[0]).toContain(why);
    expect((await bodyOf({ path, server })).equals(pageOf(1))).toBe(true);
    await server.stop();
  },
);

test(
  '--watch: rsync --inplace over the live file, renames and refusals',
  { timeout: 90_000 },
  async () => {
    const place = await open(['--watch']);
    const served = async (): Promise<number> =>
      [1, 2].find(await bodyOf(place).then((body) => (seed) => body.equals(pageOf(seed)))) ?? 0;
    const seen = new Set<number>();
    const rate = `--bwlimit=${Math.round(statSync(archives[1]!).size / 1_024 / 3)}`;
    const rsync = spawn('rsync', ['--inplace', '--whole-file', rate, archives[1]!, place.path]);
    while (rsync.exitCode === null) {
      seen.add(await served());
      await sleep(50);
    }
    expect([...seen]).toEqual([1]);
    await until(async () => (await served()) === 2, 'the new archive');
    writeFileSync(`${place.path}.new`, 'a text\n'.repeat(1_000));
    renameSync(`${place.path}.new`, place.path);
    await until(() => refusals(place).length > 0, 'a refusal');
    expect(await served()).toBe(2);
    publish(place, archives[0]!);
    await until(async () => (await served()) === 1, 'the first archive again');
    expect(refusals(place)).toHaveLength(1);
    await place.server.stop();
  },
);
