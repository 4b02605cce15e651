// spec.test.ts: sends every case of the documents in this folder to the running server, in every
// way it can arrive.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { value } from '../support/reply.ts';
import type { Reply } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packSite } from '../support/site.ts';
import { encode, parseSpec, placeholders } from '../support/spec.ts';
import type { ExpectedReply, SpecCase } from '../support/spec.ts';
import { Wire, exchange, get } from '../support/wire.ts';
import { checkReply } from './check.ts';
import { FILES, PROBE } from './site.ts';

const folder = import.meta.dirname;
const full = process.env['CDBSERVE_FULL'] === '1';
const CONNECTIONS_AT_ONCE = 40;
const LONG_BYTES = 600;
const PROMPT_MS = 2_000;

const group = full ? describe.sequential : describe.concurrent;

interface Delivery {
  readonly name: string;
  readonly pieces: readonly Buffer[];
  readonly replies: readonly ExpectedReply[];
  readonly gapMs: number;
}

const known = new Map<string, string>();
let server: Server;

beforeAll(async () => {
  const site = await packSite(FILES);
  server = await startServer(site.archive);
}, 60_000);

for (const document of readdirSync(folder).filter((name) => /^(?!README).*\.md$/.test(name))) {
  const text = readFileSync(join(folder, document), 'utf8');
  group(`${document}`, () => {
    for (const spec of parseSpec(document, text)) {
      const where = `${document}:${spec.line} ${spec.title}`;
      test(
        `${spec.title} (line ${spec.line})`,
        () => expectAnswers(where, spec),
        full ? 600_000 : 60_000,
      );
    }
  });
}

async function expectAnswers(where: string, spec: SpecCase): Promise<void> {
  await learn(spec);
  const { bytes, answeredAt } = encode(spec.source, known);
  const send = (delivery: Delivery): Promise<void> =>
    deliver(`${where}, ${delivery.name}`, spec, delivery);
  const first = deliveries(bytes, spec.replies);
  const cut = cutDeliveries(bytes, spec.replies);
  if (bytes.length > LONG_BYTES) {
    // Byte by byte a long head arrives within the server's limit only when little else is sent.
    await inParallel(first, send);
    await inParallel(cut, send);
  } else {
    await inParallel([...first, ...cut], send);
  }
  if (answeredAt !== undefined) await checkPrompt(where, bytes, answeredAt, spec);
  if (spec.replies[0]?.head) await checkTwin(where, bytes);
}

/** Asks the server for what the case refers to, such as {{etag /page.html gzip}}. */
async function learn(spec: SpecCase): Promise<void> {
  const texts = [spec.source, ...spec.replies.flatMap((r) => r.fields.map((f) => f.value ?? ''))];
  for (const name of texts.flatMap(placeholders)) {
    if (known.has(name)) continue;
    const [what, path = '', coding = ''] = name.split(' ');
    const field = { etag: 'etag', length: 'content-length' }[what!];
    if (field === undefined) throw new Error(`cannot learn {{${name}}}`);
    const reply = await exchange(server.port, get(path, `Accept-Encoding: ${coding}`));
    expect(value(reply, 'content-encoding') ?? 'identity', name).toBe(coding);
    known.set(name, value(reply, field) ?? '');
  }
}

function deliveries(bytes: Buffer, replies: readonly ExpectedReply[]): Delivery[] {
  const good = { status: 200, head: false, fields: [], only: undefined, body: PROBE.body };
  const pipelined = Buffer.concat([Buffer.from(PROBE.request), bytes]);
  const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  return [
    { name: 'whole', pieces: [bytes], replies, gapMs: 0 },
    { name: 'after a good request', pieces: [pipelined], replies: [good, ...replies], gapMs: 0 },
    { name: 'byte by byte', pieces: single, replies, gapMs: bytes.length > LONG_BYTES ? 0 : 1 },
  ];
}

function cutDeliveries(bytes: Buffer, replies: readonly ExpectedReply[]): Delivery[] {
  return cuts(bytes.length).map((at) => ({
    name: `cut at ${at}`,
    pieces: [bytes.subarray(0, at), bytes.subarray(at)],
    replies,
    gapMs: 2,
  }));
}

/**
 * Every place between two bytes; of a long request, in the quick tests, its ends and some between.
 */
function cuts(length: number): number[] {
  const all = Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1);
  if (full || length <= LONG_BYTES) return all;
  return all.filter((at) => at < 40 || at > length - 40 || at % 251 === 0);
}

async function deliver(where: string, spec: SpecCase, delivery: Delivery): Promise<void> {
  const wire = await Wire.open(server.port);
  try {
    const sent = wire.sendPieces(delivery.pieces, delivery.gapMs);
    if (spec.halfClose) void sent.then(() => wire.halfClose());
    for (const [index, expected] of delivery.replies.entries()) {
      const last = index === delivery.replies.length - 1;
      const closing = last && spec.end === 'closed' && !spec.halfClose;
      const reply = await readReply(where, wire, expected);
      // A FIN that ends a series inside a head has no answer of its own: nothing said that it would
      // close.
      checkReply(reply, expected, { where, known, closing: closing && spec.replies.length > 0 });
    }
    await sent;
    if (spec.end === 'closed') expect(await wire.closed(), where).toBe('fin');
    else await checkAlive(where, wire);
  } finally {
    wire.destroy();
  }
}

async function readReply(where: string, wire: Wire, expected: ExpectedReply): Promise<Reply> {
  try {
    return await wire.reply({ head: expected.head });
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

async function checkAlive(where: string, wire: Wire): Promise<void> {
  wire.send(PROBE.request);
  const reply = await wire.reply();
  expect([reply.status, reply.body.toString()], `${where}: a further request`).toEqual([
    200,
    PROBE.body,
  ]);
  expect(wire.waiting, where).toBe(0);
}

/**
 * The answer comes with the byte before the mark: not before it, and without waiting for what
 * follows.
 */
async function checkPrompt(
  where: string,
  bytes: Buffer,
  at: number,
  spec: SpecCase,
): Promise<void> {
  const wire = await Wire.open(server.port);
  try {
    wire.send(bytes.subarray(0, at - 1));
    await sleep(60);
    expect([wire.waiting, wire.ending], `${where}: too early`).toEqual([0, undefined]);
    wire.send(bytes.subarray(at - 1, at));
    const reply = await wire.reply({ timeoutMs: PROMPT_MS });
    expect(reply.status, `${where}: at the mark`).toBe(spec.replies[0]!.status);
  } finally {
    wire.destroy();
  }
}

/** HEAD has the header section of the same GET without Range. */
async function checkTwin(where: string, bytes: Buffer): Promise<void> {
  const head = bytes.toString('latin1');
  const replies = [
    await exchange(server.port, head),
    await exchange(server.port, head.replace('HEAD', 'GET').replaceAll(/^range:.*\r\n/gim, '')),
  ];
  const [left, right] = replies.map((reply) => [
    reply.status,
    ...reply.fields
      .filter(([name]) => name.toLowerCase() !== 'date')
      .map((field) => field.join(': ')),
  ]);
  expect(left, where).toEqual(right);
}

async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const lanes = Array.from({ length: CONNECTIONS_AT_ONCE }, async () => {
    for (const item of queue) await work(item);
  });
  await Promise.all(lanes);
}
