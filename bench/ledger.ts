// ledger.ts: one line for each case, loader and peer of a run, kept for good.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/paths.ts';
import type { Machine } from './machine.ts';
import type { Row } from './measure.ts';

export const LEDGER_PATH = join(packageRoot, 'bench', 'ledger.jsonl');

/** A line without its end, or undefined for a row without a figure. */
export function ledgerLine(row: Row, machine: Machine, date: string): string | undefined {
  const { summary } = row;
  if (!summary) return undefined;
  return JSON.stringify({
    date,
    commit: machine.commit ?? null,
    dirty: machine.dirty,
    case: row.case,
    loader: row.loader,
    peer: row.peer,
    metric: summary.metric,
    per_request_min: round(summary.perRequestMin, 1),
    per_request_median: round(summary.perRequestMedian, 1),
    spread: round(summary.spread, 1000),
    cpu_ns_min: round(summary.cpuNsMin, 1),
    workers_cpu_ns_min: round(summary.workersNsMin, 1),
    root_cpu_ns_min: round(summary.rootNsMin, 1),
    instructions_min: optional(summary.instructionsMin),
    instructions_user_callgrind: optional(row.instructionsUser),
    requests_per_second: round(summary.requestsPerSecond, 1),
    p50_us: round(summary.p50Us, 1),
    p99_us: round(summary.p99Us, 1),
    loader_cpu: round(summary.loaderCpu, 1000),
    loader_bound: summary.loaderBound,
    server_cpu: round(summary.serverCpu, 1000),
    answer_bytes: row.sample ? row.sample.headBytes + row.sample.bodyBytes : null,
    connections: row.connections,
    rounds: summary.rounds,
    seconds: row.seconds,
    cpu: machine.cpu,
    cores: machine.cores,
    kernel: machine.kernel,
    node: machine.node,
  });
}

export function appendLedger(rows: readonly Row[], machine: Machine, date: string): void {
  const lines = rows.flatMap((row) => ledgerLine(row, machine, date) ?? []);
  if (lines.length > 0) appendFileSync(LEDGER_PATH, `${lines.join('\n')}\n`);
}

function optional(value: number | undefined): number | null {
  return value === undefined ? null : round(value, 1);
}

function round(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
