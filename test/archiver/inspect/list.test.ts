// list.test.ts: every path and what it answers.
import { expect, test } from 'vitest';
import { MODIFIED } from '../../support/site.ts';
import { soundArchive } from '../fixture.ts';
import { lines, ranOn, run, runOn, screen } from './run.ts';

test('one line for each path: status, bytes by coding, type, key', async () => {
  const gzip = expect.stringMatching(/^\d\d$/) as string;
  const words = (await lines('list')).map((line) => line.split(/ {2,}/));
  expect(words).toEqual([
    ['200', '1080', gzip, 'text/html; charset=utf-8', '/'],
    ['200', '4', '-', 'text/html; charset=utf-8', '/404'],
    ['200', '4', '-', 'text/html; charset=utf-8', '/404.html'],
    ['308', '-', '-', '-', '/404/ -> /404'],
    ['200', '1080', gzip, 'text/html; charset=utf-8', '/copy'],
    ['200', '1080', gzip, 'text/html; charset=utf-8', '/copy.html'],
    ['308', '-', '-', '-', '/copy/ -> /copy'],
    ['308', '-', '-', '-', '/d -> /d/'],
    ['200', '1', '-', 'text/html; charset=utf-8', '/d/'],
    ['200', '1', '-', 'text/html; charset=utf-8', '/d/index.html'],
    ['200', '1080', gzip, 'text/html; charset=utf-8', '/index.html'],
    ['200', '1', '-', 'text/plain; charset=utf-8', '/new\\u{a}line.txt'],
    ['200', '500', '-', 'application/octet-stream', '/noise.bin'],
    ['404', '4', '-', 'text/html; charset=utf-8', '404/'],
  ]);
  expect((await lines('list'))[12]).toMatch(/^200   500   -  application\/octet-stream   \/noise/);
});

interface Listed {
  readonly key: string;
  readonly bytes: Readonly<Record<string, number>>;
}

test('for programs one object a line', async () => {
  const entries = (await lines('list', '--json')).map((line) => JSON.parse(line) as Listed);
  expect(entries).toHaveLength(14);
  const file = { host: '', status: 200, file: true, modified: MODIFIED.toISOString() };
  expect(entries[2]).toEqual({
    ...file,
    key: '/404.html',
    path: '/404.html',
    type: 'text/html; charset=utf-8',
    bytes: { identity: 4 },
  });
  expect(entries[0]).toMatchObject({ key: '/', file: false, bytes: { identity: 1080 } });
  expect(Object.keys(entries[0]!.bytes)).toEqual(['gzip', 'identity']);
  expect(entries[3]).toEqual({
    key: '/404/',
    host: '',
    path: '/404/',
    status: 308,
    file: false,
    location: '/404',
    bytes: { identity: 0 },
  });
});

test.each([
  ['/d', ['/d -> /d/', '/d/', '/d/index.html']],
  ['/copy*', ['/copy', '/copy.html', '/copy/ -> /copy']],
  ['*.html', ['/404.html', '/copy.html', '/d/index.html', '/index.html']],
  ['404', ['404/']],
  ['/nope', []],
])('%j chooses', async (pattern, keys) => {
  const out = (await run('list', pattern)).toString();
  const found = out.split('\n').slice(0, -1);
  expect(found.map((line) => line.split(/ {2,}/).at(-1))).toEqual(keys);
});

test('a terminal gets a heading, and no line wider than it', async () => {
  const wide = await screen(100, 'list');
  expect(wide[0]).toMatch(/^ +identity  gzip  type +path$/);
  expect(wide[13]).toBe('200       500     -  application/octet-stream  /noise.bin');
  for (const columns of [50, 60, 61, 62, 80]) {
    const shown = await screen(columns, 'list');
    expect(shown).toHaveLength(15);
    for (const line of shown) expect(line.length).toBeLessThanOrEqual(columns);
  }
  expect((await screen(45, 'list'))[0]).toMatch(/^ +identity  gzip  path$/);
});

test('a long path is cut on a terminal and nowhere else', async () => {
  const name = `${'long/'.repeat(30)}名前.txt`;
  const { target } = await soundArchive({ [name]: 'x' });
  expect((await runOn(target, 'list')).toString()).toContain(name);
  const { out } = await ranOn(target, ['list'], { isTTY: true, columns: 60 });
  const line = out.toString().split('\n')[1]!;
  expect(line).toHaveLength(60);
  expect(line).toMatch(/\/long\/long\/lo[long/]*\.\.\.$/);
});
