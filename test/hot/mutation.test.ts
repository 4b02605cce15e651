// mutation.test.ts: damaged requests, the same ones in every run: no damage hurts more than its own
// connection.
import { expect, test } from 'vitest';
import { FULL, record } from '../support/ledger.ts';
import { xorshift } from '../support/site.ts';
import { ask, get, head, page, serve } from './harness.ts';

const COUNT = FULL ? 1_000_000 : 20_000;
const SEED = 0x0cdb_5e2e;
const KEPT_FAULTS = 5;

serve({
  '/': page('root'),
  '/a b': page('alpha'),
  '/moved': { location: '/to/' },
  '404/': { status: 404, variants: [{ body: 'missing' }] },
});

const SOUND = [
  get('/'),
  get('/a%20b', 'Accept-Encoding: gzip;q=0.5, br, *;q=0', 'If-None-Match: "x", W/"alpha"'),
  get('http://[::ffff:1.2.3.4]:80/x/../moved?a=%22"', 'Connection: keep-alive, x'),
  head('POST', '/', 'Content-Length: 5') + 'hello',
  head('POST', '/', 'Transfer-Encoding: gzip, chunked', 'Expect: 100-continue') + '0\r\n\r\n',
  'GET /missing HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  `\r\n${head('OPTIONS', '*')}${head('HEAD', '/')}${get('/', 'Connection: close')}`,
  get('/').repeat(30),
].map((text) => Buffer.from(text));

const TELLING = Buffer.from('\r\n\0 \t:,;"\\/%.*[]@?#-09azAZ\x7f\x80\xff', 'latin1');
const next = xorshift(SEED);
const below = (bound: number): number => next() % bound;
const pick = <T>(list: ArrayLike<T>): T => list[below(list.length)]!;

const DAMAGES: readonly ((bytes: Buffer) => Buffer)[] = [
  (bytes) => replace(bytes, below(bytes.length), 1, Buffer.of(below(256))),
  (bytes) => replace(bytes, below(bytes.length), 1, Buffer.of(pick(TELLING))),
  (bytes) => replace(bytes, below(bytes.length), 0, Buffer.of(pick(TELLING))),
  (bytes) => replace(bytes, below(bytes.length), 1 + below(4), Buffer.alloc(0)),
  (bytes) => replace(bytes, below(bytes.length), 0, slice(bytes)),
  (bytes) => replace(bytes, below(bytes.length), below(9), slice(pick(SOUND))),
  (bytes) => replace(bytes, below(bytes.length), 0, Buffer.alloc(below(300), pick(TELLING))),
  (bytes) => bytes.subarray(0, 1 + below(bytes.length)),
];

function replace(bytes: Buffer, at: number, length: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}

function slice(bytes: Buffer): Buffer {
  const at = below(bytes.length);
  return bytes.subarray(at, at + below(40));
}

function damaged(): Buffer {
  let bytes: Buffer = pick(SOUND);
  for (let count = 1 + below(3); count > 0 && bytes.length > 0; count--)
    bytes = pick(DAMAGES)(bytes);
  return bytes;
}

/** What is wrong with the treatment of these bytes, if anything. */
function faultOf(bytes: Buffer): string | undefined {
  const whole = ask(bytes);
  if (whole.bytes.length > 0 && !/^HTTP\/1\.1 [2-5]\d\d [\w-]/.test(start(whole.bytes))) {
    return 'an answer that is none';
  }
  const cuts = Array.from({ length: 1 + below(4) }, () => 1 + below(bytes.length));
  cuts.sort((left, right) => left - right);
  const cut = ask(bytes, cuts);
  if (!cut.bytes.equals(whole.bytes) || cut.finished !== whole.finished) {
    return `another answer when cut at ${cuts.join(' ')}`;
  }
  if (!whole.finished && cut.consumed !== whole.consumed) return 'another number of bytes consumed';
  return undefined;
}

const start = (bytes: Buffer): string => bytes.toString('latin1', 0, 20);

test(`${COUNT} damaged requests`, () => {
  const good = Buffer.from(get('/'));
  const wanted = ask(good).bytes;
  expect(start(wanted)).toContain(' 200 ');
  const faults: string[] = [];
  const statuses = new Map<string, number>();
  for (let round = 0; round < COUNT && faults.length < KEPT_FAULTS; round++) {
    const bytes = damaged();
    if (bytes.length === 0) continue;
    const text = `round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`;
    try {
      const fault = faultOf(bytes);
      if (fault !== undefined) faults.push(`${fault}: ${text}`);
      const answer = ask(good).bytes;
      if (!answer.equals(wanted)) faults.push(`a good request is not answered after ${text}`);
      const status = start(ask(bytes).bytes).slice(9, 12);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    } catch (error) {
      faults.push(`${String(error)}: ${text}`);
    }
  }
  record('mutated requests', { requests: COUNT, statuses: statuses.size }, faults.length === 0);
  expect(faults).toEqual([]);
  // The damage reaches far: into answers of every kind, and into silence.
  const kinds = ['', '200', '204', '304', '308', '400', '404', '405', '417', '501', '505'];
  expect(kinds.filter((status) => !statuses.has(status))).toEqual([]);
});
