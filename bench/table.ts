// table.ts: the rows of one case and loader as text.
import type { Metric } from './counters.ts';
import type { Row } from './measure.ts';

const UNITS: Readonly<Record<Metric, string>> = {
  cycles: 'cycles/request',
  cpu_ns: 'CPU ns/request',
};

/** Whole sentences on what the figures are; stands above the first table. */
export function metricText(metric: Metric): string {
  return metric === 'cycles'
    ? 'Figure: cycles per request of the whole process tree (perf stat), least of all rounds.'
    : 'Figure: nanoseconds of server CPU per request of the whole process tree (schedstat), ' +
        'least of all rounds, because perf counts no cycles on this machine. ' +
        'Compare within this run only.';
}

export function caseTable(title: string, rows: readonly Row[]): string {
  const first = rows.find((row) => row.summary)?.summary;
  const unit = first ? UNITS[first.metric] : 'per request';
  const head = [
    'peer',
    unit,
    'median',
    'max',
    'root ns',
    'of floor',
    '× nginx',
    'instructions',
    'bytes',
    'requests/s',
    'p50 µs',
    'p99 µs',
    'server',
    'loader',
    '',
  ];
  const body = rows.map((row) => cells(row, rows));
  const failures = rows.flatMap((row) => {
    return row.failure === undefined ? [] : [`${row.peer}: no figure: ${row.failure}`];
  });
  return [title, ...align([head, ...body.filter((line) => line.length > 0)]), ...failures, ''].join(
    '\n',
  );
}

/** Columns of equal width, the first to the left, the others to the right. */
export function align(lines: readonly (readonly string[])[]): readonly string[] {
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines.map((line) => {
    const padded = line.map((cell, at) => {
      return at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!);
    });
    return `  ${padded.join('  ').trimEnd()}`;
  });
}

function cells(row: Row, rows: readonly Row[]): readonly string[] {
  const { summary } = row;
  if (!summary) return [];
  const ratio = (peer: string) => {
    const other = rows.find((candidate) => candidate.peer === peer)?.summary;
    return other ? (other.perRequestMin / summary.perRequestMin).toFixed(2) : '-';
  };
  return [
    row.peer,
    grouped(summary.perRequestMin),
    `+${percent(summary.perRequestMedian / summary.perRequestMin - 1)}`,
    `+${percent(summary.spread)}`,
    grouped(summary.rootNsMin),
    ratio('floor'),
    ratio('nginx'),
    instructions(row),
    row.sample ? grouped(row.sample.headBytes + row.sample.bodyBytes) : '-',
    grouped(summary.requestsPerSecond),
    grouped(summary.p50Us),
    grouped(summary.p99Us),
    percent(summary.serverCpu),
    percent(summary.loaderCpu),
    summary.loaderBound ? 'loader-bound' : '',
  ];
}

/** All of them where perf counts; those of user space, marked, where only callgrind does. */
function instructions(row: Row): string {
  if (row.summary?.instructionsMin !== undefined) return grouped(row.summary.instructionsMin);
  return row.instructionsUser === undefined ? '-' : `${grouped(row.instructionsUser)} user`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function grouped(value: number): string {
  return Number.isNaN(value) ? '-' : Math.round(value).toLocaleString('en-US');
}
