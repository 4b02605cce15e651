// harness.ts: the hot zone without its ring: a small archive in memory, requests in, replies out.
//
// Takes the ring's part strictly: every row of the outbox is checked against what native/ring.h
// allows, unconsumed bytes come again in front of the next ones, and each time somewhere else.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCanned } from '../../src/boot/canned.ts';
import { openNetworks } from '../../src/boot/networks.ts';
import type { SiteOrders } from '../../src/boot/orders.ts';
import { openSites } from '../../src/boot/sites.ts';
import { openWindows } from '../../src/boot/windows.ts';
import { STATUS_LINES, imfDate } from '../../src/format/head.ts';
import {
  CDB_HASH_START,
  CODING_IDENTITY,
  CODING_NAMES,
  KEY_REWRITE_PREFIX,
  KEY_RULES,
} from '../../src/format/layout.ts';
import { encodeRoute } from '../../src/format/route.ts';
import type { Route, Variant } from '../../src/format/route.ts';
import { encodeRules } from '../../src/format/rules.ts';
import type { Rule } from '../../src/format/rules.ts';
import { writeDate } from '../../src/hot/date.ts';
import { handle } from '../../src/hot/loop.ts';
import { takeRows } from '../../src/hot/outbox.ts';
import * as ring from '../../src/hot/ring.ts';
import * as site from '../../src/hot/site.ts';
import * as limits from '../../src/limits.ts';
import { loadCdb } from '../../src/native.ts';
import { readNetworks } from '../../src/networks.ts';
import { addonPath } from '../../src/paths.ts';
import { parseHead } from '../support/reply.ts';
import type { Reply } from '../support/reply.ts';

export interface Stored {
  readonly body: string;
  /** CODING_*; default identity. */
  readonly coding?: number;
  /** With its quotes. */
  readonly etag?: string;
  /** Value of Content-Type; empty: there is none. */
  readonly type?: string;
  /** Where the body is said to be: for bodies larger than a test can store. */
  readonly span?: { readonly at: number; readonly bytes: number };
}

export interface Page {
  /** Default 200. */
  readonly status?: 200 | 404;
  /** Seconds since 1970. */
  readonly modified?: number;
  /** The most preferred first. */
  readonly variants: readonly Stored[];
}

export interface Redirect {
  /** Default 308. */
  readonly status?: number;
  readonly location: string;
  readonly ownQuery?: boolean;
}

/** A rule whose route stands as a page or redirect does, under a key of its own. */
export type SiteRule = Omit<Rule, 'route'> & { readonly answer?: Page | Redirect };

/** By host; '' is the default site. */
export type SiteRules = Readonly<Record<string, readonly SiteRule[]>>;

/** By key of the archive: `/path`, `@host/path`, and before a folder's key `404` or `200`. */
export type Site = Readonly<Record<string, Page | Redirect>>;

/** One row of the outbox. */
export interface Row {
  readonly connection: number;
  readonly op: number;
  readonly offset: number;
  readonly length: number;
}

export interface Answer {
  /** As the peer receives them. */
  readonly bytes: Buffer;
  /** Of the request, in all. */
  readonly consumed: number;
  /** How often more was to be done than one turn had room for. */
  readonly agains: number;
  /** The connection is to be closed. */
  readonly finished: boolean;
  /** Of every event, in order, those that note answers left out. */
  readonly rows: readonly Row[];
  readonly notes: readonly Note[];
}

/** What the journal is told of an answer. */
export interface Note {
  readonly slot: number;
  readonly bytes: number;
  readonly texts: readonly string[];
}

export const CONNECTION = (3 << 16) | 7;
/** Sunday, 6 November 1994, 08:49:37: the example of RFC 9110. */
export const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';
const DATE_DAYS = 9_075;
const DATE_SECOND = 8 * 3_600 + 49 * 60 + 37;

/** Fewer than a turn's, so that moving about is cheap; not a multiple of a page. */
const OFFSETS = [0, 4_093, 65_537, limits.INBOX_BYTES - limits.INPUT_BYTES_MAX - 1];
const { CdbMake } = loadCdb(addonPath('cdb'));

let archive: Uint8Array = new Uint8Array(0);

/** One page of one coding: what most tests need. */
export function page(body: string, etag = `"${body}"`): Page {
  return { variants: [{ body, etag }] };
}

