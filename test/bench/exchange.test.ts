// exchange.test.ts: a stream of answers is cut where they end.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { AnswerReader, exchange, field } from '../../bench/exchange.ts';
import { onEnd } from '../support/cleanup.ts';

const TWO =
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n';

/** A server that sends `reply` to the first bytes of a connection and closes. */
async function serveOnce(reply: string): Promise<number> {
  const server = createServer((socket) => socket.once('data', () => socket.end(reply)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onEnd(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('answers come out whole however the bytes arrive', () => {
  for (let cut = 1; cut < TWO.length; cut++) {
    const reader = new AnswerReader();
    const answers = [];
    for (const part of [TWO.slice(0, cut), TWO.slice(cut)]) {
      reader.push(Buffer.from(part));
      for (let answer = reader.next(false); answer; answer = reader.next(false))
        answers.push(answer);
    }
    expect(answers.map((answer) => answer.status)).toEqual([200, 304]);
    expect(answers[0]!.body.toString()).toBe('abc');
    expect(reader.pending).toBe(0);
  }
});

test('the answer to HEAD has no body', () => {
  const reader = new AnswerReader();
  reader.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n'));
  expect(reader.next(false)).toBeUndefined();
  expect(reader.next(true)?.status).toBe(200);
});

test('what is no answer, or has no length, is refused', () => {
  const read = (text: string) => {
    const reader = new AnswerReader();
    reader.push(Buffer.from(text));
    return () => reader.next(false);
  };
  expect(read('SSH-2.0-x\r\n\r\n')).toThrow('not an answer');
  expect(read('HTTP/1.1 200 OK\r\n\r\n')).toThrow('without Content-Length');
});

test('a field is found whatever its case', () => {
  const head = 'HTTP/1.1 200 OK\r\netag:  "a" \r\nX-ETag: b';
  expect(field(head, 'ETag')).toBe('"a"');
  expect(field(head, 'Vary')).toBeUndefined();
});

test('an exchange gives the answers, or says that the connection ended too early', async () => {
  const answers = await exchange(await serveOnce(TWO), 'GET / HTTP/1.1\r\n\r\n', 2);
  expect(answers.map((answer) => answer.status)).toEqual([200, 304]);
  const broken = exchange(await serveOnce('HTTP/1.1 200 OK\r\nCont'), 'GET / HTTP/1.1\r\n\r\n', 1);
  await expect(broken).rejects.toThrow('closed before the answer was whole');
});
