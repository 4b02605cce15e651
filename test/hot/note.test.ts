// note.test.ts: what is noted of an answer is what the peer got of it and what it had asked.
import { afterAll, expect, test } from 'vitest';
import { noting, SLOT_METHODS } from '../../src/hot/note.ts';
import * as ring from '../../src/hot/ring.ts';
import { LOG_FIELD_BYTES_MAX, LOG_LINE_BYTES_MAX, PEER_BYTES } from '../../src/limits.ts';
import {
  CONNECTION,
  ask,
  event,
  get,
  head,
  isNoNote,
  notesOf,
  page,
  repliesOf,
  serve,
} from './harness.ts';
import { takeOutbox } from './harness.ts';

serve(
  {
    '/': page('root'),
    '/a': { variants: [{ body: 'alpha', etag: '"a"', modified: 5 } as never] },
    '/old': { location: '/a' },
    '404/': { status: 404, variants: [{ body: 'not here' }] },
  },
  {},
);
noting[0] = 1;
afterAll(() => (noting[0] = 0));

const PLACES = ['GET', 'HEAD', 'OPTIONS', 'POST'];
const slotOf = (status: number, method: number): number => (status - 100) * SLOT_METHODS + method;

const REQUESTS: readonly (readonly [name: string, request: string, method: number])[] = [
  ['a page', get('/a'), 0],
  ['HEAD', head('HEAD', '/a'), 1],
  ['OPTIONS', head('OPTIONS', '/a'), 2],
  ['a method not allowed', head('POST', '/a'), 3],
  ['an unknown method', head('FETCH', '/a'), 4],
  ['a redirect', get('/old'), 0],
  ['a redirect with a query', get('/old?x=1'), 0],
  ['a page that is not there', get('/none'), 0],
  ['not modified', get('/a', 'If-None-Match: "a"'), 0],
  ['a failed condition', get('/a', 'If-Match: "b"'), 0],
  ['one range', get('/a', 'Range: bytes=1-2'), 0],
  ['two ranges', get('/a', 'Range: bytes=0-0,2-2'), 0],
  ['no such range', get('/a', 'Range: bytes=9-'), 0],
  ['nothing acceptable', get('/a', 'Accept-Encoding: identity;q=0'), 0],
  ['a bad escape', get('/%zz'), 0],
  ['an expectation', get('/a', 'Expect: wonders'), 0],
  ['two hosts', 'GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 0],
  ['an old version', 'GET /a HTTP/1.0\r\n\r\n', 0],
  ['another version', 'GET /a HTTP/2.0\r\n\r\n', 0],
  ['garbage', '\x16\x03\x01\r\n', 4],
];

test.each(REQUESTS)('%s: status, method and bytes', (_, request, method) => {
  const answer = ask(request);
  const [reply] = repliesOf(answer, request.startsWith('HEAD') ? [0] : []);
  expect(answer.notes).toHaveLength(1);
  const [{ slot, bytes }] = answer.notes as [(typeof answer.notes)[number]];
  expect(slot).toBe(slotOf(reply!.status, method));
  expect(bytes).toBe(reply!.body.length);
  expect(PLACES.length).toBe(SLOT_METHODS - 1);
});

const FIELDS = ['Referer: http://here/', 'User-Agent: tester/1 (x; y)'].join('\r\n');

test('line, host, Referer and User-Agent are as they were sent', () => {
  const [note] = ask(`GET /a?b=c HTTP/1.1\r\nHost: www.example:80\r\n${FIELDS}\r\n\r\n`).notes;
  expect(note!.texts.slice(0, 4)).toEqual([
    'GET /a?b=c HTTP/1.1',
    'www.example:80',
    'http://here/',
    'tester/1 (x; y)',
  ]);
});

test('they are the same wherever the request is cut, and none is left of the one before', () => {
  const request = `GET /a HTTP/1.1\r\nHost: h\r\n${FIELDS}\r\n\r\n`;
  const whole = ask(request).notes;
  for (let cut = 1; cut < request.length; cut++) expect(ask(request, [cut]).notes).toEqual(whole);
  const [first, second] = ask(request + get('/a')).notes;
  expect(first).toEqual(whole[0]);
  expect(second!.texts.slice(2, 4)).toEqual(['', '']);
});

test('the host of an absolute-form counts', () => {
  const [note] = ask('GET http://real/a HTTP/1.1\r\nHost: other\r\n\r\n').notes;
  expect(note!.texts.slice(0, 2)).toEqual(['GET http://real/a HTTP/1.1', 'real']);
});

test('the client that a trusted proxy names goes with it, and nobody else can name one', () => {
  const place = (CONNECTION & ring.NUMBER_MASK) * PEER_BYTES + ring.PEER_TRUSTED;
  const request = get('/a', 'X-Forwarded-For: 203.0.113.7, 2001:db8::1');
  expect(ask(request).notes[0]!.texts[4]).toBe('');
  ring.peers[place] = 1;
  try {
    expect(ask(request).notes[0]!.texts[4]).toBe('2001:db8::1');
    expect(ask(get('/a')).notes[0]!.texts[4]).toBe('');
  } finally {
    ring.peers[place] = 0;
  }
});

test('an empty line before the request is no part of its line', () => {
  expect(ask(`\r\n${get('/a')}`).notes[0]!.texts[0]).toBe('GET /a HTTP/1.1');
});

test('of what could not be read, what came, as far as a line can go', () => {
  expect(ask('GET /a b c\r\nmore').notes[0]!.texts[0]).toBe('GET /a b c\r\nmore');
  const long = `GET /${'x'.repeat(20_000)}`;
  expect(ask(long).notes[0]!.texts[0]).toBe(long.slice(0, LOG_LINE_BYTES_MAX));
});

test('a field that is too long is cut', () => {
  const agent = 'a'.repeat(5_000);
  const { texts } = ask(get('/a', `User-Agent: ${agent}`)).notes[0]!;
  expect(texts[3]).toBe(agent.slice(0, LOG_FIELD_BYTES_MAX));
});

test('pipelined answers have a note each, in order', () => {
  const answer = ask(get('/a') + get('/none') + get('/'));
  expect(answer.notes.map(({ slot }) => slot)).toEqual([200, 404, 200].map((s) => slotOf(s, 0)));
});

test.each([
  ['out of time', ring.EXPIRED, 408],
  ['over the limit', ring.REFUSED, 503],
])('%s: an answer without any text', (_, kind, status) => {
  event(ring.OPENED);
  event(kind);
  const rows = takeOutbox();
  const [note] = notesOf(rows);
  expect(note).toMatchObject({ slot: slotOf(status, 4), texts: [] });
  expect(rows.filter(isNoNote).at(-1)!.op).toBe(ring.FINISH);
});

test('only counted, it has no texts', () => {
  noting[0] = 0;
  try {
    expect(ask(get('/a')).notes).toEqual([{ slot: slotOf(200, 0), bytes: 5, texts: [] }]);
  } finally {
    noting[0] = 1;
  }
});
