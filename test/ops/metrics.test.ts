// metrics.test.ts: the page, read by the parser of those who wrote OpenMetrics down.
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAMILIES, type Figures, pageOf } from '../../src/ops/metrics.ts';
import { packageRoot } from '../../src/paths.ts';
import { samplesOf } from '../support/openmetrics.ts';
import { temporaryFolder } from '../support/site.ts';

const NONE = Array.from({ length: 2_500 }, () => 0n);

const FIGURES: Figures = {
  totals: {
    answers: NONE.with(500, 7n).with(1_521, 8n).with(1_504, 9n),
    bodyBytes: 2n ** 53n + 1n,
    microseconds: 12_000_345n,
    durations: Array.from({ length: 16 }, (_, index) => BigInt(index)),
    dropped: 3n,
    ring: { accepted: 10n, closed: 9n, refused: 2n, evicted: 1n, refusedAddress: 8n },
    connections: 1n,
  },
  workers: 2,
  restarts: 4,
  log: { lost: 2, damaged: 7 },
  reloads: { ok: 5, failed: 6 },
  digest: 'ab',
  format: 1,
  version: '1.2.3',
  node: 'v"20\\\n',
  process: { cpuSeconds: 0.5, startSeconds: 1_700_000_000.25, residentBytes: 1e9, descriptors: 20 },
};

async function read(figures: Figures): Promise<ReadonlyMap<string, number>> {
  const path = join(temporaryFolder(), 'page');
  writeFileSync(path, pageOf(figures));
  return samplesOf(path);
}

test('each figure is a sample with its name, labels and value', async () => {
  const samples = await read(FIGURES);
  const bucket = (le: string): string => `cdbserve_http_request_duration_seconds_bucket{le=${le}}`;
  expect(Object.fromEntries(samples)).toMatchObject({
    'cdbserve_http_requests_total{code=200,method=GET}': 7,
    'cdbserve_http_requests_total{code=404,method=HEAD}': 8,
    'cdbserve_http_requests_total{code=400,method=none}': 9,
    cdbserve_http_response_bytes_total: Number(FIGURES.totals.bodyBytes),
    [bucket('3.2e-05')]: 0,
    [bucket('0.000128')]: 1,
    [bucket('8589.934592')]: 105,
    [bucket('+Inf')]: 120,
    cdbserve_http_request_duration_seconds_count: 120,
    cdbserve_http_request_duration_seconds_sum: 12.000345,
    cdbserve_connections: 1,
    cdbserve_connections_accepted_total: 10,
    'cdbserve_connections_rejected_total{reason=connections}': 2,
    'cdbserve_connections_rejected_total{reason=address}': 8,
    cdbserve_connections_evicted_total: 1,
    cdbserve_workers: 2,
    cdbserve_worker_restarts_total: 4,
    cdbserve_log_records_dropped_total: 5,
    cdbserve_log_records_damaged_total: 7,
    'cdbserve_archive_info{digest=ab,format=1}': 1,
    'cdbserve_archive_reloads_total{result=ok}': 5,
    'cdbserve_archive_reloads_total{result=failed}': 6,
    'cdbserve_build_info{node=v"20\\\n,version=1.2.3}': 1,
    process_cpu_seconds_total: 0.5,
    process_resident_memory_bytes: 1e9,
    process_open_fds: 20,
    process_start_time_seconds: 1_700_000_000.25,
  });
  expect(samples.size).toBe(3 + 1 + 18 + 5 + 3 + 2 + 2 + 1 + 4);
});

test('at the start, and where there is no /proc, what is not known is not there', async () => {
  const { process: known, totals } = FIGURES;
  const unknown = { ...known, residentBytes: undefined, descriptors: undefined };
  const fresh = { ...FIGURES, digest: undefined, process: unknown };
  const samples = await read({ ...fresh, totals: { ...totals, answers: NONE } });
  const names = [...samples.keys()];
  expect(names.filter((name) => /archive_info|requests_total|fds|memory/.test(name))).toEqual([]);
  expect(samples.get('cdbserve_workers')).toBe(2);
});

test('the most a taken worker can say is still a page', async () => {
  const most = 2n ** 64n - 1n;
  const { totals } = FIGURES;
  const answers = NONE.map(() => most);
  const durations = totals.durations.map(() => most);
  const ring = { accepted: most, closed: 0n, refused: most, evicted: most, refusedAddress: 0n };
  const numbers = { bodyBytes: most, microseconds: most, dropped: most, connections: most };
  const wild = { ...FIGURES, totals: { ...numbers, answers, durations, ring } };
  const samples = await read(wild);
  expect(samples.get('cdbserve_http_requests_total{code=599,method=none}')).toBe(Number(most));
  expect(pageOf(wild).length).toBeLessThan(300_000);
});

test('the parser refuses what is no page', async () => {
  const path = join(temporaryFolder(), 'page');
  const faults = [/\n# EOF/, /_total/, / seconds\n/, /le="0.000128"/, /# TYPE cdbserve_workers.*/];
  for (const fault of faults) {
    const page = pageOf(FIGURES);
    expect(page).toMatch(fault);
    writeFileSync(path, page.replace(fault, ' '));
    await expect(samplesOf(path)).rejects.toThrow('Traceback');
  }
});

test('the table of the guide has every family, with its type and its labels', async () => {
  const page = readFileSync(join(packageRoot, 'docs', 'guide', 'monitoring.md'), 'utf8');
  const [, table] = page.split('| metric | type | labels | what it is |\n|---|---|---|---|\n');
  const rows = FAMILIES.map(({ name, type, help, samples }) => {
    const [first] = samples(FIGURES) as readonly (readonly [string, object, unknown])[];
    const [suffix, labels] = first!;
    const shown = type === 'histogram' ? name : name + suffix;
    const names = type === 'histogram' ? ['le'] : Object.keys(labels);
    const list = names.map((label) => `\`${label}\``).join(', ');
    return `| \`${shown}\` | ${type} | ${list}${list && ' '}| ${help} |`;
  });
  expect(table!.split('\n\n')[0]!.trimEnd().split('\n')).toEqual(rows);
});
