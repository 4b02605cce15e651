// log_formats.test.ts: lines for any record, read back by strict readers.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CopyRoom, JournalRing, RECORD_BYTES_MAX } from '../../src/ops/journal.ts';
import { LineBuffer } from '../../src/ops/line_buffer.ts';
import type { LogAddresses } from '../../src/ops/log_address.ts';
import { type LogFormat, formatterOf, lineBytesMax } from '../../src/ops/log_formats.ts';
import { LOG_FIELD_BYTES_MAX, LOG_LINE_BYTES_MAX } from '../../src/limits.ts';
import { type Answer, JournalPen, NOON, peerOf, recordOf } from '../support/journal.ts';
import { parseCombined } from '../support/log_lines.ts';

const FULL = process.env['CDBSERVE_FULL'] === '1';
const room = new CopyRoom(32 * 1024);

function lineOf(answer: Answer, format: LogFormat, addresses: LogAddresses = 'full'): string {
  const pen = new JournalPen(32 * 1024);
  const lines = new LineBuffer(256 * 1024);
  const add = formatterOf(format, addresses);
  pen.add(recordOf(answer));
  new JournalRing(pen.descriptor, room).take((record) => {
    add(record, lines);
    expect(lines.length).toBeLessThanOrEqual(lineBytesMax(record));
    return true;
  });
  void pen.close();
  return lines.bytes.toString('latin1', 0, lines.length);
}

const WHOLE: Answer = {
  status: 200,
  bodyBytes: 1_234,
  line: 'GET /x?y=1 HTTP/1.1',
  host: 'example.org:8080',
  referer: 'https://example.com/',
  userAgent: 'curl/8',
};

test('combined is the line of Apache and nginx', () => {
  expect(lineOf(WHOLE, 'combined', 'cut')).toBe(
    '203.0.113.0 - - [22/Nov/2026:15:50:00 +0000] "GET /x?y=1 HTTP/1.1" 200 1234 ' +
      '"https://example.com/" "curl/8"\n',
  );
});

test('what is not there is a hyphen', () => {
  expect(lineOf({ line: '', status: 400, peer: peerOf(1) }, 'combined')).toBe(
    '- - - [22/Nov/2026:15:50:00 +0000] "-" 400 0 "-" "-"\n',
  );
});

test('JSON has the same under names', () => {
  expect(JSON.parse(lineOf(WHOLE, 'json'))).toEqual({
    time: '2026-11-22T15:50:00.007Z',
    client: '203.0.113.7',
    method: 'GET',
    target: '/x?y=1',
    protocol: 'HTTP/1.1',
    host: 'example.org:8080',
    status: 200,
    bytes: 1_234,
    referer: 'https://example.com/',
    userAgent: 'curl/8',
  });
});

test('JSON leaves out what is not there', () => {
  expect(lineOf({ line: '', status: 400, peer: peerOf(1) }, 'json')).toBe(
    '{"time":"2026-11-22T15:50:00.007Z","status":400,"bytes":0}\n',
  );
});

