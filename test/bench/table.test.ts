// table.test.ts: what a run prints.
import { expect, test } from 'vitest';
import { align, caseTable, grouped, metricText } from '../../bench/table.ts';
import { failedRow, row } from './rows.ts';

test('a server is compared with the floor and nginx of the same case', () => {
  const rows = [row('cdbserve', 1_000), row('nginx', 1_800), row('floor', 500)];
  const lines = caseTable('title', rows).split('\n');
  expect(lines[0]).toBe('title');
  expect(lines[1]).toMatch(/^ {2}peer +CPU ns\/request +median +max +root ns +of floor +× nginx/);
  expect(lines[2]).toMatch(
    /^ {2}cdbserve +1,000 +\+0 % +\+0 % +100 +0\.50 +1\.80 +- +3,300 +1,000/,
  );
});

test('a loader that is the limit is marked, and so are instructions of user space', () => {
  const bound = row('floor', 500, 0.99);
  bound.instructionsUser = 82.4;
  const text = caseTable('title', [bound]);
  expect(text).toContain('loader-bound');
  expect(text).toContain('82 user');
});

test('a server without a figure has its reason instead', () => {
  const text = caseTable('title', [row('floor', 500), failedRow('nginx', 'status 500')]);
  expect(text).toContain('nginx: no figure: status 500');
  expect(text).not.toMatch(/nginx +\d/);
});

test('columns end at the same place', () => {
  expect(
    align([
      ['a', 'bb'],
      ['ccc', 'd'],
    ]),
  ).toEqual(['  a    bb', '  ccc   d']);
});

test('the metric is said in words', () => {
  expect(metricText('cycles')).toContain('cycles per request');
  expect(metricText('cpu_ns')).toContain('perf counts no cycles on this machine');
  expect(grouped(1_234_567.8)).toBe('1,234,568');
  expect(grouped(NaN)).toBe('-');
});
