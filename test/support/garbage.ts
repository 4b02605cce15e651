// garbage.ts: damaged requests and noise, the same for the same seed, and what must come back.
import { expect } from 'vitest';
import { Wire, get } from './wire.ts';

const STATUSES = new Set([
  200, 204, 304, 308, 400, 404, 405, 406, 408, 414, 417, 421, 431, 501, 505, 206, 412, 416,
]);

const SEEDS = [
  get('/'),
  get('/page.html', 'Accept-Encoding: gzip;q=0.5, identity;q=0.1, *;q=0'),
  get('/sub?query', 'If-None-Match: "abc", W/"def"', 'Connection: keep-alive'),
  get('/a%20b%25%C3%A9.txt', 'If-None-Match: *', 'Accept-Encoding: br, zstd, x-gzip'),
  get('/sub/../sub/./inner.html', 'X-A: 1', 'X-B: 2', 'X-C: \xe9'),
  'GET http://[::ffff:192.0.2.1]:8080/page HTTP/1.1\r\nHost: [::1]:80\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  `${get('/plain.txt')}${get('/missing')}${get('/both/')}`,
].map((text) => Buffer.from(text, 'latin1'));

const WORDS = [
  '\r\n|\n|\r|\0| |\t|:|,|;|=|%|%00|%2F|%zz|/|//|..|/../|?|#|*|"|W/|\x7f|\x80|\xff|q=0|0'.split(
    '|',
  ),
  ['99999999999999', 'Host: b\r\n', 'Content-Length: 0\r\n', 'Transfer-Encoding: chunked\r\n'],
  ['HTTP/1.1', 'HTTP/2.0', ' HTTP/1.0\r\n', '\r\n\r\n', 'GET ', 'Connection: close\r\n'],
  ['Range: bytes=0-5\r\n', 'x'.repeat(300), 'X: y\r\n'.repeat(120), 'z'.repeat(9_000)],
]
  .flat()
  .map((text) => Buffer.from(text, 'latin1'));

export type Random = (below: number) => number;

/** One to six damages of one to three whole requests. */
export function mutate(random: Random): Buffer {
  let bytes: Buffer = Buffer.concat(
    Array.from({ length: 1 + random(3) }, () => SEEDS[random(SEEDS.length)]!),
  );
  for (let times = 1 + random(6); times > 0; times--) {
    const at = random(bytes.length + 1);
    const length = random(12);
    const word = WORDS[random(WORDS.length)]!;
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const damages: readonly (() => Buffer)[] = [
      () => Buffer.concat([before, word, after]),
      () => Buffer.concat([before, word, after.subarray(length)]),
      () => Buffer.concat([before, after.subarray(length)]),
      () => Buffer.concat([before, Buffer.from([random(256)]), after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(0, length), after]),
      () => Buffer.concat([before, bytes.subarray(random(bytes.length + 1))]),
      () => Buffer.from(before),
    ];
    bytes = damages[random(damages.length)]!();
  }
  return bytes;
}

/** Up to four pieces. */
export function cut(bytes: Buffer, random: Random): Buffer[] {
  const places = Array.from({ length: random(4) }, () => random(bytes.length + 1));
  const ends = [...places.sort((left, right) => left - right), bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

/**
 * Sends the pieces, ends, and reads whole replies to the end; no seed is a HEAD and no damage makes
 * one.
 */
export async function attack(port: number, pieces: readonly Buffer[]): Promise<void> {
  const wire = await Wire.open(port);
  try {
    const sent = wire.sendPieces(pieces, 1).then(() => wire.halfClose());
    let reply = await wire.replyOrEnd();
    while (reply) {
      expect(STATUSES).toContain(reply.status);
      reply = await wire.replyOrEnd();
    }
    await sent;
  } finally {
    wire.destroy();
  }
}

/** Bytes of any value, at times behind the beginning of a good request. */
export function randomBytes(random: Random): Buffer {
  const start = SEEDS[random(SEEDS.length)]!;
  const kept = random(2) === 0 ? start.subarray(0, random(start.length)) : start.subarray(0, 0);
  return Buffer.concat([
    kept,
    Buffer.from(Array.from({ length: 1 + random(400) }, () => random(256))),
  ]);
}
