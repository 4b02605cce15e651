// loop.test.ts: one event after another, as the ring delivers them.
import { expect, test } from 'vitest';
import { setDraining } from '../../src/hot/health.ts';
import { handle, run } from '../../src/hot/loop.ts';
import * as ring from '../../src/hot/ring.ts';
import { value } from '../support/reply.ts';
import {
  CONNECTION,
  DATE,
  ask,
  event,
  get,
  head,
  page,
  repliesOf,
  sent,
  serve,
} from './harness.ts';
import { takeOutbox } from './harness.ts';

serve({ '/': page('root'), '/a': page('alpha'), '/b': page('beta') });

const PIPELINE = ['/', '/a', '/b'].map((path) => get(path)).join('');
const bodies = (bytes: Buffer): string[] =>
  repliesOf({ bytes }).map(({ body }) => body.toString('latin1'));

test('a request is answered and consumed', () => {
  const answer = ask(get('/a'));
  const [reply] = repliesOf(answer);
  expect(reply!.status).toBe(200);
  expect(reply!.body.toString()).toBe('alpha');
  expect(value(reply!, 'date')).toBe(DATE);
  expect(value(reply!, 'connection')).toBeUndefined();
  expect(answer).toMatchObject({ consumed: get('/a').length, finished: false, agains: 0 });
});

test('pipelined requests are answered in order', () => {
  const answer = ask(PIPELINE);
  expect(bodies(answer.bytes)).toEqual(['root', 'alpha', 'beta']);
  expect(answer.consumed).toBe(PIPELINE.length);
});

test('pipelined requests cut anywhere get the same answers', () => {
  const whole = ask(PIPELINE);
  for (let cut = 1; cut < PIPELINE.length; cut++) {
    const answer = ask(PIPELINE, [cut]);
    expect(answer.bytes.equals(whole.bytes)).toBe(true);
    expect(answer.consumed).toBe(PIPELINE.length);
  }
});

test('an unfinished request stays with the ring, the whole ones before it do not', () => {
  event(ring.OPENED);
  const first = get('/a');
  const bytes = Buffer.from(`${first}GET /b`);
  ring.inbox.set(bytes, 100);
  event(ring.DATA, 100, bytes.length);
  const rows = takeOutbox();
  expect(bodies(sent(rows))).toEqual(['alpha']);
  expect(rows.at(-1)).toMatchObject({ op: ring.CONSUMED, offset: 0, length: first.length });
});

test('what a request left behind is forgotten when its number opens again', () => {
  event(ring.OPENED);
  ring.inbox.set(Buffer.from('GET /a'), 0);
  event(ring.DATA, 0, 6);
  expect(takeOutbox()).toHaveLength(1);
  const next = ((4 << 16) | (CONNECTION & ring.NUMBER_MASK)) >>> 0;
  event(ring.OPENED, 0, 0, next);
  const bytes = Buffer.from(get('/b'));
  ring.inbox.set(bytes, 0);
  event(ring.DATA, 0, bytes.length, next);
  expect(bodies(sent(takeOutbox()))).toEqual(['beta']);
});

test('two connections take turns inside their heads', () => {
  const other = CONNECTION + 1;
  const wanted: readonly (readonly [number, string])[] = [
    [CONNECTION, get('/a')],
    [other, get('/b', 'Connection: close')],
  ];
  for (const [connection] of wanted) event(ring.OPENED, 0, 0, connection);
  const longest = Math.max(...wanted.map(([, text]) => text.length));
  const answers = new Map<number, Buffer>();
  for (let end = 1; end <= longest; end++) {
    for (const [connection, text] of wanted.filter(([, text]) => end <= text.length)) {
      ring.inbox.set(Buffer.from(text).subarray(0, end), 50);
      event(ring.DATA, 50, end, connection);
      const rows = takeOutbox();
      if (rows.some(({ op }) => op === ring.SEND_ARCHIVE)) answers.set(connection, sent(rows));
    }
  }
  expect(bodies(answers.get(CONNECTION)!)).toEqual(['alpha']);
  expect(bodies(answers.get(other)!)).toEqual(['beta']);
});

test('a bad request ends the series, and all its bytes are consumed', () => {
  const bytes = `${get('/a')}BAD\r\n${get('/b')}`;
  const answer = ask(bytes);
  const replies = repliesOf(answer);
  expect(replies.map(({ status }) => status)).toEqual([200, 400]);
  expect(value(replies[1]!, 'connection')).toBe('close');
  expect(answer).toMatchObject({ consumed: bytes.length, finished: true });
});

