// stats.test.ts: where the bytes of an archive are.
import { expect, test } from 'vitest';
import { soundSites } from '../fixture.ts';
import { archive, ranOn, run, runOn } from './run.ts';

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
      'text/html': {
        bodies: 3,
        bytes: 1_085,
        smallestBytes: gzip + 5,
        codings: { identity: 1_085, gzip },
      },
      'text/plain': { bodies: 1, bytes: 1, smallestBytes: 1, codings: { identity: 1 } },
      'application/octet-stream': {
        bodies: 1,
        bytes: 500,
        smallestBytes: 500,
        codings: { identity: 500 },
      },
    },
    files: { bodies: 6, bytes: 2_666 },
    paths: { bodies: 11, bytes: 4 * (1_080 + gzip) + 3 * 4 + 2 + 1 + 500 },
    hosts: { '': { bodies: 11, bytes: 4 * (1_080 + gzip) + 3 * 4 + 2 + 1 + 500 } },
    largest: [
      { key: '/copy.html', bytes: 1_080 },
      { key: '/index.html', bytes: 1_080 },
      { key: '/noise.bin', bytes: 500 },
      { key: '/404.html', bytes: 4 },
      { key: '/d/index.html', bytes: 1 },
      { key: '/new\nline.txt', bytes: 1 },
    ],
  });
});

test('the bar of a type is as long as its share, dots for what coding saves', async () => {
  const text = (await run('stats')).toString();
  const rows = [...text.matchAll(/^(\S+) +\d+ +([\d.]+ k?B) +(-|\d+ B) {2}(#+\.*)$/gm)];
  expect(rows.map(([, type, identity, gzip, bar]) => [type, identity, gzip, bar!.length])).toEqual([
    ['text/html', '1.08 kB', expect.stringMatching(/^\d\d B$/), 35],
    ['application/octet-stream', '500 B', '-', 17],
    ['text/plain', '1 B', '-', 1],
  ]);
  expect(rows[0]![4]).toMatch(/^#{1,4}\.+$/);
  expect(rows[1]![4]).toMatch(/^#+$/);
  expect(text).toMatch(/\n6 files of 2\.67 kB: 5 bodies of 1\.59 kB\n/);
  expect(text).toMatch(/\nlargest files\n1\.08 kB {2}\/copy\.html\n/);
  expect(text).toMatch(/\\u\{a\}line\.txt\n$/);
  // A terminal without UTF-8 shows it as well.
  expect(text).toMatch(/^[\n\x20-\x7e]*$/);
});

test('it fits the terminal', async () => {
  const long = await soundSites({
    '': {
      'a.docx': 'x'.repeat(3_000),
      'b.html': '<p>the same words '.repeat(4_000),
      [`${'d/'.repeat(60)}c`]: 'c',
    },
  });
  for (const columns of [60, 80, 132, 250]) {
    const { out } = await ranOn(long.target, ['stats'], { isTTY: true, columns });
    const [legend, heading, ...lines] = out.toString().split('\n');
    expect(legend).toMatch(/^by type/);
    const sentences = lines.filter((line) => !/ in all codings|^by type/.test(line));
    for (const line of [heading!, ...sentences]) expect(line.length).toBeLessThanOrEqual(columns);
    const bars = lines.flatMap((line) => / (#+\.*)$/.exec(line)?.[1] ?? []);
    expect(bars[0]!.length).toBeGreaterThanOrEqual(8);
    expect(bars[0]!.length).toBeLessThanOrEqual(40);
  }
});

test('an archive of no files has no bars', async () => {
  const empty = await soundSites({ '': {} });
  const text = (await runOn(empty.target, 'stats')).toString();
  expect(text).toMatch(/\n0 files of 0 B: 0 bodies of 0 B\n/);
});

test('hosts may be named as what every object inherits', async () => {
  const odd = await soundSites({ ['__proto__']: { a: 'x' }, constructor: { a: 'x' } });
  const found = (await runOn(odd.target, 'stats', '--json')).toString();
  expect(found).toMatch(
    /"hosts":\{"__proto__":\{"bodies":1,"bytes":1\},"constructor":\{"bodies":1/,
  );
  expect({}).not.toHaveProperty('bytes');
});
