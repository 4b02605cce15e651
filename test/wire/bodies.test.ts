// bodies.test.ts: bodies of every awkward length are exact, whole and in ranges across every seam.
//
// In the full tier one of a gigabyte lies across the border between two of the hot zone's windows
// (src/hot/archive.ts), and the routes lie across the next; the quick one has the same in small.
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { WINDOW_BITS } from '../../src/hot/archive.ts';
import { checkParts } from '../spec/parts.ts';
import type { Content } from '../spec/parts.ts';
import { Keystream } from '../support/keystream.ts';
import { FULL, record } from '../support/ledger.ts';
import { recordsOf } from '../support/records.ts';
import { parseHead, value } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { noise, packFolder, temporaryFolder, writeSite } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const BORDER = FULL ? 2 ** WINDOW_BITS : 64 * 1024 * 1024;
const PAGES = 4_000;
const PAGE_CONTENTS = 50;
/** Two head blocks and two routes: what the long files add in front of the pages' routes. */
const LONG_RECORDS_BYTES = 1_200;
const LENGTHS = [0, 1, 65_535, 65_536] as const;
const KINDS = ['txt', 'bin', 'zip'] as const;
const PACK_MS_MAX = 600_000;

const large = new Keystream(BORDER, 1);
const small = new Map(
  LENGTHS.flatMap((length) => KINDS.map((kind) => [`${length}.${kind}`, contentOf(length, kind)])),
);
const page = (number: number): string => `p/${String(number).padStart(4, '0')}.txt`;
const pageText = (number: number): string => `page ${number % PAGE_CONTENTS}\n`;

let server: Server;
let archive: string;
let edge: Keystream;

/** Text is stored with gzip beside it, the others are not. */
function contentOf(length: number, kind: string): Buffer {
  return kind === 'txt' ? Buffer.alloc(length, 'all work and no play\n') : noise(length, length);
}

beforeAll(async () => {
  const base = temporaryFolder();
  const folder = join(base, 'site');
  mkdirSync(folder);
  writeSite(folder, Object.fromEntries(small));
  const pages = Array.from({ length: PAGES }, (_, number) => [page(number), pageText(number)]);
  writeSite(folder, Object.fromEntries(pages) as Record<string, string>);
  archive = join(base, 'site.cdb');
  await packFolder(folder, archive);
  // As much shorter as all else is long, so that the middle of the pages' routes is at the border.
  edge = new Keystream(BORDER - middleRoute(archive) - LONG_RECORDS_BYTES, 2);
  large.write(join(folder, 'large.zip'));
  edge.write(join(folder, 'edge.zip'));
  await packFolder(folder, archive, [], { timeout: PACK_MS_MAX });
  server = await startServer(archive, [], { startMs: PACK_MS_MAX });
}, 2 * PACK_MS_MAX);

function pageRoutes(path: string): number[] {
  const routes = recordsOf(path).filter(({ key }) => key.startsWith('/p/'));
  return routes.map(({ valueAt }) => valueAt);
}

function middleRoute(path: string): number {
  return pageRoutes(path)[PAGES / 2]!;
}

/** Every range between two of the places: `first-last`. */
function rangesBetween(places: readonly number[], length: number): string[] {
  const inside = [...new Set(places)].filter((place) => place >= 0 && place < length);
  return inside.flatMap((first) =>
    inside.filter((last) => last >= first).map((last) => `${first}-${last}`),
  );
}

/** Asks for each set of ranges on one connection, all before the first answer. */
async function expectRanges(
  file: string,
  content: Content,
  sets: readonly string[],
  ...fields: readonly string[]
): Promise<void> {
  const wire = await Wire.open(server.port);
  const requests = sets.map((set) => get(`/${file}`, `Range: bytes=${set}`, ...fields));
  wire.send(requests.join(''));
  for (const set of sets) {
    const reply = await wire.reply();
    const where = `${file}: ${set}`;
    expect(reply.status, where).toBe(206);
    checkParts(reply, resolve(set, content.length), file, content, where);
  }
  expect([wire.waiting, wire.ending]).toEqual([0, undefined]);
  wire.destroy();
}

/** `a-` and `-n` as first and last position. */
function resolve(set: string, length: number): string {
  if (set.startsWith('-')) return `${Math.max(0, length - Number(set.slice(1)))}-${length - 1}`;
  return set.endsWith('-') ? `${set}${length - 1}` : set;
}

function seamsOf(length: number): string[] {
  const places = [0, 1, 2, 65_534, 65_535, length - 2, length - 1];
  const open = [0, 1, 65_534, 65_535, length - 1].filter((place) => place < length);
  const all = [...rangesBetween(places, length), ...open.map((place) => `${place}-`)];
  return [...new Set([...all, '-1', '-2', '-65535', '-65536', '-65537', '-999999999999'])];
}

function setsOf(length: number): string[] {
  const sets = [`0-0,${length - 1}-${length - 1}`, `${length - 1}-${length - 1},0-0`];
  const halves = `0-${(length >> 1) - 1},${length >> 1}-${length - 1}`;
  const sixteen = Array.from(
    { length: 16 },
    (_, part) => `${part * 4_000}-${part * 4_000 + 3_999}`,
  );
  return [...sets, halves, sixteen.join(), sixteen.reverse().join()];
}