test('JSON tells the client that a proxy named from the proxy', () => {
  const answer = { client: '2001:db8::1', peer: peerOf(4, [10, 0, 0, 9]) };
  expect(JSON.parse(lineOf(answer, 'json', 'cut'))).toMatchObject({
    client: '2001:db8::',
    peer: '10.0.0.0',
  });
  expect(JSON.parse(lineOf(answer, 'json', 'none'))).not.toHaveProperty('peer');
  expect(lineOf(answer, 'combined')).toMatch(/^2001:db8::1 - - \[/);
});

test.each(['nonsense', 'GET /a b HTTP/1.1', 'GET /', ' ', '  ', 'GET  HTTP/1.1', 'GET / '])(
  'JSON keeps a request line of other parts as it came: %j',
  (line) => {
    const {
      request,
      method = '',
      target = '',
      protocol = '',
    } = JSON.parse(lineOf({ line }, 'json')) as Record<string, string>;
    expect(request ?? [method, target, protocol].join(' ')).toBe(line);
  },
);

test.each([
  ['an escape sequence', 'GET /\x1b]0;title\x07 HTTP/1.1', '"GET /\\x1B]0;title\\x07 HTTP/1.1"'],
  ['a second line', 'GET /\nGET / HTTP/1.1', '"GET /"'],
  ['a quote', 'GET /" 200 1 HTTP/1.1', '"GET /\\x22 200 1 HTTP/1.1"'],
  ['a backslash', 'GET /\\x22 HTTP/1.1', '"GET /\\x5Cx22 HTTP/1.1"'],
  ['UTF-8', 'GET /\xc3\xa9 HTTP/1.1', '"GET /\\xC3\\xA9 HTTP/1.1"'],
  ['C1 and DEL', 'GET /\x9b1m\x7f HTTP/1.1', '"GET /\\x9B1m\\x7F HTTP/1.1"'],
])('combined shows %s and does not do it', (_, line, shown) => {
  expect(lineOf({ line }, 'combined')).toContain(`] ${shown} 200 `);
});

test('times go from the first year to the last, and a second is not mistaken for another', () => {
  const times = [
    0,
    999,
    1_000,
    NOON,
    NOON + 1_000,
    NOON,
    Date.UTC(2028, 1, 29),
    253_402_300_799_999,
  ];
  for (const timeMs of times) {
    const iso = new Date(timeMs).toISOString();
    expect(JSON.parse(lineOf({ timeMs }, 'json'))).toMatchObject({ time: iso });
    const { time } = parseCombined(lineOf({ timeMs }, 'combined').slice(0, -1));
    expect(time).toBe(iso.replace(/\.\d+/, ''));
  }
});

test('one formatter goes from one second to the next and back', () => {
  const pen = new JournalPen(32 * 1024);
  const lines = new LineBuffer(64 * 1024);
  const add = formatterOf('json', 'none');
  const times = [NOON, NOON + 1, NOON + 5_000, NOON];
  for (const timeMs of times) pen.add(recordOf({ timeMs }));
  new JournalRing(pen.descriptor, room).take((record) => {
    add(record, lines);
    return true;
  });
  const rows = lines.bytes.toString('latin1', 0, lines.length).trimEnd().split('\n');
  const said = rows.map((row) => Date.parse((JSON.parse(row) as { time: string }).time));
  expect(said).toEqual(times);
});

const bytes = fc.uint8Array({ maxLength: 200 });
const answers = fc.record({
  status: fc.integer({ min: 100, max: 599 }),
  timeMs: fc.integer({ min: 0, max: 253_402_300_799_999 }),
  bodyBytes: fc.maxSafeNat(),
  peer: fc.tuple(fc.constantFrom(0, 1, 4, 6, 9), fc.array(fc.nat(255), { maxLength: 16 })),
  line: bytes,
  host: bytes,
  referer: bytes,
  userAgent: bytes,
  client: bytes,
});

test('any bytes make one line that strict readers read back', () => {
  const latin1 = (text: Uint8Array): string => Buffer.from(text).toString('latin1');
  const run = fc.property(answers, (drawn) => {
    const answer = { ...drawn, peer: peerOf(...drawn.peer) };
    const line = latin1(drawn.line).split(/[\r\n]/)[0]!;
    const [referer, userAgent] = [latin1(drawn.referer), latin1(drawn.userAgent)];
    const { timeMs, status, bodyBytes } = drawn;
    const combined = lineOf(answer, 'combined');
    expect(combined).toMatch(/^[ -~]+\n$/);
    expect(parseCombined(combined.slice(0, -1))).toMatchObject({
      request: line || '-',
      status,
      bytes: bodyBytes,
      referer: referer || '-',
      userAgent: userAgent || '-',
    });
    const json = lineOf(answer, 'json');
    expect(json).toMatch(/^[ -~]+\n$/);
    const said = JSON.parse(json) as Record<string, unknown>;
    const parts = [said['method'] ?? '', said['target'] ?? '', said['protocol'] ?? ''];
    expect(said['request'] ?? parts.join(' ')).toBe(line || '  ');
    expect(said).toMatchObject({ time: new Date(timeMs).toISOString(), status, bytes: bodyBytes });
    expect([said['referer'] ?? '', said['userAgent'] ?? '']).toEqual([referer, userAgent]);
    expect(said['host'] ?? '').toBe(latin1(drawn.host));
  });
  fc.assert(run, { numRuns: FULL ? 20_000 : 300 });
});

test.each(['combined', 'json'] as const)('%s has room for the worst record', (format) => {
  const field = Buffer.alloc(LOG_FIELD_BYTES_MAX, 0xff);
  const answer = {
    bodyBytes: Number.MAX_SAFE_INTEGER,
    peer: peerOf(6, Array<number>(16).fill(0xff)),
    line: Buffer.alloc(LOG_LINE_BYTES_MAX, 0xff),
    host: field,
    referer: field,
    userAgent: field,
    client: field,
  };
  expect(recordOf(answer)).toHaveLength(RECORD_BYTES_MAX);
  expect(lineOf(answer, format).length).toBeGreaterThan(4 * LOG_LINE_BYTES_MAX);
});
