// list.test.ts: every path and what it answers.
import { expect, test } from 'vitest';
import { lines, run } from './run.ts';

test('one line for each path: status, length, codings, type, key', async () => {
  expect(await lines('list')).toEqual([
    '200  1080  gzip  text/html; charset=utf-8   /',
    '200     4  -     text/html; charset=utf-8   /404',
    '200     4  -     text/html; charset=utf-8   /404.html',
    '308        -     -                          /404/ -> /404',
    '200  1080  gzip  text/html; charset=utf-8   /copy',
    '200  1080  gzip  text/html; charset=utf-8   /copy.html',
    '308        -     -                          /copy/ -> /copy',
    '308        -     -                          /d -> /d/',
    '200     1  -     text/html; charset=utf-8   /d/',
    '200     1  -     text/html; charset=utf-8   /d/index.html',
    '200  1080  gzip  text/html; charset=utf-8   /index.html',
    '200     1  -     text/plain; charset=utf-8  /new\\u{a}line.txt',
    '200   500  -     application/octet-stream   /noise.bin',
    '404     4  -     text/html; charset=utf-8   404/',
  ]);
});

test('the same for programs', async () => {
  const entries = JSON.parse((await run('list', '--json')).toString()) as Record<string, unknown>[];
  expect(entries).toHaveLength(14);
  expect(entries[0]).toMatchObject({
    key: '/',
    status: 200,
    type: 'text/html; charset=utf-8',
    bytes: { identity: 1080 },
  });
  expect(entries[3]).toEqual({
    key: '/404/',
    status: 308,
    location: '/404',
    bytes: { identity: 0 },
  });
});
