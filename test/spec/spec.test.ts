// spec.test.ts: sends every case of the documents in this folder to the running server, in every
// way it can arrive.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { FULL } from '../support/ledger.ts';
import type { Reply } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import { encode } from '../support/spec.ts';
import type { ExpectedReply } from '../support/spec.ts';
import { Wire, exchange } from '../support/wire.ts';
import { LONG_BYTES, checkNext, checkProbe, checkTwin, cutIn, deliveries } from './cases.ts';
import { learn, places, probe, readDocuments, sentOf, twinOf } from './cases.ts';
import type { Delivery, Sent } from './cases.ts';
import { SITES, packSpecSite } from './site.ts';
import type { SiteName, SpecSite } from './site.ts';

const CONNECTIONS_AT_ONCE = 40;
/** Of a long request: each delivery costs some milliseconds. */
const PLACES_APART = 251;
const PROMPT_MS = 2_000;

const group = FULL ? describe.sequential : describe.concurrent;
const documents = readDocuments();
const ports = new Map<SiteName, number>();

beforeAll(async () => {
  for (const site of new Set(documents.map((document) => document.site))) {
    const spec: SpecSite = SITES[site];
    const trusted = (spec.trusted ?? []).flatMap((text) => ['--trusted-proxy', text]);
    const server = await startServer(await packSpecSite(spec), trusted);
    ports.set(site, server.port);
  }
}, 60_000);

for (const document of documents) {
  group(`${document.name}`, () => {
    const known = new Map<string, string>();
    for (const spec of document.cases) {
      const sent = sentOf(document, spec, known);
      test(`${spec.title} (line ${spec.line})`, () => expectAnswers(sent), FULL ? 600_000 : 60_000);
    }
  });
}

async function expectAnswers(sent: Sent): Promise<void> {
  const { known, spec } = sent;
  const port = ports.get(sent.site)!;
  await learn(sent, (request) => exchange(port, request));
  const { bytes, answeredAt } = encode(spec.source, known);
  const send = (delivery: Delivery): Promise<void> => deliver(sent, delivery);
  const first = deliveries(sent, bytes);
  const cut = places(bytes.length, PLACES_APART).map((at) => cutIn(sent, bytes, at));
  if (bytes.length > LONG_BYTES) {
    // Byte by byte a long head arrives within the server's limit only when little else is sent.
    await inParallel(first, send);
    await inParallel(cut, send);
  } else {
    await inParallel([...first, ...cut], send);
  }
  if (answeredAt !== undefined) await checkPrompt(sent, bytes, answeredAt);
  if (spec.replies[0]?.head) {
    const reply = await exchange(port, bytes.toString('latin1'));
    checkTwin(sent, reply, await exchange(port, twinOf(bytes)));
  }
}

async function deliver(sent: Sent, delivery: Delivery): Promise<void> {
  const { spec } = sent;
  const where = `${sent.where}, ${delivery.name}`;
  const wire = await Wire.open(ports.get(sent.site)!);
  try {
    const done = wire.sendPieces(piecesOf(delivery), gapMs(delivery));
    if (spec.halfClose) void done.then(() => wire.halfClose());
    for (const [index, expected] of delivery.replies.entries()) {
      checkNext(sent, delivery, index, await readReply(where, wire, expected));
    }
    await done;
    if (spec.end === 'closed') expect(await wire.closed(), where).toBe('fin');
    else {
      wire.send(probe(sent.site));
      checkProbe(sent, delivery, await wire.reply());
      expect(wire.waiting, where).toBe(0);
    }
  } finally {
    wire.destroy();
  }
}

function piecesOf({ bytes, cuts }: Delivery): Buffer[] {
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index]));
}

function gapMs({ bytes, cuts }: Delivery): number {
  if (cuts.length < 2) return 2;
  return bytes.length > LONG_BYTES ? 0 : 1;
}

async function readReply(where: string, wire: Wire, expected: ExpectedReply): Promise<Reply> {
  try {
    return await wire.reply({ head: expected.head });
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * The answer comes with the byte before the mark: not before it, and without waiting for what
 * follows.
 */
async function checkPrompt(sent: Sent, bytes: Buffer, at: number): Promise<void> {
  const { where, spec } = sent;
  const wire = await Wire.open(ports.get(sent.site)!);
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
