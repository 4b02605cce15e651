// cases.test.ts: what every request of a case looks like on the wire.
import { expect, test } from 'vitest';
import { CASES, requestFields, requestText } from '../../bench/cases.ts';

test('a request is one head with the host first and an empty line last', () => {
  const text = requestText('GET', '/a', { Connection: 'close' });
  expect(text).toBe('GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
});

test('every case sends the headers of a browser', () => {
  for (const subject of CASES) {
    const fields = requestFields(subject);
    expect(fields['User-Agent']).toMatch(/^Mozilla/);
    expect(fields['Accept-Encoding']).toBe('gzip, deflate');
    expect(Object.keys(fields).length).toBeGreaterThanOrEqual(12);
  }
});

test('only new-connection asks for the end of the connection', () => {
  const closing = CASES.filter((subject) => requestFields(subject).Connection === 'close');
  expect(closing.map((subject) => subject.name)).toEqual(['new-connection']);
});

test('an ETag becomes If-None-Match', () => {
  expect(requestFields(CASES[0]!, '"x"')['If-None-Match']).toBe('"x"');
  expect(requestFields(CASES[0]!)).not.toHaveProperty('If-None-Match');
});
