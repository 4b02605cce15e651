// ledger.test.ts: what is kept of a run for good.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LEDGER_PATH, ledgerLine } from '../../bench/ledger.ts';
import { describeMachine } from '../../bench/machine.ts';
import { failedRow, row } from './rows.ts';

const MACHINE = { dirty: true, cpu: 'c', cores: 2, kernel: 'k', node: 'v20' };

test('a line has date, code, case, metric, figures and machine', () => {
  const line = JSON.parse(ledgerLine(row('nginx', 1_234.56), MACHINE, '2026-01-02')!);
  expect(line).toMatchObject({
    date: '2026-01-02',
    commit: null,
    dirty: true,
    case: 'small-page',
    loader: 'wrk',
    peer: 'nginx',
    metric: 'cpu_ns',
    per_request_min: 1_235,
    spread: 0,
    instructions_min: null,
    instructions_user_callgrind: null,
    requests_per_second: 1_000,
    loader_bound: false,
    answer_bytes: 3_300,
    rounds: 1,
    cpu: 'c',
    kernel: 'k',
    node: 'v20',
  });
});

test('a row without a figure leaves no line', () => {
  expect(ledgerLine(failedRow('nginx', 'gone'), MACHINE, '2026-01-02')).toBeUndefined();
});

test('every line of the ledger says which metric it is in', () => {
  const lines = readFileSync(LEDGER_PATH, 'utf8').split('\n').slice(0, -1);
  for (const line of lines) expect(['cycles', 'cpu_ns']).toContain(JSON.parse(line).metric);
});

test('the machine is described', () => {
  const machine = describeMachine();
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.node).toBe(process.version);
  expect(machine.kernel).toMatch(/^\d+\./);
});
