// word.test.ts: tokens of the inbox, whatever the case of their letters.
import { expect, test } from 'vitest';
import { wordOf } from '../../src/format/bytes.ts';
import { inbox } from '../../src/hot/ring.ts';
import { isWord } from '../../src/hot/word.ts';
import { INBOX_BYTES } from '../../src/limits.ts';

function matches(word: string, text: string, at = 11): boolean {
  inbox.set(Buffer.from(text), at);
  return isWord(wordOf(word), at, word.length);
}

const WORDS = ['br', 'gzip', 'close', 'x-gzip', 'chunked', 'identity', 'if-modified-since'];

test.each(WORDS)('%s is itself in every case and at every place', (word) => {
  for (const text of [word, word.toUpperCase(), `${word[0]!.toUpperCase()}${word.slice(1)}`]) {
    for (let at = 11; at < 15; at++) expect(matches(word, text, at)).toBe(true);
  }
});

test.each(WORDS)('%s is no word that differs in one byte', (word) => {
  for (let index = 0; index < word.length; index++) {
    const text = `${word.slice(0, index)}!${word.slice(index + 1)}`;
    expect(matches(word, text)).toBe(false);
  }
});

test('a word may end where the inbox ends', () => {
  expect(matches('gzip', 'GZIP', INBOX_BYTES - 4)).toBe(true);
  expect(matches('br', 'bR', INBOX_BYTES - 2)).toBe(true);
});
