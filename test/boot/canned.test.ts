// canned.test.ts: the built-in answers as they stand in scratch.
import { expect, test } from 'vitest';
import { writeCanned } from '../../src/boot/canned.ts';
import * as outbox from '../../src/hot/outbox.ts';
import * as respond from '../../src/hot/respond.ts';
import { scratch } from '../../src/hot/ring.ts';
import { SCRATCH_STATIC_BYTES } from '../../src/limits.ts';

writeCanned();

const { CANNED_BODY_AT, CANNED_BODY_BYTES, CANNED_FIELDS, CANNED_HEAD_AT } = respond;
const STATUSES = [
  204, 206, 304, 400, 404, 405, 406, 408, 412, 414, 416, 417, 421, 431, 501, 503, 505,
];
const BODILESS = [204, 206, 304];
const text = (at: number, bytes: number): string =>
  Buffer.from(scratch.subarray(at, at + bytes)).toString('latin1');
const field = (status: number, name: number): number =>
  respond.canned[status * CANNED_FIELDS + name]!;
const head = (status: number): string =>
  text(field(status, CANNED_HEAD_AT), field(status, respond.CANNED_HEAD_BYTES));
const body = (status: number): string =>
  text(field(status, CANNED_BODY_AT), field(status, CANNED_BODY_BYTES));

test('these statuses have an answer, and no others', () => {
  const rows = respond.canned.length / CANNED_FIELDS;
  const made = Array.from({ length: rows }, (_, status) => status).filter((row) => row >= 100);
  expect(made.filter((status) => field(status, respond.CANNED_HEAD_BYTES) > 0)).toEqual(STATUSES);
});

test.each(STATUSES)('%d has a status line and whole field lines', (status) => {
  const [line, ...fields] = head(status).split('\r\n');
  expect(line).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z][A-Za-z ]+$`));
  expect(fields.pop()).toBe('');
  for (const one of fields) expect(one).toMatch(/^[A-Z][A-Za-z-]+: [\x21-\x7e](?:.*[\x21-\x7e])?$/);
});

test.each(STATUSES.filter((status) => !BODILESS.includes(status)))(
  '%d is an HTML page of the length it says, and is not to be kept',
  (status) => {
    expect(head(status)).toContain(`\r\nContent-Length: ${body(status).length}\r\n`);
    expect(head(status)).toContain('\r\nCache-Control: no-store\r\n');
    expect(head(status)).toContain('\r\nContent-Type: text/html; charset=utf-8\r\n');
    expect(head(status)).not.toMatch(/^(?:ETag|Last-Modified|Accept-Ranges|Date|Connection):/im);
    expect(body(status)).toMatch(
      new RegExp(`^<!doctype html>\\n[^]*<h1>${status} [^]*</html>\\n$`),
    );
  },
);

test.each(BODILESS)('%d has neither body nor length', (status) => {
  expect(body(status)).toBe('');
  expect(head(status)).not.toMatch(/^Content-/im);
});

test('fields that one status must have', () => {
  expect(head(204)).toContain('\r\nAllow: GET, HEAD, OPTIONS\r\n');
  expect(head(405)).toContain('\r\nAllow: GET, HEAD, OPTIONS\r\n');
  expect(head(406)).toContain('\r\nVary: Accept-Encoding\r\n');
  expect(head(respond.CANNED_VARY)).toBe('Vary: Accept-Encoding\r\n');
  expect(head(503)).toContain('\r\nRetry-After: 1\r\n');
});

test('all stand in the part of scratch that never changes, the trailers behind it', () => {
  for (const status of STATUSES) {
    const end = field(status, CANNED_BODY_AT) + field(status, CANNED_BODY_BYTES);
    expect(end).toBeLessThanOrEqual(SCRATCH_STATIC_BYTES);
  }
  expect(outbox.TRAILERS_AT).toBeGreaterThanOrEqual(SCRATCH_STATIC_BYTES);
});

test('each trailer ends the head and fits its room', () => {
  for (let trailer = 0; trailer < outbox.TRAILERS; trailer++) {
    const bytes = outbox.trailerBytes[trailer]!;
    expect(bytes).toBeLessThanOrEqual(outbox.TRAILER_ROOM);
    const whole = text(outbox.TRAILERS_AT + trailer * outbox.TRAILER_ROOM, bytes);
    expect(whole).toMatch(/^(?:Connection: (?:close|keep-alive)\r\n)?Date: .{25} GMT\r\n\r\n$/);
  }
});
