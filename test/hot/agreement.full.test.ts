// agreement.full.test.ts: lookups and whole answers past 1, 2 and 3 GiB, and that they allocate
// nothing.
import { expect, test } from 'vitest';
import { openWindows } from '../../src/boot/windows.ts';
import { cdbHash } from '../../src/format/hash.ts';
import { WINDOW_BITS, find } from '../../src/hot/archive.ts';
import { OPENED, DATA, SEND_ARCHIVE, events, inbox } from '../../src/hot/ring.ts';
import { handle } from '../../src/hot/loop.ts';
import { takeRows } from '../../src/hot/outbox.ts';
import { writeCanned } from '../../src/boot/canned.ts';
import { encodeRoute } from '../../src/format/route.ts';
import { record } from '../support/ledger.ts';
import { get, readOutbox } from './harness.ts';
import { disagreements, heapGrowth, hotFind, randomKeys, viewOf } from './oracle.ts';
import { sparseArchive } from './sparse.ts';
import type { Group, Record } from './sparse.ts';

const NO_PREFIX = viewOf(new Uint8Array(0));
const GIB = 2 ** WINDOW_BITS;
const KEYS_PER_GROUP = 12_500;
/**
 * Around each seam of the windows, in the middle of them, and near the end of what CDB can hold.
 */
const PLACES = [1, 1.5, 2, 2.5, 3, 3.5, 3.97].map((place) => Math.floor(place * GIB) - 500_000);
const BODY_BYTES = 5;
const HEAD_AT_OFFSET = 1_000;

const control = (): boolean => false;
const records = (start: number): Record[] =>
  Array.from({ length: KEYS_PER_GROUP }, (_, n) => ({
    key: Buffer.from(`/at-${start}/page-${n}.html`),
    value: Buffer.from(`value ${n}`.padEnd(20 + (n % 40))),
  }));

/** A route whose head and body would lie far past 3 GiB. */
const headAt = 3 * GIB + HEAD_AT_OFFSET;
const route = encodeRoute({
  status: 200,
  redirect: false,
  ownQuery: false,
  file: true,
  modified: 0,
  variants: [
    {
      coding: 0,
      statusBytes: 17,
      commonBytes: 13,
      contentBytes: 26,
      lengthBytes: 19,
      etagAt: 24,
      etagBytes: 3,
      typeAt: 0,
      typeBytes: 0,
      sharingBytes: 0,
      headAt,
      bodyAt: headAt + 100,
      bodyBytes: BODY_BYTES,
    },
  ],
});
const groups: readonly Group[] = [
  { at: 2_048, records: records(2_048) },
  ...PLACES.map((at) => ({
    at,
    records: [...records(at), { key: Buffer.from(`/page-${at}`), value: route }],
  })),
];
const archive = sparseArchive(groups);
const keys = groups.flatMap((group) => group.records.map(({ key }) => key));
const farthest = keys.filter((key) => key.toString().startsWith(`/at-${PLACES.at(-1)}/`));

test(`${keys.length} keys and as many misses in an archive of 4 GiB`, () => {
  const whole = new Uint8Array(archive);
  const faults = disagreements(whole, [...keys, ...randomKeys(keys.length, 7)]);
  const figures = { keys: keys.length, misses: keys.length, archive_bytes: whole.length };
  record('lookups that agree with tinycdb past 3 GiB', figures, faults.length === 0);
  expect(faults).toEqual([]);
  expect(farthest.every((key) => hotFind(key) > 3.9 * GIB)).toBe(true);
});

test('lookups past 3 GiB leave nothing on the heap', () => {
  openWindows(archive);
  const hashes = Int32Array.from(farthest, (key) => cdbHash(key, 0, key.length));
  const views = farthest.map(viewOf);
  const lookups = 4 * farthest.length;
  const growth = heapGrowth(() => {
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < farthest.length; index++) {
        const key = views[index]!;
        if (find(hashes[index]!, NO_PREFIX, 0, 0, key, 0, key.byteLength) === 0)
          throw new Error('lost');
      }
    }
  });
  record('heap growth of lookups past 3 GiB', { lookups, growth_bytes: growth });
  expect(growth).toBeLessThan(lookups); // The smallest object has 12 bytes.
});

test.each(PLACES)('a route at %d is answered, and that leaves nothing on the heap', (at) => {
  openWindows(archive);
  writeCanned();
  const request = Buffer.from(get(`/page-${at}`));
  inbox.set(request, 0);
  const serveOnce = (): number => {
    events[1] = OPENED;
    handle(0, control);
    events[1] = DATA;
    events[2] = 0;
    events[3] = request.length;
    handle(0, control);
    return takeRows();
  };
  const sent = readOutbox(serveOnce()).filter(({ op }) => op === SEND_ARCHIVE);
  expect(sent.map(({ offset, length }) => [offset, length])).toEqual([
    [headAt, 17 + 13 + 26 + 19],
    [headAt + 100, BODY_BYTES],
  ]);
  const requests = 20_000;
  const growth = heapGrowth(() => {
    for (let count = 0; count < requests; count++) serveOnce();
  });
  record('heap growth of answers', { place_bytes: at, requests, growth_bytes: growth });
  expect(growth).toBeLessThan(requests);
});
