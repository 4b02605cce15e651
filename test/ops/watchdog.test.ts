// watchdog.test.ts: who stands still, and when nobody is told any more that all is well.
import { expect, test, vi } from 'vitest';
import { Pulse, watchOver } from '../../src/ops/watchdog.ts';
import { keptLog } from '../support/kept_log.ts';

const beats = (counts: Readonly<Record<number, number>>): ReadonlyMap<number, number> =>
  new Map(Object.entries(counts).map(([pid, count]) => [Number(pid), count]));

test('whoever makes no beat for five seconds stands still, and no more once it does', () => {
  const pulse = new Pulse();
  expect(pulse.look(beats({ 1: 5, 2: 9 }), 0)).toEqual([]);
  expect(pulse.look(beats({ 1: 5, 2: 10 }), 4_900)).toEqual([]);
  expect(pulse.look(beats({ 1: 5, 2: 15 }), 5_100)).toEqual([1]);
  expect(pulse.look(beats({ 1: 5, 2: 15 }), 10_200)).toEqual([1, 2]);
  expect(pulse.look(beats({ 1: 6, 2: 15 }), 10_300)).toEqual([2]);
});

test('one that starts has a minute, one that is gone is nobody', () => {
  const pulse = new Pulse();
  expect(pulse.look(beats({ 1: 0, 2: 4 }), 0)).toEqual([]);
  expect(pulse.look(beats({ 1: 0 }), 59_000)).toEqual([]);
  expect(pulse.look(beats({ 1: 0 }), 60_001)).toEqual([1]);
  expect(pulse.look(beats({ 3: 1 }), 60_002)).toEqual([]);
  expect(pulse.look(beats({}), 90_000)).toEqual([]);
});

test('a count that wraps or goes back is a beat as well', () => {
  const pulse = new Pulse();
  pulse.look(beats({ 1: 4_294_967_295 }), 0);
  expect(pulse.look(beats({ 1: 1 }), 6_000)).toEqual([]);
});

test('it is told twice in each period, as long as nobody stands still', () => {
  vi.useFakeTimers();
  try {
    let count = 1;
    let alive = 0;
    const warnings: string[] = [];
    const keep = (line: string): void => void warnings.push(line);
    const timer = watchOver(
      2_000,
      () => beats({ 7: count }),
      () => void alive++,
      keptLog(keep),
    );
    expect(alive).toBe(1);
    for (let second = 0; second < 10; second++) {
      count++;
      vi.advanceTimersByTime(1_000);
    }
    expect([alive, warnings]).toEqual([11, []]);
    vi.advanceTimersByTime(20_000);
    expect(alive).toBe(16);
    expect(warnings).toEqual([
      "worker-stuck: the worker with pid 7 stands still: the service manager's watchdog is not fed",
    ]);
    clearInterval(timer);
  } finally {
    vi.useRealTimers();
  }
});
