// functions.test.ts: the same cases through the functions that decide, without a socket: cut at
// every byte.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyArchive } from '../../src/boot/archive.ts';
import * as ring from '../../src/hot/ring.ts';
import { ask, event, repliesOf, reply, sent as bytesOf, serveArchive } from '../hot/harness.ts';
import { takeOutbox, trust } from '../hot/harness.ts';
import { parseHead } from '../support/reply.ts';
import type { Reply } from '../support/reply.ts';
import { encode } from '../support/spec.ts';
import { checkNext, checkProbe, checkTwin, cutIn, deliveries } from './cases.ts';
import { learn, places, probe, readDocuments, sentOf, twinOf } from './cases.ts';
import type { Delivery, Sent } from './cases.ts';
import { SITES, packSpecSite } from './site.ts';
import type { SiteName, SpecSite } from './site.ts';

const DAY = 86_400;
/** Of a long request: its bytes are read for each place. */
const PLACES_APART = 31;

const documents = readDocuments();
const archives = new Map<SiteName, Uint8Array>();

beforeAll(async () => {
  for (const site of new Set(documents.map((document) => document.site))) {
    const path = await packSpecSite(SITES[site]);
    archives.set(site, Uint8Array.from(readFileSync(path)));
  }
}, 60_000);

for (const document of documents) {
  describe(`${document.name}`, () => {
    beforeAll(() => {
      const archive = archives.get(document.site)!;
      const { hosts, defaultSite, rewrites, rules } = verifyArchive(archive, document.site);
      serveArchive(archive, {
        hosts: hosts.length > 0,
        defaultSite,
        rewrites: rewrites > 0,
        rules: rules > 0,
      });
      const spec: SpecSite = SITES[document.site];
      trust(spec.trusted ?? []);
    });
    const known = new Map<string, string>();
    for (const spec of document.cases) {
      const sent = sentOf(document, spec, known);
      test(`${spec.title} (line ${spec.line})`, () => expectAnswers(sent));
    }
  });
}

async function expectAnswers(sent: Sent): Promise<void> {
  const { known, spec } = sent;
  setClock();
  await learn(sent, (request) => reply(request));
  const { bytes, answeredAt } = encode(spec.source, known);
  const [whole, second, single] = deliveries(sent, bytes);
  const answer = outcome(sent, whole);
  checkAnswer(sent, whole, answer);
  checkAnswer(sent, second, outcome(sent, second));
  const others = [
    single,
    ...places(bytes.length, PLACES_APART).map((at) => cutIn(sent, bytes, at)),
  ];
  for (const other of others) {
    if (!isSame(answer, outcome(sent, other))) checkDiffering(sent, other, answer);
  }
  if (answeredAt !== undefined) checkPrompt(sent, bytes, answeredAt);
  if (spec.replies[0]?.head) checkTwin(sent, firstReply(bytes), firstReply(twinOf(bytes)));
}

/** What the connection's peer sees in the end. */
interface Outcome {
  readonly bytes: Buffer;
  readonly closed: boolean;
}

function setClock(): void {
  const now = Math.floor(Date.now() / 1_000);
  event(ring.TICK, Math.floor(now / DAY), now % DAY);
}

/** Where the connection is to go on, a further request proves it. */
function outcome({ site, spec }: Sent, { bytes, cuts }: Delivery): Outcome {
  const goesOn = spec.end === 'open';
  const whole = goesOn ? Buffer.concat([bytes, Buffer.from(probe(site))]) : bytes;
  const answer = ask(whole, goesOn ? [...cuts, bytes.length] : cuts);
  if (answer.finished || !spec.halfClose) return { bytes: answer.bytes, closed: answer.finished };
  event(ring.HALF_CLOSED);
  const rows = takeOutbox();
  const closed = rows.at(-1)?.op === ring.FINISH;
  return { bytes: Buffer.concat([answer.bytes, bytesOf(rows)]), closed };
}

function isSame(left: Outcome, right: Outcome): boolean {
  return left.closed === right.closed && left.bytes.equals(right.bytes);
}

function checkAnswer(sent: Sent, delivery: Delivery, answer: Outcome): void {
  const { spec } = sent;
  const where = `${sent.where}, ${delivery.name}`;
  const heads = delivery.replies.flatMap(({ head }, index) => (head ? [index] : []));
  const replies = repliesOf(answer, heads);
  const last = spec.end === 'open' ? replies.splice(delivery.replies.length) : [];
  expect(replies.length, `replies: ${where}`).toBe(delivery.replies.length);
  for (const [index, one] of replies.entries()) checkNext(sent, delivery, index, one);
  expect(answer.closed, `closed: ${where}`).toBe(spec.end === 'closed');
  if (spec.end === 'open') checkProbe(sent, delivery, onlyOne(last, where));
}

/** But for its body. */
function firstReply(request: string | Uint8Array): Omit<Reply, 'body'> {
  return parseHead(ask(request).bytes, false)!.reply;
}

function onlyOne(replies: readonly Reply[], where: string): Reply {
  expect(replies.length, `replies to a further request: ${where}`).toBe(1);
  return replies[0]!;
}

/** Fails: says in the words of the document, if it can, what is wrong. */
function checkDiffering(sent: Sent, delivery: Delivery, whole: Outcome): void {
  const answer = outcome(sent, delivery);
  checkAnswer(sent, delivery, answer);
  const where = `${sent.where}, ${delivery.name}: not the answer to the whole`;
  expect(answer.bytes.toString('latin1'), where).toBe(whole.bytes.toString('latin1'));
}

/** As soon as the byte before the mark is there, and not earlier. */
function checkPrompt({ where, spec }: Sent, bytes: Buffer, at: number): void {
  const early = ask(bytes.subarray(0, at - 1));
  expect([early.bytes.length, early.finished], `${where}: too early`).toEqual([0, false]);
  const heads = spec.replies[0]!.head ? [0] : [];
  const [first] = repliesOf(ask(bytes.subarray(0, at)), heads);
  expect(first?.status, `${where}: at the mark`).toBe(spec.replies[0]!.status);
}
