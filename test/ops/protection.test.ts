// protection.test.ts: readings that rows of every process share.
import { expect, test } from 'vitest';
import { parseStatus } from '../../src/ops/facts.ts';
import {
  UNREAD,
  countKinds,
  ofCapabilities,
  ofGroups,
  ofIds,
  ofNoNewPrivs,
  ofSeccomp,
  ofThreads,
} from '../../src/ops/protection.ts';
import { seen } from '../support/seen.ts';

const threads = (...texts: readonly string[]) => seen({ threads: texts.map(parseStatus) });

test('what one thread has not is said with how many have it', () => {
  const two = threads('NoNewPrivs:\t1', 'NoNewPrivs:\t1', 'NoNewPrivs:\t0');
  expect(ofNoNewPrivs(two)).toEqual({
    value: 'set in 2 of 3 threads, not set in 1 of 3 threads',
    holds: false,
    source: 'kernel',
  });
});

test('a field that one thread does not tell is not read at all', () => {
  expect(ofNoNewPrivs(threads('NoNewPrivs:\t1', 'NoNewPr'))).toBe(UNREAD);
  expect(ofThreads(threads(), 'Uid', () => true)).toBe(UNREAD);
});

test('all four ids', () => {
  const read = (text: string) => ofIds(threads(text), 'Uid', 7);
  expect(read('Uid:\t7\t7\t7\t7')).toMatchObject({ value: '7', holds: true });
  expect(read('Uid:\t7\t0\t7\t7')).toMatchObject({ value: '7 0', holds: false });
  expect(read('Uid:\t')).toMatchObject({ holds: false });
  expect(read('Uid:\t7x\t7')).toMatchObject({ holds: false });
});

test('groups that stay are counted', () => {
  expect(ofGroups(threads('Groups:\t '))).toMatchObject({ value: 'none', holds: true });
  expect(ofGroups(threads('Groups:\t4 27'))).toMatchObject({ value: '2 stay: 4 27', holds: false });
});

test('capabilities', () => {
  const read = (text: string) => ofCapabilities(threads(text), 'CapEff');
  expect(read('CapEff:\t0000000000000000')).toMatchObject({ value: 'none', holds: true });
  expect(read('CapEff:\t0000000000000020')).toMatchObject({ value: 'kill', holds: false });
  expect(read('CapEff:\t0')).toMatchObject({ value: '0', holds: false });
});

test('seccomp: mode, and as many filters as must be, where the kernel tells', () => {
  const read = (text: string) => ofSeccomp(threads(text), 2);
  expect(read('Seccomp:\t2\nSeccomp_filters:\t3')).toMatchObject({
    value: 'filtered, filters: 3, 1 threads',
    holds: true,
  });
  expect(read('Seccomp:\t2')).toMatchObject({ value: 'filtered, 1 threads', holds: true });
  expect(read('Seccomp:\t2\nSeccomp_filters:\t1').holds).toBe(false);
  expect(read('Seccomp:\t1\nSeccomp_filters:\t2').holds).toBe(false);
  expect(read('Seccomp_filters:\t2').holds).toBeUndefined();
});

test('kinds in the order they come', () => {
  expect(countKinds(['pipe', 'socket', 'pipe'])).toBe('2 pipe, 1 socket');
  expect(countKinds([])).toBe('');
});
