// instructions.test.ts: what Callgrind writes.
import { expect, test } from 'vitest';
import { parseTotal } from '../../bench/instructions.ts';

test('the total of a dump is its last line', () => {
  expect(parseTotal('desc: Trigger: dump short\nevents: Ir\nfn=(1) f\n1 2\n\ntotals: 1234\n')).toBe(
    1_234,
  );
});

test('a file without a total is refused', () => {
  expect(() => parseTotal('events: Ir\ntotals: 12 34\n')).toThrow('without totals');
});
