// packer.test.ts: the other process, started, heard and ended.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openArchive } from '../../archiver/verify.ts';
import { EXIT } from '../../src/errors.ts';
import { Packer } from '../../src/preview/packer.ts';
import { makeSite } from '../archiver/fixture.ts';
import { onEnd } from '../support/cleanup.ts';

function start(site: string, flags: readonly string[] = []): Packer {
  const packer = new Packer({ site, flags, group: undefined });
  onEnd(() => packer.end());
  return packer;
}

test('an archive, another one after a change, and none when it has ended', async () => {
  const site = makeSite({ 'index.html': 'one' });
  const packer = start(site);
  const first = await packer.next();
  if (first.kind !== 'packed') throw new Error(JSON.stringify(first));
  expect(first).toMatchObject({ files: 1, hasRoot: true, changes: { count: 0 }, warnings: '' });
  expect(openArchive(first.archive).manifest.files).toBe(1);
  writeFileSync(join(site, 'new.html'), 'x');
  packer.goOn();
  expect(await packer.next()).toMatchObject({ kind: 'packed', files: 2, changes: { count: 1 } });
  await packer.end();
  expect(() => openArchive(first.archive)).toThrow('there is no file');
  packer.goOn();
  await expect(packer.next()).rejects.toThrow(
    'the packer of the preview has ended (exit status 0)',
  );
});

test('what is wrong with options and folders is told, and who is told goes on', async () => {
  const cases: readonly (readonly [string, readonly string[], number, string])[] = [
    [makeSite({ a: 'a' }), ['--hsts=x'], EXIT.usage, "--hsts is 'x'"],
    [makeSite({}), [], EXIT.failure, 'holds no file to serve'],
    [join(makeSite({}), 'none'), [], EXIT.failure, 'there is no folder'],
  ];
  for (const [site, flags, exitCode, text] of cases) {
    const message = await start(site, flags).next();
    expect(message).toMatchObject({
      kind: 'refused',
      exitCode,
      text: expect.stringContaining(text),
    });
  }
});

test('who waits for it hears of its end', async () => {
  const packer = start(makeSite({ a: 'a' }));
  await packer.next();
  const waiting = packer.next();
  await packer.end();
  await expect(waiting).rejects.toThrow('the packer of the preview has ended');
});
