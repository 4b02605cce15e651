// stats.test.ts: where the bytes of an archive are.
import { expect, test } from 'vitest';
import { soundSites } from '../fixture.ts';
import { archive, run, runOn } from './run.ts';

test('by type, by coding, shared and largest, each body once', async () => {
  const found = JSON.parse((await run('stats', '--json')).toString()) as {
    codings: Record<string, { bodies: number; bytes: number }>;
    types: Record<string, { bodies: number; bytes: number; smallestBytes: number }>;
  };
  const gzip = found.codings['gzip']!.bytes;
  expect(found).toEqual({
    archiveBytes: archive.bytes.length,
    codings: { gzip: { bodies: 1, bytes: gzip }, identity: { bodies: 5, bytes: 1_586 } },
    types: {
      'text/html': { bodies: 3, bytes: 1_085, smallestBytes: gzip + 5 },
      'text/plain': { bodies: 1, bytes: 1, smallestBytes: 1 },
      'application/octet-stream': { bodies: 1, bytes: 500, smallestBytes: 500 },
    },
    paths: { bodies: 11, bytes: 4 * (1_080 + gzip) + 3 * 4 + 2 + 1 + 500 },
    hosts: { '': { bodies: 11, bytes: 4 * (1_080 + gzip) + 3 * 4 + 2 + 1 + 500 } },
    largest: [
      { key: '/', bytes: 1_080 },
      { key: '/noise.bin', bytes: 500 },
      { key: '/404', bytes: 4 },
      { key: '/d/', bytes: 1 },
      { key: '/new\nline.txt', bytes: 1 },
    ],
  });
});

test('the bar of a type is as long as its share, dots for what coding saves', async () => {
  const text = (await run('stats')).toString();
  const bars = [...text.matchAll(/^(\S+) +\d+ +[\d.]+ k?B {2}(#+\.*)$/gm)];
  expect(bars.map(([, type, bar]) => [type, bar!.length])).toEqual([
    ['text/html', 30],
    ['application/octet-stream', 14],
    ['text/plain', 1],
  ]);
  expect(bars[0]![2]).toMatch(/^#{1,4}\.+$/);
  expect(bars[1]![2]).toMatch(/^#+$/);
  expect(text).toMatch(/\nlargest\n1\.08 kB {2}\/\n/);
  expect(text).toMatch(/\\u\{a\}line\.txt\n$/);
});

test('hosts may be named as what every object inherits', async () => {
  const odd = await soundSites({ ['__proto__']: { a: 'x' }, constructor: { a: 'x' } });
  const found = (await runOn(odd.target, 'stats', '--json')).toString();
  expect(found).toMatch(
    /"hosts":\{"__proto__":\{"bodies":1,"bytes":1\},"constructor":\{"bodies":1/,
  );
  expect({}).not.toHaveProperty('bytes');
});
