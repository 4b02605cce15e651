// mixed.test.ts: clients of every kind at the same time, each step drawn from a seed, every answer
// compared.
import { expect, test } from 'vitest';
import { FULL } from '../support/ledger.ts';
import { FILES, live } from '../support/mixed.ts';
import { startServer } from '../support/server.ts';
import { packSite, xorshift } from '../support/site.ts';
import { exchange, get } from '../support/wire.ts';

const CLIENTS = FULL ? 200 : 80;
const ROUNDS = FULL ? 50 : 12;
const SEED = Number(process.env['CDBSERVE_SEED'] ?? 7_654_321);

const server = await startServer((await packSite(FILES)).archive, [], { workers: 2 });

test(
  `${CLIENTS} clients of all kinds from seed ${SEED} get what they ask for`,
  async () => {
    const workers = server.workers();
    const clients = Array.from({ length: CLIENTS }, (_, client) => {
      const next = xorshift(SEED + client * 7_919);
      const isLeft = (connections: number): boolean => connections < ROUNDS;
      return live(server.port, (below) => next() % below, isLeft);
    });
    await Promise.all(clients);
    expect((await exchange(server.port, get('/small.txt'))).body.toString()).toBe('small\n');
    expect(server.workers()).toEqual(workers);
    expect(server.stderr()).toBe('');
  },
  FULL ? 1_800_000 : 120_000,
);