test.each([...small])('%s is exact, whole and in ranges', async (file, content) => {
  const whole = await exchange(server.port, get(`/${file}`));
  expect([whole.status, whole.body.equals(content)]).toEqual([200, true]);
  expect(value(whole, 'content-length')).toBe(String(content.length));
  if (content.length > 0) await expectRanges(file, content, seamsOf(content.length));
  if (content.length > 1) await expectRanges(file, content, setsOf(content.length));
  for (const range of [`${content.length}-`, `${content.length}-${2 ** 40}`, '-0']) {
    const reply = await exchange(server.port, get(`/${file}`, `Range: bytes=${range}`));
    expect([reply.status, value(reply, 'content-range')]).toEqual([
      416,
      `bytes */${content.length}`,
    ]);
  }
});

test.each(['65535.txt', '65536.txt'])('%s is exact in gzip too', async (file) => {
  const accept = 'Accept-Encoding: gzip';
  const { status, fields, body } = await exchange(server.port, get(`/${file}`, accept));
  expect([status, value({ fields }, 'content-encoding')]).toEqual([200, 'gzip']);
  expect(gunzipSync(body).equals(small.get(file)!)).toBe(true);
  await expectRanges(file, body, seamsOf(body.length), accept);
  const last = body.length - 1;
  await expectRanges(file, body, [`0-0,${last}-${last}`, `1-${last},0-0`], accept);
});

/** The whole answer as it comes, and a small one behind it on the same connection. */
async function expectStreamed(
  file: string,
  content: Keystream,
  from: number,
  ...fields: readonly string[]
): Promise<void> {
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  socket.write(get(`/${file}`, ...fields) + get('/1.txt'));
  const compare = content.comparison(from);
  let rest: Buffer = Buffer.alloc(0);
  let left = -1;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const head = left < 0 ? parseHead(rest, false) : undefined;
    if (head) {
      expect([head.reply.status, head.bodyBytes]).toEqual([
        fields.length > 0 ? 206 : 200,
        content.length - from,
      ]);
      left = head.bodyBytes;
      rest = rest.subarray(head.headBytes);
    }
    if (left > 0) {
      const part = rest.subarray(0, left);
      expect(compare(part), `${file} differs at`).toBeUndefined();
      left -= part.length;
      rest = rest.subarray(part.length);
    }
    if (left === 0 && endsWithOne(rest)) return;
  }
  throw new Error(`${file}: the connection ended with ${left} bytes missing`);
}

/** The bytes are one whole answer for /1.txt. */
function endsWithOne(bytes: Buffer): boolean {
  const head = parseHead(bytes, false);
  if (!head || bytes.length < head.headBytes + 1) return false;
  expect(bytes.subarray(head.headBytes).equals(small.get('1.txt')!)).toBe(true);
  return true;
}

test('bodies as long as a window are exact from the first byte to the last', async () => {
  const before = performance.now();
  await expectStreamed('large.zip', large, 0);
  await expectStreamed('edge.zip', edge, 0);
  await expectStreamed('large.zip', large, 1, 'Range: bytes=1-');
  await expectStreamed('edge.zip', edge, 65_535, `Range: bytes=-${edge.length - 65_535}`);
  const seconds = (performance.now() - before) / 1_000;
  const bytes = 2 * (large.length + edge.length);
  const megabytesPerSecond = Math.round(bytes / seconds / 1e6);
  record('long bodies, whole', { bodyBytes: large.length, bytes, megabytesPerSecond });
});

test('ranges of them are exact across every seam and across the border of two windows', async () => {
  let asked = 0;
  let across = 0;
  for (const [file, content] of [
    ['large.zip', large],
    ['edge.zip', edge],
  ] as const) {
    const stored = recordsOf(archive).find(({ valueBytes }) => valueBytes === content.length)!;
    const border = BORDER - stored.valueAt;
    if (border > 0 && border < content.length) across++;
    const seams = [1, 65_535, 65_536, border, content.length - 1].filter(
      (seam) => seam > 0 && seam < content.length,
    );
    const sets = seams.flatMap((seam) => {
      const near = [seam - 70_000, seam - 2, seam - 1, seam, seam + 1, seam + 70_000];
      return rangesBetween(near, content.length);
    });
    const pairs = seams.map((seam) => `${seam - 1}-${seam}`);
    const wide = seams.map((seam) => `${Math.max(0, seam - 300_000)}-${seam}`);
    await expectRanges(file, content, [...sets, '-1', `${content.length - 1}-`]);
    await expectRanges(file, content, [pairs.join(), pairs.reverse().join(), wide.join()]);
    asked += sets.length + 5;
  }
  expect(across).toBe(1);
  record('ranges of long bodies', { ranges: asked, bodyBytes: large.length });
});

test('every path whose route lies before or behind the border leads to its own body', async () => {
  const routes = pageRoutes(archive);
  const before = routes.filter((at) => at < 2 * BORDER).length;
  expect(before).toBeGreaterThan(PAGES / 4);
  expect(before).toBeLessThan((PAGES * 3) / 4);
  const wire = await Wire.open(server.port);
  for (let number = 0; number < PAGES; number++) {
    wire.send(get(`/${page(number)}`) + get(`/${page(number)}x`));
    const [found, missed] = [await wire.reply(), await wire.reply()];
    expect([found.status, found.body.toString()]).toEqual([200, pageText(number)]);
    expect(missed.status).toBe(404);
  }
  wire.destroy();
  record('routes across a border', { paths: PAGES, before });
});