/** Makes the archive and lays the hot zone over it. Gives the file's bytes. */
export function serve(pages: Site, rules: SiteRules = {}): Uint8Array {
  const hosts = hostsOf(pages).length > 0;
  const keys = Object.keys(pages);
  const defaultSite = !hosts || keys.some((key) => key.startsWith('/'));
  const rewrites = keys.some((key) => key.startsWith(KEY_REWRITE_PREFIX));
  const bytes = makeArchive(pages, rules);
  const hasRules = Object.keys(rules).length > 0;
  serveArchive(bytes, { hosts, defaultSite, rewrites, rules: hasRules });
  writeDate(DATE_DAYS, DATE_SECOND);
  return bytes;
}

/** Lays the hot zone over an archive, whose bytes are a whole buffer. */
export function serveArchive(bytes: Uint8Array, sites: SiteOrders): void {
  archive = bytes;
  openWindows(bytes.buffer as ArrayBuffer);
  openSites(sites);
  site.site[site.PREFIX_END] = site.FAMILY_BYTES;
  site.site[site.SITE_HASH] = CDB_HASH_START;
  writeCanned();
}

/** Of these networks, and of the one peer there is, who is trusted if there are any. */
export function trust(texts: readonly string[]): void {
  const networks = readNetworks(texts);
  if (typeof networks === 'string') throw new Error(networks);
  openNetworks(networks);
  const row = (CONNECTION & ring.NUMBER_MASK) * limits.PEER_BYTES;
  ring.peers[row + ring.PEER_TRUSTED] = texts.length > 0 ? 1 : 0;
}

/** `@host` of every named site. */
function hostsOf(pages: Site): string[] {
  return [...new Set(Object.keys(pages).flatMap((key) => /^@[^/]+/.exec(key) ?? []))];
}

