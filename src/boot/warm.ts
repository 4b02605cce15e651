// warm.ts: runs the hot code on made-up requests until the compiler knows it, before anybody is
// served.
//
// The rows it makes go nowhere: no ring is open yet.
import { bytesOf } from '../format/bytes.ts';
import { handle } from '../hot/loop.ts';
import { takeRows } from '../hot/outbox.ts';
import { DATA, EVENT_FIELDS, events, inbox, OPENED, TICK } from '../hot/ring.ts';

/** More cost more than they save: whoever is served first has code that V8 knows already. */
const ROUNDS = 150;
/** So often a request comes in two pieces. */
const PIECES_EVERY = 4;
const CONNECTION = 1 << 16;

const BROWSER = [
  'Host: www.example.org',
  'Connection: keep-alive',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-US,en;q=0.9',
].join('\r\n');

const LATE = 'Fri, 31 Dec 9999 23:59:59 GMT';
const PARTICULAR = 'Accept-Encoding: identity;q=0.5, *;q=0';

const REQUESTS = [
  `GET / HTTP/1.1\r\n${BROWSER}\r\n\r\n`,
  `GET /index.html?from=here HTTP/1.1\r\n${BROWSER}\r\nIf-None-Match: W/"a", "b"\r\n\r\n`,
  `GET / HTTP/1.1\r\n${BROWSER}\r\nIf-Modified-Since: ${LATE}\r\n\r\n`,
  `GET / HTTP/1.1\r\n${BROWSER}\r\nRange: bytes=0-0\r\nIf-Range: ${LATE}\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1,3-\r\n\r\n`,
  `HEAD /nothing/here HTTP/1.1\r\nHost: localhost:8080\r\n${PARTICULAR}\r\n\r\n`,
  `GET /a%20b/../c HTTP/1.0\r\nConnection: close\r\n\r\n`,
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n`,
  'GET / HTTP/1.1\r\n Host: a\r\n\r\n',
].map(bytesOf);

export function warmUp(): void {
  for (let round = 0; round < ROUNDS; round++) {
    for (const request of REQUESTS) feed(request, round % PIECES_EVERY === 0);
    event(TICK, 20_000, round);
  }
}

/** Whole, and now and then in two pieces, as a network would. */
function feed(request: Uint8Array, inPieces: boolean): void {
  event(OPENED, 0, 0);
  inbox.set(request, 0);
  inbox[request.length] = 0;
  if (inPieces) event(DATA, 0, request.length >> 1);
  event(DATA, 0, request.length);
}

function event(kind: number, offset: number, length: number): void {
  events[0] = CONNECTION;
  events[1] = kind;
  events[2] = offset;
  events[3] = length;
  events[EVENT_FIELDS] = 0;
  handle(0, () => false);
  takeRows();
}
