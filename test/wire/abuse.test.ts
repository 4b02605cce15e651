// abuse.test.ts: clients that are slow, silent or endless, in numbers; honest ones are served
// beside them, and nothing is left behind.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { FULL } from '../support/ledger.ts';
import { openDescriptors, unsentBytes } from '../support/proc.ts';
import { value } from '../support/reply.ts';
import {
  LARGE,
  LATE_MS,
  LINGER_TOTAL_MS,
  TIMES,
  expectWithstood,
  expectAllPlaces,
  openMany,
  startTown,
  until,
  within,
} from '../support/siege.ts';
import type { Town } from '../support/siege.ts';
import { Wire, get } from '../support/wire.ts';

const CONNECTIONS_MAX = FULL ? 2_500 : 600;
const SLOW_HEADERS = FULL ? 500 : 100;
const SILENT = FULL ? 2_000 : 400;
const SLOW_READERS = FULL ? 50 : 5;
const EACH_ENDLESS = FULL ? 20 : 2;
const NEVER_READING = FULL ? 50 : 5;
const CHUNK = 16_384;

let town: Town;

beforeAll(async () => {
  town = await startTown(CONNECTIONS_MAX);
});

function destroyAll(wires: readonly Wire[]): void {
  for (const wire of wires) wire.destroy();
}

test('heads that come a byte now and then are answered 408 at their time-out', async () => {
  await expectWithstood(town, {
    name: 'slow heads',
    connections: SLOW_HEADERS,
    attack: async () => {
      const wires = await openMany(town.port, SLOW_HEADERS);
      const took = await Promise.all(wires.map(trickle));
      destroyAll(wires);
      return { clients: SLOW_HEADERS, shortestMs: Math.min(...took), longestMs: Math.max(...took) };
    },
  });
});

