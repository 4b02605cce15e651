// capabilities.test.ts: sets of /proc/PID/status in words.
import { expect, test } from 'vitest';
import { NO_CAPABILITY, describeSet, namesOf } from '../../src/ops/capabilities.ts';

test.each([
  [NO_CAPABILITY, 'none'],
  ['00000000002001e4', 'dac_read_search kill setgid setuid setpcap sys_admin'],
  ['0000010000000001', 'chown checkpoint_restore'],
  ['8000000000000000', '63'],
  ['000001ffffffffff', '41'],
  ['0x1', '0x1'],
  ['', ''],
])('%s is %s', (set, text) => expect(describeSet(set)).toBe(text));

test('what is no set has no names, which is not the same as an empty one', () => {
  expect(namesOf(NO_CAPABILITY)).toEqual([]);
  for (const text of ['', '0', '00000000000000000', '000000000000000g', '-000000000000001'])
    expect(namesOf(text)).toBeUndefined();
});
