// abuse_volume.test.ts: one connection that asks millions of times, and clients that fill all the
// memory a connection can be given; honest ones are served beside them, and nothing is left behind.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { CARRY_BLOCK_BYTES, PENDING_BLOCK_BYTES, RUNTIME_BYTES } from '../support/bound.ts';
import { FULL } from '../support/ledger.ts';
import { privateBytes } from '../support/proc.ts';
import { value } from '../support/reply.ts';
import { expectWithstood, expectAllPlaces, openMany, startTown } from '../support/siege.ts';
import type { Town } from '../support/siege.ts';
import { exchange, get } from '../support/wire.ts';

const REQUESTS = FULL ? 10_000_000 : 50_000;
const BLOCK_REQUESTS = 1_000; // whole series
const FILLED = FULL ? 500 : 40;
const CONNECTIONS_MAX = FULL ? 1_500 : 200;
const DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const DATE_BYTES = 29;

let town: Town;

beforeAll(async () => {
  town = await startTown(CONNECTIONS_MAX);
});

/** One series, over and over: neighbours differ in status, length and bytes. */
const SERIES: readonly string[] = [
  get('/small.txt'),
  get('/missing'),
  get('/page.html', 'Accept-Encoding: gzip'),
  get('/small.txt', 'Range: bytes=1-2'),
  get('/sub?a=b'),
  get('/small.txt', 'Range: bytes=6-'),
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'HEAD /large.bin HTTP/1.1\r\nHost: a\r\n\r\n',
];

/** The bytes of an answer; its date is the one thing that may differ. */
interface Expected {
  readonly bytes: Buffer;
  readonly dateAt: number;
}

/** As the server answers each request alone on a connection. */
async function expectedSeries(): Promise<Expected[]> {
  const expected: Expected[] = [];
  for (const request of SERIES) {
    const reply = await exchange(town.port, request);
    const lines = reply.fields.map(([name, text]) => `${name}: ${text}\r\n`).join('');
    const head = `HTTP/1.1 ${reply.status} ${reply.reason}\r\n${lines}\r\n`;
    expect(value(reply, 'date')).toMatch(DATE);
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), reply.body]);
    expected.push({ bytes, dateAt: head.indexOf('Date: ') + 'Date: '.length });
  }
  return expected;
}

/** Compares whole answers as they come and keeps the rest. */
class Checker {
  readonly #expected: readonly Expected[];
  #rest: Buffer = Buffer.alloc(0);
  answers = 0;

  constructor(expected: readonly Expected[]) {
    this.#expected = expected;
  }

  take(chunk: Buffer): void {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const expected = this.#expected[this.answers % this.#expected.length]!;
      const end = at + expected.bytes.length;
      if (end > all.length) break;
      if (expected.bytes.compare(all, at, end) !== 0) this.#compareButDate(expected, all, at, end);
      this.answers++;
      at = end;
    }
    this.#rest = Buffer.from(all.subarray(at));
  }

  get restBytes(): number {
    return this.#rest.length;
  }

  /** A new second: the template takes the date over when it is one and nothing else differs. */
  #compareButDate({ bytes, dateAt }: Expected, all: Buffer, at: number, end: number): void {
    const date = all.toString('latin1', at + dateAt, at + dateAt + DATE_BYTES);
    if (DATE.test(date)) bytes.write(date, dateAt, 'latin1');
    if (bytes.compare(all, at, end) === 0) return;
    const got = JSON.stringify(all.toString('latin1', at, end));
    throw new Error(`answer ${this.answers + 1} is ${got}, not ${bytes.toString('latin1')}`);
  }
}

async function sendSeries(socket: Socket, requests: number): Promise<void> {
  const block = Buffer.from(SERIES.join('').repeat(BLOCK_REQUESTS / SERIES.length));
  for (let sent = 0; sent < requests && !socket.destroyed; sent += BLOCK_REQUESTS) {
    if (!socket.write(block)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
}

test(`${REQUESTS} pipelined requests on one connection are answered one by one, in order`, async () => {
  const checker = new Checker(await expectedSeries());
  await expectWithstood(town, {
    name: 'pipelined requests on one connection',
    connections: 1,
    attack: async () => {
      const socket = connect({ port: town.port, host: '127.0.0.1' });
      const ended = new Promise<void>((resolve, reject) => {
        socket.on('error', reject);
        socket.on('end', () => reject(new Error(`FIN after ${checker.answers} answers`)));
        socket.on('data', (chunk: Buffer) => {
          try {
            checker.take(chunk);
          } catch (error) {
            reject(error as Error);
          }
          if (checker.answers >= REQUESTS) resolve();
        });
      });
      const before = performance.now();
      try {
        await Promise.all([sendSeries(socket, REQUESTS), ended]);
        const seconds = (performance.now() - before) / 1_000;
        await sleep(50);
        expect([checker.answers, checker.restBytes]).toEqual([REQUESTS, 0]);
        return { requests: REQUESTS, requestsPerSecond: Math.round(REQUESTS / seconds) };
      } finally {
        socket.resetAndDestroy();
      }
    },
  });
});

/** An answer that waits for a reader, and scratch behind it: each `"` becomes three bytes. */
const WAITING = get('/large.bin') + get(`/sub?${'"'.repeat(8_000)}`);
/** A head that is as long as one may be, but for its end. */
const UNFINISHED = [
  `GET /${'a'.repeat(8_000)} HTTP/1.1\r\nHost: a\r\n`,
  ...Array.from({ length: 16 }, (_, field) => `X-${field}: ${'v'.repeat(980)}\r\n`),
].join('');

test('clients that fill every block they can be given stay within the bound', async () => {
  await expectWithstood(town, {
    name: 'filled blocks',
    connections: 2 * FILLED,
    attack: async () => {
      const before = privateBytes(town.worker);
      const readers = await openMany(town.port, FILLED);
      for (const wire of readers) {
        wire.pause();
        wire.send(WAITING);
      }
      const writers = await openMany(town.port, FILLED);
      for (const wire of writers) wire.send(UNFINISHED);
      await sleep(FULL ? 3_000 : 500);
      const grownBytes = privateBytes(town.worker) - before;
      for (const wire of writers) {
        expect([wire.ending, wire.waiting]).toEqual([undefined, 0]);
        wire.send('\r\n');
        expect((await wire.reply()).status).toBe(404);
      }
      for (const wire of [...readers, ...writers]) wire.destroy();
      // The bound would mean nothing if nobody came near it.
      const blocks = FILLED * (CARRY_BLOCK_BYTES + PENDING_BLOCK_BYTES);
      expect(grownBytes).toBeGreaterThan(blocks * 0.6);
      expect(grownBytes).toBeLessThan(blocks * 1.2 + RUNTIME_BYTES);
      return { clients: 2 * FILLED, grownBytes, blockBytes: blocks };
    },
  });
});

test('after all that the worker has exactly the places it had', async () => {
  await expectAllPlaces(town);
});
