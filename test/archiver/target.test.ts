// target.test.ts: keys as they stand in a URL.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeKey, isReachable, keyPrefix } from '../../archiver/target.ts';

const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`);

test('decoding gives the key back, and only bytes of RFC 3986 are used', () => {
  fc.assert(
    fc.property(key, (given) => {
      const encoded = encodeKey(given);
      expect(decodeURIComponent(encoded)).toBe(given);
      expect(encoded).toMatch(/^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-F]{2})+$/);
    }),
  );
});

test('everything that may stay as it is stays', () => {
  const kept = "/AZaz09-._~!$&'()*+,;=:@/";
  expect(encodeKey(kept)).toBe(kept);
  expect(encodeKey('/a b%\n?#[]"<>^`{|}é/')).toBe(
    '/a%20b%25%0A%3F%23%5B%5D%22%3C%3E%5E%60%7B%7C%7D%C3%A9/',
  );
});

test('a key is reachable as long as the longest request line has room for it', () => {
  const room = 8_192 - 'OPTIONS  HTTP/1.1\r\n'.length;
  expect(isReachable('/'.padEnd(room, 'a'))).toBe(true);
  expect(isReachable('/'.padEnd(room + 1, 'a'))).toBe(false);
  expect(isReachable(`/${'é'.repeat(1_400)}`)).toBe(false);
});

test('the key of a site by host has less room for the path', () => {
  const host = 'a'.repeat(60);
  const longest = '/'.padEnd(8_192 - 61, 'a');
  expect(isReachable(longest, host)).toBe(true);
  expect(isReachable(`${longest}a`, host)).toBe(false);
  expect(isReachable(`${longest}a`)).toBe(true);
});

test('keys of the default site have nothing before their path', () => {
  expect([keyPrefix(''), keyPrefix('a.example')]).toEqual(['', '@a.example']);
});
