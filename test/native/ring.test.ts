// ring.test.ts: the ring through the addon: one loop against real sockets in a second thread.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import * as mirror from '../../src/hot/ring.ts';
import { loadWall, type Ring, type RingConfig } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';

const wall = loadWall(addonPath('wall'));
const ARCHIVE = new Uint8Array(8 * 1024 * 1024).map((_, at) => (at * 7 + (at >> 12)) & 0xff);
const STATIC_BYTES = 64;

const config = (): RingConfig => ({
  inbox: new Uint8Array(65_536),
  events: new Int32Array(64 * mirror.EVENT_FIELDS),
  outbox: new Int32Array(256 * mirror.OUTBOX_FIELDS),
  scratch: new Uint8Array(4_096),
  scratchStaticBytes: STATIC_BYTES,
  archive: ARCHIVE.buffer,
  peers: new Uint8Array(32 * 68),
  connectionsMax: 64,
  connectionsSpare: 4,
  connectionsPerAddress: 0,
  trusted: new Uint8Array(0),
  inputBytesMax: 1_024,
  carryBlocks: 8,
  pendingBlocks: 8,
  pendingScratchBytes: 1_024,
  acceptsPerTurn: 16,
  headerTimeoutMs: 5_000,
  idleTimeoutMs: 5_000,
  writeTimeoutMs: 5_000,
  writeBytesMin: 1,
  lingerSilenceMs: 500,
  lingerTotalMs: 2_000,
  acceptPauseMs: 50,
  controlDescriptor: -1,
  journalDescriptor: -1,
});

const listeners: number[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) wall.closeDescriptor(listener);
});

/** What a request line answers: the op and where its bytes stand. */
const SCRATCH_AT = 1_024;
const GREETING = 'hello from scratch';
const GOODBYE = 'static bye';

class Server {
  readonly tables = config();
  readonly ring: Ring = new wall.Ring(this.tables);
  readonly port: number;
  readonly seen: number[] = [];
  peer = Buffer.alloc(0);
  #rows = 0;

  constructor() {
    const listener = wall.listenTcp('127.0.0.1', 0, false, 16);
    listeners.push(listener);
    this.port = wall.boundPort(listener);
    this.ring.listen(listener, false);
    Buffer.from(this.tables.scratch.buffer).write(GOODBYE, 0);
  }

  /** Takes turns until `kind` was told. Line `a`: archive and scratch; `q`: static scratch, end. */
  runUntil(kind: number): void {
    const until = performance.now() + 20_000;
    while (performance.now() < until) {
      const count = this.ring.turn(this.#rows);
      this.#rows = 0;
      for (let row = 0; row < count; row++) this.#answer(row * mirror.EVENT_FIELDS);
      if (this.seen.includes(kind)) return;
    }
    throw new Error(`no event of kind ${kind}: ${this.seen.join(' ')}`);
  }

  #answer(at: number): void {
    const { events, inbox, peers } = this.tables;
    const [connection, kind] = [events[at]!, events[at + 1]!];
    const [offset, length] = [events[at + 2]!, events[at + 3]!];
    this.seen.push(kind);
    const number = connection & mirror.NUMBER_MASK;
    if (kind === mirror.OPENED) this.peer = Buffer.from(peers.slice(number * 32, number * 32 + 32));
    if (kind === mirror.HALF_CLOSED) this.#put(connection, mirror.FINISH, 0, 0);
    if (kind !== mirror.DATA) return;
    expect(inbox[offset + length]).toBe(0);
    const lines = Buffer.from(inbox.buffer, offset, length).toString('latin1');
    const whole = lines.lastIndexOf('\n') + 1;
    for (const line of lines.slice(0, whole).split('\n')) this.#line(connection, line);
    this.#put(connection, mirror.CONSUMED, 0, whole);
  }

  #line(connection: number, line: string): void {
    if (line === 'a') {
      Buffer.from(this.tables.scratch.buffer).write(GREETING, SCRATCH_AT);
      this.#put(connection, mirror.SEND_ARCHIVE, 0, ARCHIVE.length);
      this.#put(connection, mirror.SEND_SCRATCH, SCRATCH_AT, GREETING.length);
    }
    if (line === 'q') {
      this.#put(connection, mirror.SEND_SCRATCH, 0, GOODBYE.length);
      this.#put(connection, mirror.FINISH, 0, 0);
    }
  }

  #put(...row: [number, number, number, number]): void {
    this.tables.outbox.set(row, this.#rows++ * mirror.OUTBOX_FIELDS);
  }
}

/** Sends the chunks one after another, reads all there is, gives its bytes. */
const CLIENT = `
const { parentPort, workerData } = require('node:worker_threads');
const socket = require('node:net').connect({ host: '127.0.0.1', port: workerData.port });
const got = [];
socket.on('data', (bytes) => got.push(bytes));
socket.on('close', () => parentPort.postMessage(Buffer.concat(got)));
(async () => {
  for (const chunk of workerData.chunks) {
    socket.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  if (workerData.end) socket.end();
})();
`;

function client(port: number, chunks: readonly string[], end = false): Worker {
  return new Worker(CLIENT, { eval: true, workerData: { port, chunks, end } });
}

async function answerOf(worker: Worker): Promise<Buffer> {
  const [bytes] = (await once(worker, 'message')) as [Uint8Array];
  await worker.terminate();
  return Buffer.from(bytes);
}

