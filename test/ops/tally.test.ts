// tally.test.ts: events are counted, and said as before.
import { expect, test } from 'vitest';
import { tallyOf } from '../../src/ops/tally.ts';
import { keptLog } from '../support/kept_log.ts';

test('each event is counted by its name, said or not, and nothing else is', () => {
  const lines: string[] = [];
  const { log, count } = tallyOf(keptLog((line) => void lines.push(line)));
  log.event('reloaded', 'a');
  log.event('reloaded', 'b');
  log.event('reloading', 'not said');
  log.warn('reloaded: c');
  log.relay('reloaded: d');
  log.info('reloaded: e');
  expect([count('reloaded'), count('reloading'), count('not-reloaded')]).toEqual([2, 1, 0]);
  const rest = ['reloaded: c', 'reloaded: d', 'reloaded: e'];
  expect(lines).toEqual(['reloaded: a', 'reloaded: b', ...rest]);
});
