// log_options.test.ts: where the access log goes, and how it is written.
import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { isFile } from '../src/ops/access_log.ts';

function read(...argv: readonly string[]): ReturnType<typeof readConfig> {
  return readConfig(['site.cdb', ...argv], { isRoot: false, pid: 1, environment: {} });
}

test.each([
  ['off', undefined, false],
  ['-', '-', false],
  ['./-', './-', true],
  ['./off', './off', true],
  ['/var/log/x.log', '/var/log/x.log', true],
])('--access-log %s', (text, accessLog, named) => {
  expect(read('--access-log', text).accessLog).toBe(accessLog);
  expect(isFile(accessLog)).toBe(named);
});

test.each([
  ['/var/log/x.log', '/dev/null'],
  ['-', '-'],
  ['off', undefined],
])('a check with --access-log %s opens %s', (text, accessLog) => {
  expect(read('--check', '--access-log', text).accessLog).toBe(accessLog);
});

test('format and addresses are one of a few words', () => {
  const { logFormat, logAddresses } = read('--log-format', 'json', '--log-addresses=none');
  expect([logFormat, logAddresses]).toEqual(['json', 'none']);
  expect(() => read('--log-format', 'xml')).toThrow('it must be one of combined, json.');
  expect(() => read('--log-addresses', 'some')).toThrow('it must be one of cut, full, none.');
  expect(() => read('--access-log=')).toThrow('--access-log needs a file, - or off.');
});
