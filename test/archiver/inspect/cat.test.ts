// cat.test.ts: stored bytes.
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { noise } from '../../support/site.ts';
import { PAGE, run } from './run.ts';

test('a body comes as it was in the site', async () => {
  expect(await run('cat', '/noise.bin')).toEqual(noise(500, 1));
  expect((await run('cat', '/copy')).toString()).toBe(PAGE);
  expect((await run('cat', '/new%0Aline.txt')).toString()).toBe('x');
});

test('or as it is stored', async () => {
  const coded = await run('cat', '/copy', '--coding', 'gzip');
  expect(coded.length).toBeLessThan(PAGE.length / 5);
  expect(gunzipSync(coded).toString()).toBe(PAGE);
});

test('a redirect has no body', async () => {
  expect((await run('cat', '/d')).length).toBe(0);
});

test('a coding that is not stored is told, with those that are', async () => {
  await expect(run('cat', '/copy', '--coding', 'br')).rejects.toThrow(
    '/copy is not stored as br. It is stored as: gzip, identity.',
  );
});
