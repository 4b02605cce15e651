// cases.ts: the documents of this folder as cases, and what every way of sending them shares.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { FULL } from '../support/ledger.ts';
import { value } from '../support/reply.ts';
import type { Reply } from '../support/reply.ts';
import { parseSpec, placeholders, siteOf } from '../support/spec.ts';
import type { ExpectedReply, SpecCase } from '../support/spec.ts';
import { get } from '../support/wire.ts';
import { checkDate, checkReply } from './check.ts';
import { PROBE, SITES } from './site.ts';
import type { SiteName } from './site.ts';

export interface Document {
  readonly name: string;
  readonly site: SiteName;
  readonly cases: readonly SpecCase[];
}

/** One way of sending a case: cut at these places. */
export interface Delivery {
  readonly name: string;
  readonly bytes: Buffer;
  readonly cuts: readonly number[];
  readonly replies: readonly ExpectedReply[];
}

/** What the cases of one site know of it, by placeholder. */
export type Known = Map<string, string>;

export interface Sent {
  /** Named in every complaint. */
  readonly where: string;
  readonly site: SiteName;
  readonly known: Known;
  readonly spec: SpecCase;
  /** A reply that was held against this line of the document, and found good. */
  readonly good: Map<ExpectedReply, string>;
}

export const LONG_BYTES = 600;
const ENDS_BYTES = 40;
const folder = import.meta.dirname;

export function sentOf({ name, site }: Document, spec: SpecCase, known: Known): Sent {
  const where = `${name}:${spec.line} ${spec.title}`;
  return { where, site, known, spec, good: new Map() };
}

export function readDocuments(): Document[] {
  const names = readdirSync(folder).filter((name) => /^(?!README).*\.md$/.test(name));
  return names.map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const site = siteOf(text) ?? 'main';
    if (!isSite(site)) throw new Error(`${name}: site.ts has no site ${site}`);
    return { name, site, cases: parseSpec(name, text) };
  });
}

function isSite(name: string): name is SiteName {
  return Object.hasOwn(SITES, name);
}

export function probe(site: SiteName): string {
  return `GET ${PROBE.path} HTTP/1.1\r\nHost: ${SITES[site].host}\r\n\r\n`;
}

/** Asks for what the case refers to, such as {{etag /page.html gzip}}. */
export async function learn(
  { spec, known }: Sent,
  exchange: (request: string) => Reply | Promise<Reply>,
): Promise<void> {
  const texts = [spec.source, ...spec.replies.flatMap((r) => r.fields.map((f) => f.value ?? ''))];
  for (const name of texts.flatMap(placeholders)) {
    if (known.has(name)) continue;
    const [what, url = '', coding = ''] = name.split(' ');
    const field = { etag: 'etag', length: 'content-length' }[what!];
    if (field === undefined) throw new Error(`cannot learn {{${name}}}`);
    const [host, path] = [url.slice(0, url.indexOf('/')), url.slice(url.indexOf('/'))];
    const target = host === '' ? path : `http://${host}${path}`;
    const reply = await exchange(get(target, `Accept-Encoding: ${coding}`));
    expect(value(reply, 'content-encoding') ?? 'identity', name).toBe(coding);
    known.set(name, value(reply, field) ?? '');
  }
}

/** Whole, and byte by byte, and with a good request in front. */
export function deliveries({ site, spec }: Sent, bytes: Buffer): [Delivery, Delivery, Delivery] {
  const { replies } = spec;
  const good = { status: 200, head: false, fields: [], only: undefined, body: PROBE.body };
  const both = Buffer.concat([Buffer.from(probe(site)), bytes]);
  return [
    { name: 'whole', bytes, cuts: [], replies },
    { name: 'after a good request', bytes: both, cuts: [], replies: [good, ...replies] },
    { name: 'byte by byte', bytes, cuts: everyPlace(bytes.length), replies },
  ];
}

export function cutIn({ spec }: Sent, bytes: Buffer, at: number): Delivery {
  return { name: `cut at ${at}`, bytes, cuts: [at], replies: spec.replies };
}

/**
 * Every place between two bytes; of a long request, in the quick tests, its ends and every so many
 * between.
 */
export function places(length: number, apart: number): number[] {
  const all = everyPlace(length);
  if (FULL || length <= LONG_BYTES) return all;
  return all.filter((at) => at < ENDS_BYTES || at > length - ENDS_BYTES || at % apart === 0);
}

/** Between any two of so many bytes. */
function everyPlace(length: number): number[] {
  return Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1);
}

/** The reply number `index` of a delivery. One that was found good before is not checked again. */
export function checkNext(sent: Sent, delivery: Delivery, index: number, reply: Reply): void {
  const { site, known, spec, good } = sent;
  const expected = delivery.replies[index]!;
  const where = `${sent.where}, ${delivery.name}`;
  const shown = show(reply);
  if (good.get(expected) === shown) {
    checkDate(reply, where);
    return;
  }
  const last = index === delivery.replies.length - 1;
  const closing = last && spec.end === 'closed' && !spec.halfClose && spec.replies.length > 0;
  checkReply(reply, expected, { where, known, files: SITES[site].files, closing });
  good.set(expected, shown);
}

/** All of it but its Date. */
function show({ status, fields, body }: Reply): string {
  const lines = fields.filter(([name]) => name.toLowerCase() !== 'date');
  return `${status} ${lines.join('\n')}\n${body.toString('latin1')}`;
}

export function checkProbe(sent: Sent, delivery: Delivery, reply: Reply): void {
  const where = `${sent.where}, ${delivery.name}: a further request`;
  expect([reply.status, reply.body.toString()], where).toEqual([200, PROBE.body]);
}

/** The same request as GET without Range: HEAD has its header section. */
export function twinOf(bytes: Buffer): string {
  const head = bytes.toString('latin1');
  return head.replace('HEAD', 'GET').replaceAll(/^range:.*\r\n/gim, '');
}

type Head = Omit<Reply, 'body'>;

export function checkTwin({ where }: Sent, reply: Head, twin: Head): void {
  const [left, right] = [reply, twin].map(({ status, fields }) => [
    status,
    ...fields.filter(([name]) => name.toLowerCase() !== 'date').map((field) => field.join(': ')),
  ]);
  expect(left, where).toEqual(right);
}
