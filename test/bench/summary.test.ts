// summary.test.ts: the figures that are quoted.
import { expect, test } from 'vitest';
import type { Counts, Metric } from '../../bench/counters.ts';
import { summarize } from '../../bench/summary.ts';
import type { Round } from '../../bench/summary.ts';

function round(requests: number, counts: Counts, loaderCpu = 0.5): Round {
  return { requests, seconds: 2, p50Us: 10, p99Us: 20, rejected: 0, errors: 0, loaderCpu, counts };
}

test('the least round is quoted, with the spread beside it', () => {
  const costs = [300, 200, 260, 240];
  const rounds = costs.map((cpuNs) => round(10, { cpuNs: cpuNs * 10, rootNs: cpuNs }));
  const summary = summarize(rounds, 'cpu_ns');
  expect(summary).toMatchObject({
    metric: 'cpu_ns',
    rounds: 4,
    perRequestMin: 200,
    perRequestMedian: 250,
    perRequestMax: 300,
    requestsPerSecond: 5,
    loaderBound: false,
  });
  expect(summary.spread).toBeCloseTo(0.5);
  expect(summary).not.toHaveProperty('instructionsMin');
});

test('cycles are quoted where they are counted', () => {
  const counts = { cpuNs: 9_000, rootNs: 1_000, cycles: 1_000, instructions: 2_000 };
  const summary = summarize([round(10, counts), round(20, counts)], 'cycles');
  expect(summary).toMatchObject({ workersNsMin: 400, rootNsMin: 50 });
  expect(summary).toMatchObject({ perRequestMin: 50, instructionsMin: 100, cpuNsMin: 450 });
});

test('a loader above 95 % of its CPU is marked', () => {
  const bound = (share: number) =>
    summarize([round(1, { cpuNs: 1, rootNs: 0 }, share)], 'cpu_ns').loaderBound;
  expect([0.94, 0.95, 0.96].map(bound)).toEqual([false, false, true]);
});

test('there is no figure without rounds, requests or counts', () => {
  const attempt = (rounds: readonly Round[], metric: Metric) => () => summarize(rounds, metric);
  expect(attempt([], 'cpu_ns')).toThrow('no round');
  expect(attempt([round(0, { cpuNs: 1, rootNs: 0 })], 'cpu_ns')).toThrow('no request');
  expect(attempt([round(1, { cpuNs: 1, rootNs: 0 })], 'cycles')).toThrow('no cycles');
});
