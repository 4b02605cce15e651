// verify.test.ts: what an archive is found to be. That a process does so is in
// test/verifier.test.ts and test/ops/verify.test.ts.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { numberOfSite } from '../../src/boot/orders.ts';
import type { Verdict } from '../../src/boot/verdict.ts';
import { judge } from '../../src/boot/verify.ts';
import { packSite } from '../support/site.ts';

const { archive } = await packSite({ 'index.html': '<p>root', '200.html': 'app' });
const bytes = readFileSync(archive);

function judged(content: Uint8Array, healthPath = ''): Verdict {
  const buffer = Uint8Array.from(content).buffer;
  return judge({ buffer, msealed: true }, healthPath);
}

test('a sound archive is told by what the supervisor has to know', () => {
  const flags = { hosts: false, defaultSite: true, rewrites: true, rules: false };
  const verdict = judged(bytes) as Extract<Verdict, { sound: unknown }>;
  const { digest, ...others } = verdict.sound;
  expect(others).toEqual({ files: 2, site: numberOfSite(flags), msealed: true });
  expect(bytes.includes(`"${digest}"`)).toBe(true);
});

test.each([
  ['text', Buffer.from('a text\n'.repeat(1_000)), 'refused: the file begins as a text file'],
  ['cut', bytes.subarray(0, -1), 'refused at the header: hash tables end at'],
  ['flipped', Buffer.from(bytes).fill(7, 2_100, 2_101), 'refused at '],
])('%s: refused, without a name', (_what, content, start) => {
  const verdict = judged(content) as Extract<Verdict, { refused: unknown }>;
  expect(verdict.refused.startsWith(start)).toBe(true);
});

test('a page where health is asked for is refused', () => {
  const { refused } = judged(bytes, '/200.html') as Extract<Verdict, { refused: unknown }>;
  expect(refused).toContain('a page where --health-path is');
});

test('what asks for more memory than there is is refused, and a slip of ours is not', () => {
  const throwing = (error: Error): Parameters<typeof judge>[0] => ({
    get buffer(): ArrayBuffer {
      throw error;
    },
    msealed: true,
  });
  const short = new RangeError('Array buffer allocation failed');
  expect(judge(throwing(short), '')).toEqual({
    refused: expect.stringMatching(/^refused: the tables of its records need more/) as string,
  });
  expect(() => judge(throwing(new RangeError('Invalid array length')), '')).toThrow('Invalid');
  expect(() => judge(throwing(new TypeError('slip')), '')).toThrow('slip');
});