test('close ends the series', () => {
  const answer = ask(get('/a', 'Connection: close') + get('/b'));
  expect(bodies(answer.bytes)).toEqual(['alpha']);
  expect(answer.finished).toBe(true);
});

test('more requests than one turn holds answers for come again', () => {
  const count = 200;
  const answer = ask(get('/a').repeat(count));
  expect(bodies(answer.bytes)).toEqual(Array.from({ length: count }, () => 'alpha'));
  expect(answer.agains).toBeGreaterThan(1);
  expect(answer.consumed).toBe(get('/a').length * count);
});

test.each([
  ['an unfinished head out of time', ring.EXPIRED, 408, undefined],
  ['a connection too many', ring.REFUSED, 503, '1'],
])('%s is refused and finished', (_, kind, status, retryAfter) => {
  event(ring.OPENED);
  event(kind);
  const rows = takeOutbox();
  const [reply] = repliesOf({ bytes: sent(rows) });
  expect(reply!.status).toBe(status);
  expect(value(reply!, 'connection')).toBe('close');
  expect(value(reply!, 'retry-after')).toBe(retryAfter);
  expect(rows.at(-1)!.op).toBe(ring.FINISH);
  expect(rows.some(({ op }) => op === ring.CONSUMED)).toBe(false);
});

test('a head that expires after HEAD was read is refused without a body', () => {
  event(ring.OPENED);
  ring.inbox.set(Buffer.from('HEAD /a HTTP/1.1\r\nHo'), 0);
  event(ring.DATA, 0, 20);
  takeOutbox();
  event(ring.EXPIRED);
  expect(repliesOf({ bytes: sent(takeOutbox()) }, [0])[0]!.status).toBe(408);
});

test('a connection too many has nothing of who had its number before', () => {
  event(ring.OPENED);
  ring.inbox.set(Buffer.from('HEAD /a HTTP/1.1\r\nHo'), 0);
  event(ring.DATA, 0, 20);
  takeOutbox();
  event(ring.REFUSED);
  expect(repliesOf({ bytes: sent(takeOutbox()) })[0]!.status).toBe(503);
});

test('a peer that sends no more is finished without a word', () => {
  event(ring.HALF_CLOSED);
  expect(takeOutbox()).toEqual([{ connection: CONNECTION, op: ring.FINISH, offset: 0, length: 0 }]);
});

test('a connection that is gone makes no row', () => {
  event(ring.CLOSED);
  expect(takeOutbox()).toEqual([]);
});

test('a tick writes the date', () => {
  event(ring.TICK, 20_000, 1);
  expect(value(repliesOf(ask(get('/a')))[0]!, 'date')).toBe('Fri, 04 Oct 2024 00:00:01 GMT');
  event(ring.TICK, 9_075, 8 * 3_600 + 49 * 60 + 37);
});

test('an order is passed on, and ends the loop when it says so', () => {
  const orders: number[] = [];
  ring.events.set([0, ring.CONTROL, 0x44, 0]);
  const control = (order: number): boolean => orders.push(order) === 2;
  expect(handle(0, control)).toBe(false);
  expect(handle(0, control)).toBe(true);
  expect(orders).toEqual([0x44, 0x44]);
});

test('the loop hands its rows to the ring and ends when the last connection is gone', () => {
  const bytes = Buffer.from(head('HEAD', '/a'));
  const turns: number[] = [];
  ring.openRing({
    flush: () => expect.unreachable(),
    turn: (rows) => {
      turns.push(rows);
      if (turns.length > 1) {
        ring.events.set([0, ring.DRAINED, 0, 0]);
        return 1;
      }
      ring.inbox.set(bytes, 0);
      ring.events.set([CONNECTION, ring.OPENED, 0, 0, CONNECTION, ring.DATA, 0, bytes.length]);
      return 2;
    },
  });
  run(() => false);
  expect(turns).toEqual([0, 4]);
});

test('while draining every answer is the last of its connection', () => {
  setDraining();
  const answer = ask(get('/a') + get('/b'));
  expect(bodies(answer.bytes)).toEqual(['alpha']);
  expect(value(repliesOf(answer)[0]!, 'connection')).toBe('close');
  expect(answer.finished).toBe(true);
});
