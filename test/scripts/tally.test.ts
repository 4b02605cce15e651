// tally.test.ts: no run that went wrong may be counted as a run that went well.
import { expect, test } from 'vitest';
import { tallyOutput, tallyVitest } from '../../scripts/tally.mjs';

const report = (...files: string[][]) => ({
  testResults: files.map((statuses) => ({
    assertionResults: statuses.map((status) => ({ status })),
  })),
});

test('passed and failed tests of all files are added up', () => {
  const files = report(['passed', 'passed'], ['passed', 'failed']);
  expect(tallyVitest(files, 1)).toEqual({ passed: 3, failed: 1 });
});

test.each(['pending', 'skipped', 'todo', 'disabled'])('a %s test counts as failed', (status) => {
  expect(tallyVitest(report(['passed', status]), 0)).toEqual({ passed: 1, failed: 1 });
});

test('a file that did not load counts as one failed test', () => {
  expect(tallyVitest(report(['passed'], []), 1)).toEqual({ passed: 1, failed: 1 });
});

test('a bad end after good tests counts as one failed test', () => {
  expect(tallyVitest(report(['passed']), 1)).toEqual({ passed: 1, failed: 1 });
});

test('no report counts as one failed test', () => {
  expect(tallyVitest(undefined, 0)).toEqual({ passed: 0, failed: 1 });
});

test('the last count that a suite prints is its count', () => {
  const output = 'ring: 3 passed, 0 failed\n7 passed, 2 failed\n';
  expect(tallyOutput(output, 1)).toEqual({ passed: 7, failed: 2 });
});

test('a suite that counts no failure and ends badly has failed once', () => {
  expect(tallyOutput('7 passed, 0 failed\n', 134)).toEqual({ passed: 7, failed: 1 });
});

test.each([
  [0, { passed: 1, failed: 0 }],
  [1, { passed: 0, failed: 1 }],
  [-1, { passed: 0, failed: 1 }],
])('a suite without counts that ends with %d is one test', (code, tally) => {
  expect(tallyOutput('done\n', code)).toEqual(tally);
});