async function trickle(wire: Wire): Promise<number> {
  return within(TIMES.headerMs, async () => {
    wire.send('GET /small.txt HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    const timer = setInterval(() => wire.send('x'), TIMES.headerMs / 12);
    try {
      const reply = await wire.reply({ timeoutMs: TIMES.headerMs + LATE_MS });
      expect([reply.status, value(reply, 'connection')]).toEqual([408, 'close']);
    } finally {
      clearInterval(timer);
    }
    expect(await wire.closed()).toBe('fin');
  });
}

test('connections that say nothing are closed in silence at their time-out', async () => {
  await expectWithstood(town, {
    name: 'silent connections',
    connections: SILENT,
    attack: async () => {
      const wires = await openMany(town.port, SILENT);
      const longestMs = await within(TIMES.idleMs - 500, async () => {
        const timeoutMs = TIMES.idleMs + LATE_MS;
        for (const wire of wires) expect(await wire.closed(timeoutMs)).toBe('fin');
      });
      for (const wire of wires) wire.close();
      return { clients: SILENT, longestMs };
    },
  });
});

test('silent connections beyond the limit cost each other their places, and nobody else', async () => {
  const flood = CONNECTIONS_MAX + SILENT;
  await expectWithstood(town, {
    name: 'silent connections beyond the limit',
    connections: CONNECTIONS_MAX,
    attack: async () => {
      const wires = await openMany(town.port, flood);
      await sleep(300);
      const closed = wires.filter((wire) => wire.ending === 'fin').length;
      expect(closed).toBeGreaterThanOrEqual(SILENT);
      expect(wires.every((wire) => wire.waiting === 0 && wire.ending !== 'reset')).toBe(true);
      destroyAll(wires);
      return { clients: flood, closed };
    },
  });
});

/** Takes single bytes from the kernel, and no more than it is told to. */
function byteReader(port: number): { readonly socket: Socket; taken(): number } {
  let bytes = 0;
  const onread = {
    buffer: Buffer.alloc(1),
    callback: (length: number): boolean => {
      bytes += length;
      return false;
    },
  };
  const socket = connect({ port, host: '127.0.0.1', onread });
  socket.on('error', () => undefined);
  return { socket, taken: () => bytes };
}

// A byte a second opens no window (RFC 9293 3.8.6.2.2), so that the server's kernel takes nothing
// of the answer: it is the rule `no byte of an answer taken for --write-timeout` that ends it. What
// that kernel has taken before is given up at the same time (TCP_USER_TIMEOUT).
test('readers of one byte a second are cut off at the write time-out', async () => {
  await expectWithstood(town, {
    name: 'readers of a byte a second',
    connections: SLOW_READERS,
    attack: async () => {
      const readers = Array.from({ length: SLOW_READERS }, () => byteReader(town.port));
      for (const { socket } of readers) socket.write(get('/large.bin'));
      const timer = setInterval(() => readers.forEach(({ socket }) => socket.resume()), 1_000);
      const held = (): number => openDescriptors(town.worker) - town.descriptors;
      const unsent = (): number => unsentBytes(town.port);
      try {
        let heldBytes = 0;
        const mostMs = TIMES.writeMs + LATE_MS;
        const cutMs = await within(TIMES.writeMs, async () => {
          const filled = (): boolean => (heldBytes = unsent()) > SLOW_READERS * 1_000_000;
          await until(filled, LATE_MS, 'answers wait in the kernel');
          await until(() => held() < SLOW_READERS, mostMs, 'the readers are cut off');
        });
        await until(() => unsent() < heldBytes / 100, LATE_MS, 'the kernel gives them up too');
        for (const { taken } of readers) expect(taken()).toBeLessThan(LARGE.length);
        return { clients: SLOW_READERS, cutMs, heldBytes, bytesTaken: readers[0]!.taken() };
      } finally {
        clearInterval(timer);
        for (const { socket } of readers) socket.resetAndDestroy();
      }
    },
  });
});

interface Endless {
  readonly name: string;
  readonly start: string;
  readonly more: string;
  readonly status: number;
}

const HEAD = 'GET /small.txt HTTP/1.1\r\nHost: a\r\n';
const POST = 'POST /small.txt HTTP/1.1\r\nHost: a\r\n';
const ENDLESS: readonly Endless[] = [
  { name: 'empty lines', start: '', more: '\r\n', status: 400 },
  { name: 'a method', start: '', more: 'M', status: 414 },
  { name: 'a target', start: 'GET /', more: 'a', status: 414 },
  { name: 'fields', start: HEAD, more: 'X-More: of the same\r\n', status: 431 },
  { name: 'one value', start: `${HEAD}X: `, more: 'v', status: 431 },
  { name: 'one name', start: HEAD, more: 'n', status: 431 },
  {
    name: 'a body',
    start: `${POST}Content-Length: 999999999999999\r\n\r\n`,
    more: 'GET / HTTP/1.1\r\n\r\n',
    status: 405,
  },
  {
    name: 'a body of a GET',
    start: `${HEAD}Content-Length: 999999999999999\r\n\r\n`,
    more: 'b',
    status: 200,
  },
  {
    name: 'chunks',
    start: `${POST}Transfer-Encoding: chunked\r\n\r\n`,
    more: '4\r\nmore\r\n',
    status: 405,
  },
];

test('senders without an end are answered once and gone five seconds later', async () => {
  const clients = ENDLESS.length * EACH_ENDLESS;
  await expectWithstood(town, {
    name: 'endless heads and bodies',
    connections: clients,
    attack: async () => {
      const all = Array.from({ length: EACH_ENDLESS }, () => ENDLESS).flat();
      const sent = await Promise.all(all.map(sendWithoutEnd));
      return { clients, offeredBytes: sent.reduce((sum, bytes) => sum + bytes, 0) };
    },
  });
});

async function sendWithoutEnd(endless: Endless): Promise<number> {
  const chunk = Buffer.from(endless.more.repeat(Math.ceil(CHUNK / endless.more.length)));
  const wire = await Wire.open(town.port);
  const { socket } = wire;
  const before = performance.now();
  wire.send(endless.start);
  const sending = sendUntilGone(socket, chunk);
  const reply = await wire.reply();
  expect([reply.status, value(reply, 'connection')], endless.name).toEqual([
    endless.status,
    'close',
  ]);
  expect(await wire.closed()).toBe('fin');
  await sending;
  expect(performance.now() - before, endless.name).toBeLessThan(LINGER_TOTAL_MS + LATE_MS);
  return socket.bytesWritten;
}

/** As fast as they are taken; a reset is the only end there is. */
async function sendUntilGone(socket: Socket, chunk: Buffer): Promise<void> {
  while (!socket.destroyed) {
    if (socket.writableLength < 4 * CHUNK) socket.write(chunk);
    await sleep(1);
  }
}

test('a client that pipelines on and on and reads nothing is cut off at the write time-out', async () => {
  const requests = Buffer.from(get('/medium.bin').repeat(400));
  await expectWithstood(town, {
    name: 'pipelining without reading',
    connections: NEVER_READING,
    attack: async () => {
      const wires = await openMany(town.port, NEVER_READING);
      const before = performance.now();
      const ended = wires.map(async (wire) => {
        wire.pause();
        await sendUntilGone(wire.socket, requests);
        return wire.socket.bytesWritten;
      });
      const sent = await Promise.all(ended);
      const cutMs = Math.round(performance.now() - before);
      expect(cutMs).toBeGreaterThan(TIMES.writeMs - 100);
      expect(cutMs).toBeLessThan(TIMES.writeMs + LATE_MS + 2_000);
      const offeredBytes = sent.reduce((sum, bytes) => sum + bytes, 0);
      return { clients: NEVER_READING, cutMs, offeredBytes };
    },
  });
});

test('after all that the worker has exactly the places it had', async () => {
  await expectAllPlaces(town);
});
