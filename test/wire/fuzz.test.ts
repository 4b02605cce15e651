// fuzz.test.ts: damaged requests by the thousand; the server answers in whole replies and nothing
// of it breaks.
import { beforeAll, expect, test } from 'vitest';
import { attack, cut, mutate } from '../support/garbage.ts';
import type { Random } from '../support/garbage.ts';
import { FULL, record } from '../support/ledger.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packSite, xorshift } from '../support/site.ts';
import { exchange, get } from '../support/wire.ts';
import { FILES } from '../spec/site.ts';

const REQUESTS = FULL ? 100_000 : 3_000;
const BATCH = 500;
const AT_ONCE = 25;
/** A run with another seed is another test; a failure names the one that failed. */
const SEED = Number(process.env['CDBSERVE_SEED'] ?? 20_240_301);

let server: Server;

beforeAll(async () => {
  server = await startServer((await packSite(FILES)).archive);
});

test(
  `${REQUESTS} damaged requests from seed ${SEED} break nothing`,
  async () => {
    const next = xorshift(SEED);
    const random: Random = (below) => next() % below;
    const workers = server.workers();
    expect(workers.length).toBe(1);
    for (let done = 0; done < REQUESTS; done += BATCH) {
      const inputs = Array.from({ length: BATCH }, () => cut(mutate(random), random));
      const queue = inputs.entries();
      const lanes = Array.from({ length: AT_ONCE }, async () => {
        for (const [index, input] of queue) {
          await attack(server.port, input).catch((error: unknown) => {
            const shown = JSON.stringify(input.map((piece) => piece.toString('latin1')));
            throw new Error(`request ${done + index}: ${shown}`, { cause: error });
          });
        }
      });
      await Promise.all(lanes);
      const reply = await exchange(server.port, get('/plain.txt'));
      expect([reply.status, reply.body.toString()]).toEqual([200, 'plain\n']);
      expect(server.workers()).toEqual(workers);
    }
    expect(server.stderr()).toBe('');
    record('damaged requests to the running server', { requests: REQUESTS, seed: SEED });
  },
  FULL ? 1_800_000 : 120_000,
);