test('the numbers of ring.h are those of src/hot/ring.ts', () => {
  for (const [name, number] of Object.entries(wall.layout)) {
    const short = name.replace(/^RING_/, '') as keyof typeof mirror;
    if (short in mirror) expect([name, number]).toEqual([name, mirror[short]]);
  }
  expect(wall.layout).toMatchObject({
    RING_NUMBER_BITS: 16,
    RING_PARTS_MAX: 64,
    RING_PEER_BYTES: 32,
    RING_OPENED: mirror.OPENED,
    RING_FINISH: mirror.FINISH,
  });
});

test('archive and scratch parts arrive whole and in order, however slowly taken', async () => {
  const server = new Server();
  const worker = client(server.port, ['a\n', 'a\nq\n']);
  server.runUntil(mirror.CLOSED);
  const part = Buffer.concat([ARCHIVE, Buffer.from(GREETING)]);
  const wanted = Buffer.concat([part, part, Buffer.from(GOODBYE)]);
  const got = await answerOf(worker);
  expect(got.equals(wanted)).toBe(true);
  expect(server.ring.stats()).toMatchObject({
    accepted: 1,
    closed: 1,
    receivedBytes: 6,
    sentBytes: wanted.length,
  });
});

test('a request in pieces is given from its first byte, and its peer is told', async () => {
  const server = new Server();
  const worker = client(server.port, ['x', 'y', '\nq', '\n']);
  server.runUntil(mirror.CLOSED);
  expect((await answerOf(worker)).toString()).toBe(GOODBYE);
  expect([server.peer[0], ...server.peer.subarray(4, 8)]).toEqual([4, 127, 0, 0, 1]);
  expect(server.peer.readUInt16LE(2)).toBeGreaterThan(0);
  expect(server.ring.connections()).toBe(0);
});

test('a half-closed peer is told once, answered and closed', async () => {
  const server = new Server();
  const worker = client(server.port, ['x\n'], true);
  server.runUntil(mirror.CLOSED);
  expect((await answerOf(worker)).length).toBe(0);
  expect(server.seen.filter((kind) => kind === mirror.HALF_CLOSED)).toHaveLength(1);
});

test('the first turn tells the second; draining an empty ring is told at once', () => {
  const server = new Server();
  server.ring.withdraw();
  server.ring.drain(1_000);
  server.runUntil(mirror.DRAINED);
  expect(server.seen).toEqual([mirror.TICK, mirror.DRAINED]);
  const [day, second] = server.tables.events.slice(2, 4);
  expect(Math.abs(day! * 86_400 + second! - Date.now() / 1000)).toBeLessThan(5);
});

/** Sends single bytes without end, so that nearly every turn has one range. */
const DRIBBLER = `
const { workerData: port } = require('node:worker_threads');
const socket = require('node:net').connect({ host: '127.0.0.1', port });
socket.setNoDelay(true);
socket.on('error', () => {});
setInterval(() => { for (let n = 0; n < 20; n++) socket.write('x'); }, 1);
`;

test('turn leaves nothing on the heap', async () => {
  const server = new Server();
  const { events, outbox } = server.tables;
  const worker = new Worker(DRIBBLER, { eval: true, workerData: server.port });
  let ranges = 0;
  let rows = 0;
  const turns = (wanted: number): number => {
    const before = process.memoryUsage().heapUsed;
    for (const end = ranges + wanted; ranges < end; ) {
      const count = server.ring.turn(rows);
      rows = 0;
      for (let at = 0; at < count * 4; at += 4) {
        if (events[at + 1] !== mirror.DATA) continue;
        ranges++;
        rows = 1;
        outbox[0] = events[at]!;
        outbox[1] = mirror.CONSUMED;
        outbox[3] = events[at + 3]!;
      }
    }
    return process.memoryUsage().heapUsed - before;
  };
  turns(500);
  // A collection makes one window shrink and a late compilation makes one grow: the smallest tells.
  const windows = Array.from({ length: 8 }, () => turns(500)).filter((bytes) => bytes >= 0);
  expect(Math.min(...windows)).toBeLessThan(500 * 8);
  await worker.terminate();
});

test('turn takes a count of rows and nothing else', () => {
  const { ring } = new Server();
  expect(() => ring.turn('0' as unknown as number)).toThrow('argument rows must be a count');
  expect(() => ring.turn(-1)).toThrow('argument rows must be a count');
  expect(() => (ring.turn as unknown as () => number)()).toThrow();
});

test('a table or number that cannot be is refused by name', () => {
  const make = (change: object) => (): Ring => new wall.Ring({ ...config(), ...change });
  expect(make({ peers: new Uint8Array(32) })).toThrow('argument peers must be 32 bytes a slot');
  expect(make({ connectionsMax: 65_536 })).toThrow('argument connectionsMax must be an integer');
  expect(make({ events: new Int32Array(63) })).toThrow('argument events must be a whole number');
  expect(make({ events: new Int32Array(16) })).toThrow('argument events must be at least 16 rows');
  expect(make({ inbox: new Uint8Array(1_024) })).toThrow('longer than inputBytesMax');
  expect(make({ archive: new Uint8Array(1) })).toThrow('argument archive must be an ArrayBuffer');
  expect(make({ scratchStaticBytes: 5_000 })).toThrow('argument scratchStaticBytes must be within');
});
