// reply.test.ts: the parser that judges the server refuses what no server of ours may send.
import { expect, test } from 'vitest';
import { BadReply, parseHead, values } from './reply.ts';

const parse = (text: string, toHead = false) => parseHead(Buffer.from(text, 'latin1'), toHead);

test('a whole head gives status, fields in order and the length of the body', () => {
  const parsed = parse('HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 5\r\na: 2\r\n\r\nhello');
  expect(parsed?.reply.status).toBe(200);
  expect(values(parsed!.reply, 'a')).toEqual(['1', '2']);
  expect([parsed?.headBytes, parsed?.bodyBytes]).toEqual([50, 5]);
});

test('half a head is no reply yet', () => {
  expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n')).toBeUndefined();
  expect(parse('HTT')).toBeUndefined();
});

test('HEAD, 204 and 304 have no body', () => {
  expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', true)?.bodyBytes).toBe(0);
  expect(parse('HTTP/1.1 204 No Content\r\n\r\n')?.bodyBytes).toBe(0);
  expect(parse('HTTP/1.1 304 Not Modified\r\n\r\n')?.bodyBytes).toBe(0);
});

test.each([
  ['another version', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['no reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n'],
  ['no length', 'HTTP/1.1 200 OK\r\nA: b\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'],
  ['a length with a zero in front', 'HTTP/1.1 200 OK\r\nContent-Length: 05\r\n\r\n'],
  ['a length in a 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n'],
  ['a transfer coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
  ['two spaces after it', 'HTTP/1.1 200 OK\r\nContent-Length:  0\r\n\r\n'],
  ['a space at the end', 'HTTP/1.1 200 OK\r\nContent-Length: 0 \r\n\r\n'],
  ['an empty value', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: \r\n\r\n'],
  ['a bare line feed', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'],
  ['a body where a head is due', 'hello HTTP/1.1 200 OK'],
])('%s is refused', (_, text) => {
  expect(() => parse(text)).toThrow(BadReply);
});