export function makeArchive(pages: Site, rules: SiteRules = {}): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'cdbserve-hot-'));
  try {
    const path = join(folder, 'site.cdb');
    const file = openSync(path, 'w+');
    const cdb = new CdbMake(file);
    for (const host of hostsOf(pages)) cdb.add(Buffer.from(host), Buffer.alloc(0));
    for (const [key, entry] of Object.entries(pages)) {
      cdb.add(Buffer.from(key), addEntry(cdb, key, entry));
    }
    for (const [host, list] of Object.entries(rules)) addRules(cdb, host, list);
    cdb.finish();
    closeSync(file);
    return Uint8Array.from(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Maker = InstanceType<typeof CdbMake>;

function addEntry(cdb: Maker, key: string, entry: Page | Redirect): Uint8Array {
  return encodeRoute('location' in entry ? addRedirect(cdb, key, entry) : addPage(cdb, key, entry));
}

function addRules(cdb: Maker, host: string, rules: readonly SiteRule[]): void {
  const encoded = rules.map(({ answer, ...rule }, index) => ({
    ...rule,
    route: answer ? addEntry(cdb, `rule ${host} ${index}`, answer) : new Uint8Array(0),
  }));
  const key = host === '' ? KEY_RULES : `${KEY_RULES}@${host}`;
  cdb.add(Buffer.from(key), encodeRules(encoded));
}

function addPage(cdb: Maker, key: string, { status = 200, modified = 0, variants }: Page): Route {
  const vary = variants.length > 1 ? 'Vary: Accept-Encoding\r\n' : '';
  const added = variants.map((stored) => {
    const { coding = CODING_IDENTITY, etag = '', type = 'text/plain' } = stored;
    const bytes = Buffer.from(stored.body, 'latin1');
    const { span = { at: cdb.add(Buffer.from(`b${key}${coding}`), bytes), bytes: bytes.length } } =
      stored;
    const contentType = type === '' ? '' : `Content-Type: ${type}\r\n`;
    const head = [
      STATUS_LINES[status]!,
      `${vary}${etag === '' ? '' : `ETag: ${etag}\r\n`}Cache-Control: no-cache\r\n`,
      contentFields(status, coding, modified) + contentType,
      `Content-Length: ${span.bytes}\r\n`,
    ];
    const body = { coding, bodyAt: span.at, bodyBytes: span.bytes };
    return addHead(cdb, key, head, { ...body, etag, typeBytes: contentType.length });
  });
  return { status, redirect: false, ownQuery: false, file: true, modified, variants: added };
}

/** What a 304 leaves out, but for Content-Type: a multipart answer has its own in that place. */
function contentFields(status: number, coding: number, modified: number): string {
  const fields = [
    ...(status === 200 ? ['Accept-Ranges: bytes'] : []),
    ...(coding === CODING_IDENTITY ? [] : [`Content-Encoding: ${CODING_NAMES[coding]}`]),
    ...(modified === 0 ? [] : [`Last-Modified: ${imfDate(modified)}`]),
  ];
  return fields.map((field) => `${field}\r\n`).join('');
}

function addRedirect(cdb: Maker, key: string, redirect: Redirect): Route {
  const { status = 308, location, ownQuery = false } = redirect;
  const head = [
    STATUS_LINES[status]!,
    'Cache-Control: public, max-age=3600\r\n',
    `Location: ${location}`,
    '\r\nContent-Length: 0\r\n',
  ];
  const body = { coding: CODING_IDENTITY, bodyAt: 0, bodyBytes: 0, etag: '', typeBytes: 0 };
  const variants = [addHead(cdb, key, head, body)];
  return { status, redirect: true, ownQuery, file: false, modified: 0, variants };
}

function addHead(
  cdb: Maker,
  key: string,
  runs: readonly string[],
  {
    etag,
    ...body
  }: Pick<Variant, 'coding' | 'bodyAt' | 'bodyBytes' | 'typeBytes'> & {
    readonly etag: string;
  },
): Variant {
  const text = runs.join('');
  const headAt = cdb.add(Buffer.from(`h${key}${body.coding}`), Buffer.from(text, 'latin1'));
  const [statusBytes, commonBytes, contentBytes, lengthBytes] = runs.map((run) => run.length);
  return {
    ...body,
    headAt,
    statusBytes: statusBytes!,
    commonBytes: commonBytes!,
    contentBytes: contentBytes!,
    lengthBytes: lengthBytes!,
    etagAt: etag === '' ? 0 : text.indexOf(etag),
    etagBytes: etag.length,
    sharingBytes: 0,
    typeAt: body.typeBytes === 0 ? 0 : text.length - lengthBytes! - body.typeBytes,
  };
}

/** Puts an event before the loop; true: the loop ends. */
export function event(kind: number, offset = 0, length = 0, connection = CONNECTION): boolean {
  ring.events.set([connection, kind, offset, length]);
  return handle(0, () => true);
}

/** What stands in the outbox, and makes it empty. */
export function takeOutbox(): Row[] {
  return readOutbox(takeRows());
}

export function readOutbox(count: number): Row[] {
  const { outbox, OUTBOX_FIELDS } = ring;
  return Array.from({ length: count }, (_, row) => {
    const at = row * OUTBOX_FIELDS;
    return {
      connection: outbox[at]!,
      op: outbox[at + 1]!,
      offset: outbox[at + 2]! >>> 0,
      length: outbox[at + 3]! >>> 0,
    };
  });
}

export function isNoNote({ op }: Row): boolean {
  return op !== ring.NOTE && op !== ring.TEXT;
}

/** Each with the texts behind it, while they stand in the inbox. */
export function notesOf(rows: readonly Row[]): Note[] {
  const notes: (Note & { readonly texts: string[] })[] = [];
  for (const { op, offset, length } of rows) {
    if (op === ring.NOTE) notes.push({ slot: offset, bytes: length, texts: [] });
    if (op !== ring.TEXT) continue;
    notes
      .at(-1)!
      .texts.push(Buffer.from(ring.inbox.subarray(offset, offset + length)).toString('latin1'));
  }
  return notes;
}

/** The bytes that rows send, after the checks that native/ring.h promises to abort on. */
export function sent(rows: readonly Row[]): Buffer {
  const parts: Uint8Array[] = [];
  let scratchBytes = 0;
  for (const { op, offset, length } of rows) {
    if (op !== ring.SEND_ARCHIVE && op !== ring.SEND_SCRATCH) continue;
    const table = op === ring.SEND_ARCHIVE ? archive : ring.scratch;
    if (offset + length > table.length) throw new Error(`a row past the end of table ${op}`);
    if (length === 0) throw new Error('a row that sends nothing');
    if (op === ring.SEND_SCRATCH && offset >= limits.SCRATCH_STATIC_BYTES) scratchBytes += length;
    parts.push(table.subarray(offset, offset + length));
  }
  if (parts.length > limits.PARTS_MAX) throw new Error(`${parts.length} parts in one turn`);
  if (scratchBytes > limits.SCRATCH_PARTS_BYTES_MAX) throw new Error(`${scratchBytes} of scratch`);
  return Buffer.concat(parts);
}

/** Sends a request over a new connection, in one piece or cut at these places. */
export function ask(request: string | Uint8Array, cuts: readonly number[] = []): Answer {
  const bytes = typeof request === 'string' ? Buffer.from(request, 'latin1') : request;
  const rows: Row[] = [];
  const notes: Note[] = [];
  const parts: Buffer[] = [];
  let agains = 0;
  let finished = false;
  let consumed = 0;
  event(ring.OPENED);
  for (const cut of [...cuts, bytes.length]) {
    for (let again = true; again && consumed < cut && !finished;) {
      const all = deliver(bytes.subarray(consumed, cut), rows.length + consumed);
      const turn = all.filter(isNoNote);
      notes.push(...notesOf(all));
      parts.push(sent(turn));
      rows.push(...turn);
      const [used, finish] = turn.slice(turn.findIndex(({ op }) => op === ring.CONSUMED));
      again = used!.offset === ring.AGAIN;
      finished = finish !== undefined;
      consumed += used!.length;
      if (again) agains++;
    }
  }
  return { bytes: Buffer.concat(parts), consumed, agains, finished, rows, notes };
}

/** One DATA event: rows that send, one that consumes, and perhaps one that finishes. */
function deliver(bytes: Uint8Array, salt: number): Row[] {
  const offset = OFFSETS[salt % OFFSETS.length]!;
  ring.inbox.set(bytes, offset);
  ring.inbox[offset + bytes.length] = 0;
  if (event(ring.DATA, offset, bytes.length)) throw new Error('the loop ended');
  const rows = takeOutbox();
  const at = rows.findIndex(({ op }) => op === ring.CONSUMED);
  const after = rows.slice(at + 1);
  if (at < 0 || rows.some(({ connection }) => connection !== CONNECTION)) {
    throw new Error(`not the rows of one answer: ${JSON.stringify(rows)}`);
  }
  if (after.length > 1 || after.some(({ op }) => op !== ring.FINISH)) {
    throw new Error(`rows after the last one: ${JSON.stringify(after)}`);
  }
  if (rows[at]!.length > bytes.length) throw new Error('more consumed than given');
  return rows;
}

/** Splits an answer into its replies; `heads` holds the places of those to HEAD. */
export function repliesOf(answer: Pick<Answer, 'bytes'>, heads: readonly number[] = []): Reply[] {
  const replies: Reply[] = [];
  let rest = answer.bytes;
  while (rest.length > 0) {
    const head = parseHead(rest, heads.includes(replies.length));
    if (head === undefined) throw new Error(`half a reply: ${rest.toString('latin1')}`);
    const end = head.headBytes + head.bodyBytes;
    if (end > rest.length) throw new Error(`half a body: ${rest.toString('latin1')}`);
    replies.push({ ...head.reply, body: rest.subarray(head.headBytes, end) });
    rest = rest.subarray(end);
  }
  return replies;
}

/** The one reply to one request. */
export function reply(request: string | Uint8Array, cuts: readonly number[] = []): Reply {
  const isHead = Buffer.from(request).toString('latin1').startsWith('HEAD ');
  const replies = repliesOf(ask(request, cuts), isHead ? [0] : []);
  if (replies.length !== 1) throw new Error(`${replies.length} replies`);
  return replies[0]!;
}

/** `GET TARGET HTTP/1.1` with a Host and these lines. */
export function get(target: string, ...lines: readonly string[]): string {
  return head('GET', target, ...lines);
}

export function head(method: string, target: string, ...lines: readonly string[]): string {
  return `${[`${method} ${target} HTTP/1.1`, 'Host: a', ...lines].join('\r\n')}\r\n\r\n`;
}

/**
 * The answer to the whole; throws where it is another when cut in two anywhere, or byte by byte.
 */
export function askEveryWay(request: string, places = everyPlace(request.length)): Answer {
  const whole = ask(request);
  for (const cuts of [...places.map((place) => [place]), everyPlace(request.length)]) {
    const answer = ask(request, cuts);
    const same = answer.bytes.equals(whole.bytes) && answer.finished === whole.finished;
    if (!same) {
      const texts = [whole, answer].map(({ bytes }) => bytes.toString('latin1'));
      throw new Error(`cut at ${cuts.join(' ')}: ${JSON.stringify(texts)}`);
    }
  }
  return whole;
}

/** How many bytes it takes until the connection is refused; 0: it is not. */
export function bytesToRefusal(request: string): number {
  const answer = ask(request, everyPlace(request.length));
  return answer.finished ? answer.consumed : 0;
}

function everyPlace(length: number): number[] {
  return Array.from({ length: length - 1 }, (_, at) => at + 1);
}
