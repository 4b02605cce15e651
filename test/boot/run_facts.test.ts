// run_facts.test.ts: what is known of the text of a run.
import { expect, test } from 'vitest';
import { factsOf } from '../../src/boot/run_facts.ts';

const NOTHING = {
  malformed: false,
  owned: false,
  onlyContent: true,
  noContent: true,
  sharing: false,
  etags: 0,
  types: 0,
  varies: false,
  coding: undefined,
  modified: undefined,
  ranges: undefined,
};

test.each([
  ['', {}],
  ['X: y\r\n', { onlyContent: false }],
  ['X: y', { onlyContent: false, malformed: true }],
  ['X: \0\r\n', { onlyContent: false, malformed: true }],
  ['date: now\r\n', { onlyContent: false, owned: true }],
  ['Accept-Ranges: bytes\r\n', { noContent: false, ranges: 'bytes' }],
  ['Content-Type: a/b\r\ncontent-type: c\r\n', { noContent: false, types: 2 }],
  ['Content-Encoding: br\r\n', { noContent: false, coding: 'br' }],
  ['Last-Modified: then\r\n', { noContent: false, modified: 'then' }],
  ['ETag: \r\n', { onlyContent: false, etags: 1 }],
  ['Vary: Origin, accept-encoding\r\n', { onlyContent: false, varies: true }],
  ['Vary: Accept-Encoding-Not\r\n', { onlyContent: false }],
  ['Access-Control-Max-Age: 5\r\n', { onlyContent: false, sharing: true }],
])('%j', (text, facts) => {
  expect(factsOf(text)).toEqual({ ...NOTHING, ...facts });
  expect(factsOf(text)).toBe(factsOf(text));
});

test('long texts, and more texts than are kept, are known as well', () => {
  const long = `X: ${'y'.repeat(2_000)}\r\n`;
  expect(factsOf(long)).toEqual(factsOf('X: y\r\n'));
  expect(factsOf(long)).not.toBe(factsOf(long));
  for (let number = 0; number < 10_000; number++) {
    const { ranges } = factsOf(`Accept-Ranges: ${number}\r\n`);
    expect(ranges).toBe(String(number));
  }
  expect(factsOf('Accept-Ranges: 0\r\n').ranges).toBe('0');
});
