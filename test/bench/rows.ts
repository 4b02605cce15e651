// rows.ts: rows of a made-up run, for the tests of table, chart and ledger.
import type { Row } from '../../bench/measure.ts';
import { summarize } from '../../bench/summary.ts';

export function row(peer: string, costNs: number, loaderCpu = 0.5): Row {
  const round = {
    requests: 1_000,
    seconds: 1,
    p50Us: 10,
    p99Us: 20,
    rejected: 0,
    errors: 0,
    loaderCpu,
    counts: { cpuNs: costNs * 1_000, rootNs: costNs * 100 },
  };
  return {
    case: 'small-page',
    loader: 'wrk',
    peer,
    connections: 64,
    seconds: 1,
    summary: summarize([round], 'cpu_ns'),
    sample: { status: 200, bodyBytes: 3_000, headBytes: 300, digest: '00' },
  };
}

export function failedRow(peer: string, failure: string): Row {
  return { case: 'small-page', loader: 'wrk', peer, connections: 64, seconds: 1, failure };
}
