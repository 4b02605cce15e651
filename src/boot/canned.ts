// canned.ts: writes the built-in answers and the trailers into scratch, once, before the first
// request.
import { randomBytes } from 'node:crypto';
import { bytesOf } from '../format/bytes.ts';
import { DATE_TEMPLATE } from '../hot/date.ts';
import {
  canned,
  CANNED_BODY_AT,
  CANNED_BODY_BYTES,
  CANNED_DRAINING,
  CANNED_FIELDS,
  CANNED_HEAD_AT,
  CANNED_HEAD_BYTES,
  CANNED_HEALTHY,
  CANNED_VARY,
} from '../hot/respond.ts';
import {
  TRAILER_CLOSE,
  TRAILER_KEEP_ALIVE,
  TRAILER_PLAIN,
  TRAILER_ROOM,
  TRAILERS_AT,
  trailerBytes,
} from '../hot/outbox.ts';
import { boundary } from '../hot/partial.ts';
import { scratch } from '../hot/ring.ts';
import { SCRATCH_STATIC_BYTES } from '../limits.ts';

const ALLOW = 'Allow: GET, HEAD, OPTIONS\r\n';

/** Status, reason phrase (RFC 9110 15), sentence for a person, fields of its own. */
const REFUSALS: readonly (readonly [number, string, string, string])[] = [
  [400, 'Bad Request', 'The request was not understood.', ''],
  [404, 'Not Found', 'There is nothing at this address.', ''],
  [405, 'Method Not Allowed', 'This site can only be read.', ALLOW],
  [406, 'Not Acceptable', 'No stored form suits the client.', 'Vary: Accept-Encoding\r\n'],
  [408, 'Request Timeout', 'The request took too long to arrive.', ''],
  [412, 'Precondition Failed', 'The stored form is not the one asked for.', ''],
  [414, 'URI Too Long', 'The address is too long.', ''],
  [416, 'Range Not Satisfiable', 'The range lies outside of the content.', ''],
  [417, 'Expectation Failed', 'The expectation cannot be met.', ''],
  [421, 'Misdirected Request', 'This server does not answer for that address.', ''],
  [431, 'Request Header Fields Too Large', 'The request header is too large.', ''],
  [501, 'Not Implemented', 'The request asks for something unknown here.', ''],
  [503, 'Service Unavailable', 'All places are taken.', 'Retry-After: 1\r\n'],
  [505, 'HTTP Version Not Supported', 'HTTP/1.1 is spoken here.', ''],
];

/** What a load balancer reads is the status. */
const HEALTH: readonly (readonly [number, string, string])[] = [
  [CANNED_HEALTHY, '200 OK', 'ok\n'],
  [CANNED_DRAINING, '503 Service Unavailable', 'draining\n'],
];

export function writeCanned(): void {
  let at = 0;
  for (const [status, reason, sentence, fields] of REFUSALS) {
    const body = page(`${status} ${reason}`, sentence);
    const head = headOf(`${status} ${reason}`, fields, 'text/html', body);
    at = writeAnswer(at, status, head, body);
  }
  for (const [row, status, body] of HEALTH) {
    at = writeAnswer(at, row, headOf(status, '', 'text/plain', body), body);
  }
  at = writeAnswer(at, 204, `HTTP/1.1 204 No Content\r\n${ALLOW}`, '');
  at = writeAnswer(at, 206, 'HTTP/1.1 206 Partial Content\r\n', '');
  at = writeAnswer(at, 304, 'HTTP/1.1 304 Not Modified\r\n', '');
  writeAnswer(at, CANNED_VARY, 'Vary: Accept-Encoding\r\n', '');
  boundary.set(bytesOf(randomBytes(boundary.length / 2).toString('hex')));
  writeTrailer(TRAILER_PLAIN, '');
  writeTrailer(TRAILER_CLOSE, 'Connection: close\r\n');
  writeTrailer(TRAILER_KEEP_ALIVE, 'Connection: keep-alive\r\n');
}

function headOf(status: string, fields: string, type: string, body: string): string {
  return (
    `HTTP/1.1 ${status}\r\n${fields}Cache-Control: no-store\r\n` +
    `Content-Type: ${type}; charset=utf-8\r\nContent-Length: ${body.length}\r\n`
  );
}

function page(title: string, sentence: string): string {
  return (
    `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${title}</title>\n` +
    `<h1>${title}</h1>\n<p>${sentence}</p>\n</html>\n`
  );
}

function writeAnswer(at: number, status: number, head: string, body: string): number {
  const end = at + head.length + body.length;
  if (end > SCRATCH_STATIC_BYTES) throw new Error('the built-in answers do not fit their room');
  scratch.set(bytesOf(head + body), at);
  const row = status * CANNED_FIELDS;
  canned[row + CANNED_HEAD_AT] = at;
  canned[row + CANNED_HEAD_BYTES] = head.length;
  canned[row + CANNED_BODY_AT] = at + head.length;
  canned[row + CANNED_BODY_BYTES] = body.length;
  return end;
}

/** The date itself is written by the first tick, which precedes the first request. */
function writeTrailer(trailer: number, fields: string): void {
  const text = `${fields}Date: ${DATE_TEMPLATE}\r\n\r\n`;
  if (text.length > TRAILER_ROOM) throw new Error('a trailer does not fit its room');
  scratch.set(bytesOf(text), TRAILERS_AT + trailer * TRAILER_ROOM);
  trailerBytes[trailer] = text.length;
}
