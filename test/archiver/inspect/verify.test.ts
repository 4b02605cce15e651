// verify.test.ts: says that an archive is sound.
import { expect, test } from 'vitest';
import { archive, lines, run } from './run.ts';

test('counts, maker and digest', async () => {
  expect(await lines('verify')).toEqual([
    expect.stringMatching(/site\.cdb: sound: \d\.\d\d kB, 13 routes, 6 bodies, \d+ header blocks$/),
    'made by test 1',
    `sha256 ${archive.manifest.digest}`,
  ]);
});

test('the same for programs', async () => {
  expect(JSON.parse((await run('verify', '--json')).toString())).toEqual({
    archive: archive.target,
    bytes: archive.bytes.length,
    ...archive.manifest,
  });
});
