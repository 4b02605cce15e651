// spawner.test.ts: the real spawner, asked well and asked badly.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { VERIFIER } from '../../src/boot/orders.ts';
import { EXIT } from '../../src/errors.ts';
import { WORKER_DATA_BYTES_MAX } from '../../src/limits.ts';
import { loadWall } from '../../src/native.ts';
import { Spawner, VERIFIER_SLOT } from '../../src/ops/spawner.ts';
import { STEPS } from '../../src/ops/steps.ts';
import { addonPath, spawnerPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { FULL, record } from '../support/ledger.ts';
import { xorshift } from '../support/site.ts';

const wall = loadWall(addonPath('wall'));
const nothing = openSync('/dev/null', 'r+');
onEnd(() => closeSync(nothing));

const SLEEP = ['off', '65534', '65534', '100', '1073741824', '1', '--', '/bin/sleep', '30'];
const REQUEST_BYTES = 12;
const REPLY_FIELDS = 6 + STEPS.length;
const [START, KILL] = [1, 2];
const [STARTED, FAILED, EXITED] = [2, 3, 4];
const SLOTS = VERIFIER_SLOT + 1;
const EPROTO = 71;
const EBUSY = 16;
const NOISES = FULL ? 5_000 : 500;

/** The bare protocol. */
class Raw {
  readonly process: ChildProcess;
  readonly #end: number;
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);

  constructor(args: readonly string[] = SLEEP) {
    const [own, theirs] = wall.socketPair();
    this.process = spawn(spawnerPath, args, {
      stdio: ['ignore', 'ignore', 'ignore', theirs],
    });
    wall.closeDescriptor(theirs);
    this.#end = own;
    this.#socket = new Socket({ fd: own, readable: true, writable: true });
    this.#socket.on('data', (bytes: Buffer) => (this.#bytes = Buffer.concat([this.#bytes, bytes])));
    this.#socket.on('error', () => undefined);
    onEnd(() => this.close());
  }

  send(bytes: Uint8Array, descriptors: readonly number[] = []): void {
    wall.sendDescriptors(this.#end, bytes, Int32Array.from(descriptors));
  }

  /** The next reply as integers. */
  async reply(): Promise<number[]> {
    const last = performance.now() + 5_000;
    while (this.#bytes.length < REPLY_FIELDS * 4) {
      if (performance.now() > last) throw new Error('no reply');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const fields = Array.from({ length: REPLY_FIELDS }, (_, at) => this.#bytes.readInt32LE(at * 4));
    this.#bytes = this.#bytes.subarray(REPLY_FIELDS * 4);
    return fields;
  }

  openDescriptors(): number {
    return readdirSync(`/proc/${this.process.pid}/fd`).length;
  }

  close(): void {
    this.#socket.destroy();
  }
}

interface Fields {
  readonly kind?: number;
  readonly slot?: number;
  readonly role?: number;
}

function request({ kind = START, slot = 0, role = 0 }: Fields): Buffer {
  const made = Buffer.alloc(REQUEST_BYTES);
  [kind, slot, role].forEach((field, at) => made.writeUInt32LE(field, at * 4));
  return made;
}

/** It still does what it is for. */
async function expectSound(raw: Raw, slot = 5): Promise<void> {
  raw.send(request({ slot }), [nothing]);
  const [kind, where, pid] = await raw.reply();
  expect([kind, where]).toEqual([STARTED, slot]);
  raw.send(request({ kind: KILL, slot }));
  expect((await raw.reply()).slice(0, 5)).toEqual([EXITED, slot, pid, 0, 9]);
}

test('it says hello, starts, kills and tells ends', async () => {
  const raw = new Raw();
  expect((await raw.reply()).slice(0, 4)).toEqual([1, SLOTS, REQUEST_BYTES, STEPS.length]);
  await expectSound(raw);
});

test('the number of the role is the last argument of what it starts', async () => {
  const raw = new Raw([...SLEEP.slice(0, -2), '/bin/sh', '-c', 'exit 1$0']);
  await raw.reply();
  raw.send(request({ slot: SLOTS - 1, role: VERIFIER }), [nothing]);
  expect((await raw.reply()).slice(0, 2)).toEqual([STARTED, VERIFIER_SLOT]);
  const [kind, slot, , code, signal] = await raw.reply();
  expect([kind, slot, code, signal]).toEqual([EXITED, VERIFIER_SLOT, 11, 0]);
});

test.each([
  ['an unknown kind', request({ kind: 9 }), 1],
  ['kind 0', request({ kind: 0 }), 1],
  ['a slot too high', request({ slot: SLOTS }), 1],
  ['a slot far too high', request({ slot: 0xffffffff }), 1],
  ['a role too high', request({ role: VERIFIER + 1 }), 1],
  ['a role far too high', request({ role: 0xffffffff }), 1],
  ['a descriptor more than there must be', request({}), 2],
  ['no descriptor', request({}), 0],
  ['a kill with a descriptor', request({ kind: KILL }), 1],
  ['a kill with a role', request({ kind: KILL, role: 1 }), 0],
])('%s is refused and does nothing', async (_what, bytes, count) => {
  const raw = new Raw();
  await raw.reply();
  const before = raw.openDescriptors();
  raw.send(
    bytes,
    Array.from({ length: count }, () => nothing),
  );
  const [kind, , , , , step, error] = await raw.reply();
  expect([kind, step, error]).toEqual([FAILED, 0, EPROTO]);
  expect(raw.openDescriptors()).toBe(before);
  await expectSound(raw);
});

test('more descriptors than a request may have are all closed', async () => {
  const raw = new Raw();
  await raw.reply();
  const before = raw.openDescriptors();
  const many = Array.from({ length: 128 }, () => nothing);
  const bytes = request({});
  raw.send(bytes.subarray(0, 10), many);
  raw.send(bytes.subarray(10), many);
  const [kind, , , , , step, error] = await raw.reply();
  expect([kind, step, error]).toEqual([FAILED, 0, EPROTO]);
  expect(raw.openDescriptors()).toBe(before);
  await expectSound(raw);
});

test('a request in pieces is one, two at once are two, a taken slot stays', async () => {
  const raw = new Raw();
  await raw.reply();
  const bytes = request({ slot: 1 });
  raw.send(bytes.subarray(0, 1), [nothing]);
  for (let at = 1; at < bytes.length; at += 3) raw.send(bytes.subarray(at, at + 3));
  expect((await raw.reply()).slice(0, 2)).toEqual([STARTED, 1]);
  raw.send(Buffer.concat([request({ slot: 1 }), bytes.subarray(0, 5)]), [nothing]);
  const [kind, slot, , , , step, error] = await raw.reply();
  expect([kind, slot, step, error]).toEqual([FAILED, 1, 0, EBUSY]);
  raw.send(bytes.subarray(5));
  expect((await raw.reply())[0]).toBe(FAILED);
  await expectSound(raw);
});

/** Each field is one of these, or drawn at random. */
const EDGES = [0, 1, 2, 3, 16, 17, 128, 129, 255, 0x7fffffff, 0x80000000, 0xffffffff];
const isSound = (kind: number, slot: number, role: number, given: number): boolean =>
  slot < SLOTS &&
  ((kind === START && role <= VERIFIER && given === 1) || (kind === KILL && role + given === 0));

test('of numbers at random the sound ones alone do something', { timeout: 60_000 }, async () => {
  const raw = new Raw();
  await raw.reply();
  const before = raw.openDescriptors();
  const next = xorshift(7);
  const draw = (): number => (next() & 1 ? next() >>> 0 : EDGES[(next() >>> 3) % EDGES.length]!);
  for (let round = 0; round < NOISES; round++) {
    const [kind, slot, role] = [draw(), draw(), draw()] as const;
    const given = (next() >>> 5) % 3;
    if (isSound(kind, slot, role, given)) continue;
    raw.send(
      request({ kind, slot, role }),
      Array.from({ length: given }, () => nothing),
    );
    const [answer, where, , , , step, error] = await raw.reply();
    expect([answer, where, step, error]).toEqual([FAILED, slot < SLOTS ? slot : -1, 0, EPROTO]);
  }
  expect(raw.openDescriptors()).toBe(before);
  await expectSound(raw);
  record('bad requests to the spawner', { requests: NOISES });
});

test('when nobody asks any more it ends with its workers, in the middle of a request too', async () => {
  const raw = new Raw();
  await raw.reply();
  raw.send(request({ slot: 2 }), [nothing]);
  const [, , pid] = await raw.reply();
  raw.send(request({ slot: 3 }).subarray(0, 5), [nothing]);
  raw.close();
  const [code] = (await once(raw.process, 'exit')) as [number];
  expect(code).toBe(0);
  for (let wait = 0; wait < 100 && existsSync(`/proc/${pid}`); wait++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

test('signals do not end it', async () => {
  const raw = new Raw();
  await raw.reply();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1'] as const) {
    raw.process.kill(name);
  }
  await expectSound(raw);
});

test.each([
  [[]],
  [['on', '1', '1', '1', '1', '1', '--', '/bin/true']],
  [['auto', '-1', '1', '1', '1', '1', '--', '/bin/true']],
  [['auto', '1', '4294967295', '1', '1', '1', '--', '/bin/true']],
  [['auto', '1', '', '1', '1', '1', '--', '/bin/true']],
  [['auto', '1', '1', '1', '1g', '1', '--', '/bin/true']],
  [['auto', '1', '1', '1', '1', '0', '--', '/bin/true']],
  [['auto', '1', '1', '1', '1', '129', '--', '/bin/true']],
  [['auto', '1', '1', '1', '1', '1', 'relative', '--', '/bin/true']],
  [['auto', '1', '1', '1', '1', '1', '/file']],
  [['auto', '1', '1', '1', '1', '1', '--']],
  [['auto', '1', '1', '1', '1', '1', '--', 'true']],
  [['auto', '1', '1', '1', '1', '1', ...Array.from({ length: 65 }, () => '/f'), '--', '/bin/true']],
])('started as %j it refuses', async (args) => {
  const raw = new Raw(args);
  expect(await once(raw.process, 'exit')).toEqual([2, null]);
});

function open(command: readonly string[], path = spawnerPath): Spawner {
  const ids = {
    uid: 65_534,
    gid: 65_534,
    descriptorsMax: 100,
    dataBytesMax: WORKER_DATA_BYTES_MAX,
    inherited: 1,
  };
  const spawner = new Spawner(wall, { path, mode: 'off', ...ids, files: [], command });
  onEnd(() => spawner.close());
  return spawner;
}

test('the client: started, ended, and what is wrong in words', async () => {
  const spawner = open(['/bin/sh', '-c', 'test $0 = 1 && exit 7; exec sleep 30']);
  const { pid, lacks, ended } = await spawner.start(0, 1, [nothing]);
  expect([pid > 0, lacks]).toEqual([true, []]);
  expect(await ended).toBe('exit status 7');
  const { ended: killed } = await spawner.start(0, 0, [nothing]);
  await expect(spawner.start(0, 0, [nothing])).rejects.toThrow('request to the spawner: EBUSY');
  spawner.kill(0);
  expect(await killed).toBe('signal SIGKILL');
});

test('the client: no program, no spawner', async () => {
  await expect(open(['/nothing']).start(0, 0, [nothing])).rejects.toMatchObject({
    exitCode: EXIT.failure,
    message: expect.stringContaining('program: ENOENT') as string,
  });
  const none = open(['/bin/true'], '/nothing');
  await expect(none.start(0, 0, [nothing])).rejects.toThrow('ENOENT');
  await expect(none.lost).rejects.toThrow('the spawner (pid none) ended');
});
