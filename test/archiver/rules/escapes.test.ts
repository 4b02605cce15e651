// escapes.test.ts: percent-encoding of what rules say.
import { expect, test } from 'vitest';
import {
  hasSoundEscapes,
  normalPath,
  normalQuery,
  unescaped,
} from '../../../archiver/rules/escapes.ts';

test('what may stand in a path stays, escapes stay, all else is escaped', () => {
  expect(normalPath("/A-z.0_~!$&'()*+,;=:@/%2f%C3")).toBe("/A-z.0_~!$&'()*+,;=:@/%2f%C3");
  expect(normalPath('/\u00fc"<>[]^`{|}')).toBe('/%C3%BC%22%3C%3E%5B%5D%5E%60%7B%7C%7D');
  expect(normalPath('\u{1f600}?#')).toBe('%F0%9F%98%80%3F%23');
  expect(normalQuery('a=b&c?/%20"\\')).toBe('a=b&c?/%20%22%5C');
});

test('an escape is % and two hexadecimal digits', () => {
  expect(['%41', '%aF', ''].map(hasSoundEscapes)).toEqual([true, true, true]);
  expect(['%', '%4', '%4g', 'a%%41'].map(hasSoundEscapes)).toEqual([false, false, false, false]);
  expect([unescaped('%C3%BC'), unescaped('%C3')]).toEqual(['\u00fc', undefined]);
});
