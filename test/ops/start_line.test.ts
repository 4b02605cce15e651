// start_line.test.ts: the start line says what is there, and plainly what is not.
import { expect, test } from 'vitest';
import { count, startLine } from '../../src/ops/start_line.ts';
import type { Started } from '../../src/ops/start_line.ts';

const LOADED = {
  files: 1_234,
  bytes: 5_600_000,
  digest: 'ab',
  seals: 0x1f,
  msealed: true,
  identity: '',
  verifiedMs: 1,
  readyMs: 1,
};
const STARTED: Started = {
  config: { sandbox: 'auto', workers: 2 },
  version: '1.2.3',
  urls: ['http://[::]:80/', 'unix:/run/site'],
  lacks: [],
};

test('what is served, where, by whom, and how it is protected', () => {
  expect(startLine(STARTED, LOADED)).toBe(
    '1.2.3, 1,234 files, 5.60 MB, http://[::]:80/ unix:/run/site, 2 workers, ' +
      'archive sealed (0x1f), mapping sealed, workers sandboxed',
  );
});

test('what is not there is said with its cause', () => {
  const lacks = [{ step: 'USER_NAMESPACE', code: 'EPERM' }] as const;
  expect(startLine({ ...STARTED, lacks }, { ...LOADED, msealed: false })).toMatch(
    /, mapping not sealed \(kernel before 6\.10, .*\), workers without user namespace \(EPERM: /,
  );
  const config = { sandbox: 'off', workers: 1 } as const;
  expect(startLine({ ...STARTED, config }, LOADED)).toMatch(
    /, 1 worker, .*, workers NOT SANDBOXED \(--sandbox off\)$/,
  );
});

test.each([
  [0, '0 files'],
  [1, '1 file'],
  [12_345, '12,345 files'],
])('%d of a noun', (number, text) => {
  expect(count(number, 'file')).toBe(text);
});
