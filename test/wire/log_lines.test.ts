// log_lines.test.ts: each answer has its line, or is counted as dropped: none is lost, none is
// made up, whatever becomes of workers and archives.
import { chmodSync, copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FULL, record } from '../support/ledger.ts';
import { ANSWERED, BROKEN, Numbered, countLines } from '../support/numbered.ts';
import { type Server, startServer } from '../support/server.ts';
import { packSite, temporaryFolder } from '../support/site.ts';

const BODY = 'the same in both\n';
const archives = await Promise.all(
  ['one', 'two'].map(async (other) => (await packSite({ 'small.txt': BODY, other })).archive),
);
const PATH = '/small.txt';
const CONNECTIONS = 32;

interface Logged {
  readonly server: Server;
  readonly site: string;
  readonly log: string;
}

async function start(workers: number): Promise<Logged> {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777); // started by root it is somebody else who writes
  const [site, log] = [join(folder, 'site.cdb'), join(folder, 'access.log')];
  copyFileSync(archives[0]!, site);
  const args = ['--access-log', log, '--log-addresses', 'full'];
  return { server: await startServer(site, args, { workers }), site, log };
}

async function until(done: () => boolean, what: string): Promise<void> {
  const last = performance.now() + 30_000;
  while (!done()) {
    if (performance.now() > last) throw new Error(`not so after 30 s: ${what}`);
    await sleep(5);
  }
}

const count = (text: string, part: string): number => text.split(part).length - 1;

async function reload({ server, site }: Logged, round: number): Promise<void> {
  const before = count(server.stdout(), 'reloaded: ');
  copyFileSync(archives[(round + 1) % 2]!, `${site}.new`);
  renameSync(`${site}.new`, site);
  server.signal('SIGHUP');
  await until(() => count(server.stdout(), 'reloaded: ') > before, 'a reload');
}

async function kill({ server }: Logged, workers: number): Promise<void> {
  await until(() => server.workers().length >= workers, 'all workers are there');
  const before = count(server.stderr(), ' replaced (pid ');
  process.kill(server.workers().at(-1)!, 'SIGKILL');
  await until(() => count(server.stderr(), ' replaced (pid ') > before, 'a replacement');
}

/** Numbers by what went wrong with their lines. */
function faultsOf(clients: Numbered, log: string): Record<string, number> {
  const lines = countLines(log, clients.fates.length);
  const faults = { missing: 0, twice: 0, madeUp: 0, brokenLogged: 0 };
  clients.fates.forEach((fate, number) => {
    if (fate === ANSWERED && lines[number] === 0) faults.missing++;
    if (lines[number]! > 1) faults.twice++;
    if (fate === BROKEN && lines[number]! > 0) faults.brokenLogged++;
    if (fate !== ANSWERED && fate !== BROKEN && lines[number]! > 0) faults.madeUp++;
  });
  return faults;
}

const REQUESTS = FULL ? 1_010_000 : 20_000;
/** Nine deaths a minute are served on. */
const DEATHS = FULL ? 8 : 2;
const RELOADS = FULL ? 30 : 3;

test(
  'over reloads and deaths of workers each answer has one line',
  { timeout: FULL ? 900_000 : 90_000 },
  async () => {
    const logged = await start(2);
    const clients = new Numbered(logged.server.port, PATH, BODY.length, REQUESTS);
    const done = clients.run(CONNECTIONS);
    const events = async (): Promise<void> => {
      for (let round = 0; round < RELOADS; round++) {
        await reload(logged, round);
        if (round < DEATHS) await kill(logged, 2);
      }
    };
    await Promise.all([done, events()]);
    expect(await logged.server.stop()).toEqual({ code: 0, signal: null });
    const log = readFileSync(logged.log, 'latin1');
    const { brokenLogged = 0, ...faults } = faultsOf(clients, log);
    const lines = count(log, '\n');
    const figures = { answered: clients.answered, broken: clients.broken, lines, brokenLogged };
    record('answers and lines of the access log', { ...figures, reloads: RELOADS, deaths: DEATHS });
    expect(faults, JSON.stringify(figures)).toEqual({ missing: 0, twice: 0, madeUp: 0 });
    expect(lines).toBe(clients.answered + brokenLogged);
    expect(clients.answered).toBeGreaterThan(REQUESTS / 2);
    expect(logged.server.stderr()).not.toContain('access-log-lost');
  },
);

test('what finds no room while nobody writes is dropped and counted, exactly', async () => {
  const logged = await start(1);
  const { server } = logged;
  const total = 120_000; // of some 100 bytes each, more than the journal holds
  const clients = new Numbered(server.port, PATH, BODY.length, total);
  process.kill(server.pid, 'SIGSTOP');
  try {
    await clients.run(CONNECTIONS);
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  const log = readFileSync(logged.log, 'latin1');
  const dropped = [...server.stderr().matchAll(/access-log-lost: ([\d,]+) answer/g)]
    .map(([, number]) => Number(number!.replaceAll(',', '')))
    .reduce((sum, number) => sum + number, 0);
  expect(dropped).toBeGreaterThan(0);
  expect({ answered: clients.answered, broken: clients.broken }).toEqual({
    answered: total,
    broken: 0,
  });
  expect(count(log, '\n') + dropped).toBe(total);
  const { missing, twice, madeUp } = faultsOf(clients, log);
  expect({ missing, twice, madeUp }).toEqual({ missing: dropped, twice: 0, madeUp: 0 });
});
