// hash.test.ts: the hash function of CDB.
import { expect, test } from 'vitest';
import { cdbHash } from '../../src/format/hash.ts';

const hashOf = (text: string): number => {
  const bytes = Buffer.from(`--${text}--`);
  return cdbHash(bytes, 2, bytes.length - 4);
};

test('values that other programs give', () => {
  // The tables and slots of `printf '+1,1:a->b\n+3,0:foo->\n\n' | cdb -c` (tinycdb 0.78).
  expect(hashOf('') & 255).toBe(5381 & 255);
  expect(hashOf('a') & 255).toBe(196);
  expect(hashOf('foo') & 255).toBe(163);
});

test('the definition, h = (33 h) ^ c modulo 2^32, in exact arithmetic', () => {
  const exact = (text: string): number => {
    let hash = 5381n;
    for (const byte of Buffer.from(text)) hash = ((hash * 33n) & 0xffff_ffffn) ^ BigInt(byte);
    return Number(hash);
  };
  for (const text of ['/', '/index.html', 'cdbsite', '/é'.repeat(300), '\u0000\u00ff']) {
    expect(hashOf(text)).toBe(exact(text));
  }
});
