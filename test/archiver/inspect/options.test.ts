// options.test.ts: one site of an archive that has several.
import { expect, test } from 'vitest';
import { hosted, run, runOn } from './run.ts';

const text = async (...argv: string[]) => (await runOn(hosted.target, ...argv)).toString();

test('list has all sites under their keys, or one', async () => {
  const all = (await text('list')).trimEnd().split('\n');
  const keys = all.map((line) => line.split(/ {2,}/).at(-1));
  expect(keys).toEqual([
    '/a.txt',
    '@a.example/200',
    '@a.example/200.html',
    '@a.example/200/ -> /200',
    '@a.example/a.txt',
    '200@a.example/',
  ]);
  expect(await text('list', '--host', 'a.example')).not.toMatch(/ \/a\.txt/);
  expect((await text('list', '--host', 'A.Example.')).trimEnd().split('\n')).toHaveLength(5);
  expect(await text('list', '--host', 'b.example')).toBe('');
});

test('show and cat take a path of a host, or its key', async () => {
  expect(await text('cat', '/a.txt')).toBe('default');
  expect(await text('cat', '/a.txt', '--host', 'a.example')).toBe('of a');
  expect(await text('cat', '@a.example/a.txt')).toBe('of a');
  expect(JSON.parse(await text('show', '/200', '--host', 'a.example', '--json'))).toMatchObject({
    key: '@a.example/200',
    status: 200,
  });
});

test('stats of all sites, by host, or of one', async () => {
  const stats = async (...argv: string[]) =>
    JSON.parse(await text('stats', '--json', ...argv)) as {
      paths: { bodies: number };
      hosts: Record<string, { bodies: number; bytes: number }>;
    };
  const all = await stats();
  expect(all.hosts['']).toEqual({ bodies: 1, bytes: 7 });
  expect(Object.keys(all.hosts)).toEqual(['', 'a.example']);
  expect(all.paths.bodies).toBe(all.hosts['a.example']!.bodies + 1);
  const one = await stats('--host', 'a.example');
  expect(one.paths).toEqual(all.hosts['a.example']);
  expect(await text('stats')).toMatch(/\nby host: .*\n\(default\) +1 +7 B\na\.example +4 /);
  expect((await run('stats')).toString()).not.toMatch(/by host/);
});

test('verify counts hosts', async () => {
  expect(await text('verify')).toMatch(/header blocks, 2 hosts\n/);
});

test('a host that is not there is told, with those that are', async () => {
  for (const argv of [['list'], ['stats'], ['show', '/a.txt'], ['cat', '/a.txt']]) {
    await expect(text(...argv, '--host', 'c\n')).rejects.toThrow(
      'the archive has no host c\\u{a}. It has a.example, b.example.',
    );
  }
  await expect(run('list', '--host', 'a')).rejects.toThrow('no host a. It has no hosts.');
  await expect(text('list', '--host', '')).rejects.toMatchObject({ exitCode: 1 });
});
