// cat.test.ts: stored bytes.
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { noise } from '../../support/site.ts';
import { soundArchive } from '../fixture.ts';
import { PAGE, archive, ranOn, run } from './run.ts';

test('a body comes as it was in the site', async () => {
  expect(await run('cat', '/noise.bin')).toEqual(noise(500, 1));
  expect((await run('cat', '/copy')).toString()).toBe(PAGE);
  expect((await run('cat', '/new%0Aline.txt')).toString()).toBe('x');
  expect((await run('cat', '404/')).toString()).toBe('none');
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
  await expect(run('cat', '/copy', '--coding', '\u001b[2J')).rejects.toThrow('as \\u{1b}[2J.');
});

const onTerminal = (target: string, ...argv: string[]) =>
  ranOn(target, ['cat', ...argv], { isTTY: true, columns: 80 });

test('a terminal gets text, and what is none only when it is asked for', async () => {
  const text = 'tab\t, line\r\n, naïve 😀\f';
  const sly = await soundArchive({
    'text.txt': text + '-'.repeat(65_530) + '😀'.repeat(10),
    'escape.txt': `${'x'.repeat(70_000)}\u001b]0;title\u0007`,
    'c1.txt': 'x\u009b2J',
    'latin1.txt': Buffer.from([0x61, 0xe9]),
    'cut.txt': Buffer.from('😀').subarray(0, 3),
    'empty.txt': '',
  });
  expect((await onTerminal(sly.target, '/text.txt')).out.toString()).toContain(text);
  expect((await onTerminal(sly.target, '/empty.txt')).out.length).toBe(0);
  for (const name of ['/escape.txt', '/c1.txt', '/latin1.txt', '/cut.txt']) {
    await expect(onTerminal(sly.target, name)).rejects.toThrow(
      `${name} is no text for a terminal. Send it elsewhere with > or |, or say --binary.`,
    );
    expect((await onTerminal(sly.target, name, '--binary')).code).toBe(0);
  }
  await expect(onTerminal(archive.target, '/copy', '--coding', 'gzip')).rejects.toThrow(/no text/);
});
