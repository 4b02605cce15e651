// readback.test.ts: the filter as the kernel tells of it.
import { expect, test } from 'vitest';
import { filterText } from '../../src/ops/readback.ts';

const config = { sandbox: 'auto', lockdown: 'standard', heapReport: false } as const;

test('a process without filter is refused, not praised', () => {
  expect(() => filterText(config, [process.pid])).toThrow(/in force in 0 of \d+ threads/);
});

test('what is off is said to be off; what is widened too', () => {
  expect(filterText({ ...config, sandbox: 'off' }, [])).toBe(
    'NO system call filter (--sandbox off)',
  );
  expect(filterText({ ...config, heapReport: true }, [])).toBe(
    'system calls filtered (standard, 0 of 0 threads), workers may write heap reports to standard error',
  );
});

test('a worker that is gone is not read back', () => {
  expect(filterText(config, [2 ** 22])).toContain('not read back');
});
