// abuse_ends.test.ts: clients that half-close or reset at every place, and clients that send
// garbage; honest ones are served beside them, and nothing is left behind.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { attack, cut, mutate, randomBytes } from '../support/garbage.ts';
import type { Random } from '../support/garbage.ts';
import { FULL } from '../support/ledger.ts';
import { CONTENT, LARGE, expectWithstood, expectAllPlaces, startTown } from '../support/siege.ts';
import type { Town } from '../support/siege.ts';
import { xorshift } from '../support/site.ts';
import { Wire, get } from '../support/wire.ts';

const CONNECTIONS_MAX = 200;
const HALF_CLOSES = FULL ? 100 : 4;
const RESETS = FULL ? 500 : 15;
const GARBAGE = FULL ? 10_000 : 3_000;
const AT_ONCE = 25;
const SEED = Number(process.env['CDBSERVE_SEED'] ?? 20_240_302);

let town: Town;

beforeAll(async () => {
  town = await startTown(CONNECTIONS_MAX);
});

interface Answer {
  readonly status: number;
  readonly body: Buffer | undefined;
}

const SMALL: Answer = { status: 200, body: CONTENT['small.txt'] };
const WHOLE: Answer = { status: 200, body: LARGE };
const small = get('/small.txt');
const large = get('/large.bin');
const POST = 'POST /small.txt HTTP/1.1\r\nHost: a\r\n';
const refused = (status: number): Answer => ({ status, body: undefined });

/** FIN behind these bytes, and every answer that is due before the server's own. */
const HALF_CLOSED: readonly (readonly [bytes: string, answers: readonly Answer[]])[] = [
  ['', []],
  ['\r\n', []],
  ['G', []],
  ['GET /small.txt', []],
  ['GET /small.txt HTTP/1.1\r', []],
  ['GET /small.txt HTTP/1.1\r\n', []],
  ['GET /small.txt HTTP/1.1\r\nHo', []],
  [small.slice(0, -2), []],
  [small.slice(0, -1), []],
  [small, [SMALL]],
  [`${small}\r\n`, [SMALL]],
  [`${small}GET /sm`, [SMALL]],
  [small.repeat(100), Array.from({ length: 100 }, () => SMALL)],
  [large, [WHOLE]],
  [large + small, [WHOLE, SMALL]],
  [`${large}GET /sm`, [WHOLE]],
  [get('/small.txt', 'Connection: close'), [SMALL]],
  [get('/small.txt', 'Content-Length: 9'), [SMALL]],
  [`${get('/small.txt', 'Content-Length: 9')}four`, [SMALL]],
  [`${POST}Content-Length: 9\r\n\r\nfour`, [refused(405)]],
  [`${POST}Transfer-Encoding: chunked\r\n\r\n5\r\nhe`, [refused(405)]],
  ['GET /\x01', [refused(400)]],
  [`${small}BAD\x01${small}`, [SMALL, refused(400)]],
];

async function halfClose(bytes: string, answers: readonly Answer[]): Promise<void> {
  const wire = await Wire.open(town.port);
  wire.send(bytes);
  wire.halfClose();
  for (const { status, body } of answers) {
    const reply = await wire.reply({ timeoutMs: 30_000 });
    const same = body === undefined || reply.body.equals(body);
    expect([reply.status, same], JSON.stringify(bytes.slice(0, 200))).toEqual([status, true]);
  }
  expect(await wire.closed()).toBe('fin');
  wire.close();
}

test('FIN at any place ends in every answer that is due, whole, and in FIN', async () => {
  await expectWithstood(town, {
    name: 'half-closes',
    connections: HALF_CLOSED.length,
    attack: async () => {
      for (let round = 0; round < HALF_CLOSES; round++) {
        await Promise.all(HALF_CLOSED.map(([bytes, answers]) => halfClose(bytes, answers)));
      }
      return { places: HALF_CLOSED.length, clients: HALF_CLOSES * HALF_CLOSED.length };
    },
  });
});

/** Where a reset comes: after these bytes were sent, and then what is waited for. */
interface Reset {
  readonly name: string;
  readonly bytes: string;
  /** 0: nothing; else so many bytes of the answer have come. */
  readonly received: number;
  /** The client stops reading, so that the answer waits in the server. */
  readonly still?: boolean;
  /** FIN goes first; what was not read makes the kernel reset then (RFC 9293 3.10.4). */
  readonly fin?: boolean;
}

const RESET: readonly Reset[] = [
  { name: 'before a byte', bytes: '', received: 0 },
  { name: 'in a request line', bytes: 'GET /sm', received: 0 },
  { name: 'in a head', bytes: small.slice(0, -2), received: 0 },
  { name: 'behind a request', bytes: small, received: 0 },
  { name: 'behind many requests', bytes: small.repeat(500), received: 0 },
  { name: 'in an answer', bytes: large, received: 100_000 },
  { name: 'in an answer that waits', bytes: large, received: 1, still: true },
  { name: 'in answers that wait', bytes: (large + small).repeat(20), received: 1, still: true },
  { name: 'in a series', bytes: get('/medium.bin').repeat(100), received: 200_000 },
  { name: 'in a linger', bytes: 'BAD\x01', received: 1 },
  { name: 'in a linger with a body', bytes: `${POST}Content-Length: 99\r\n\r\nb`, received: 1 },
  { name: 'behind FIN in a head', bytes: 'GET /sm', received: 0, fin: true },
  { name: 'behind FIN in an answer', bytes: large, received: 1, still: true, fin: true },
];

async function reset(place: Reset, waitMs: number): Promise<void> {
  const wire = await Wire.open(town.port);
  wire.send(place.bytes);
  while (wire.waiting < place.received) {
    expect(wire.ending, place.name).toBeUndefined();
    await sleep(1);
  }
  if (place.still) wire.pause();
  await sleep(waitMs);
  if (place.fin) wire.halfClose();
  wire.destroy();
}

test('a reset at any place ends that connection and nothing else', async () => {
  await expectWithstood(town, {
    name: 'resets',
    connections: RESET.length,
    attack: async () => {
      for (let round = 0; round < RESETS; round++) {
        await Promise.all(RESET.map((place) => reset(place, round % 7)));
      }
      return { places: RESET.length, clients: RESETS * RESET.length };
    },
  });
});

test(`${GARBAGE} pieces of garbage from seed ${SEED} are answered in whole replies or FIN`, async () => {
  const next = xorshift(SEED);
  const random: Random = (below) => next() % below;
  await expectWithstood(town, {
    name: 'garbage',
    connections: AT_ONCE,
    attack: async () => {
      const numbers = Array.from({ length: GARBAGE }, (_, number) => number).values();
      const lanes = Array.from({ length: AT_ONCE }, async () => {
        for (const number of numbers) {
          const bytes = number % 2 === 0 ? randomBytes(random) : mutate(random);
          await attack(town.port, cut(bytes, random)).catch((error: unknown) => {
            const shown = JSON.stringify(bytes.toString('latin1'));
            throw new Error(`piece ${number}: ${shown}`, { cause: error });
          });
        }
      });
      await Promise.all(lanes);
      return { pieces: GARBAGE, seed: SEED };
    },
  });
});

test('after all that the worker has exactly the places it had', async () => {
  await expectAllPlaces(town);
});
