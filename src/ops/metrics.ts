// metrics.ts: how the service is, as a page of OpenMetrics 1.0.
import type { Totals } from './counters.ts';
import type { ProcessFigures } from './process_figures.ts';

export const CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

export interface Figures {
  readonly totals: Totals;
  /** That run, of the archive in service. */
  readonly workers: number;
  /** Workers in the place of dead ones. */
  readonly restarts: number;
  /** Of the access log: what was read and not written, and what made no sense. */
  readonly log: { readonly lost: number; readonly damaged: number };
  readonly reloads: { readonly ok: number; readonly failed: number };
  /** Undefined: nothing is served yet. */
  readonly digest: string | undefined;
  readonly format: number;
  readonly version: string;
  readonly node: string;
  /** Of the supervisor. */
  readonly process: ProcessFigures;
}

type Labels = Readonly<Record<string, string | number>>;

/** Behind the family's name, what stands there; undefined: not known here. */
type Sample = readonly [
  suffix: string,
  labels: Labels,
  value: bigint | number | string | undefined,
];

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'info';
  readonly unit?: 'seconds' | 'bytes';
  readonly help: string;
  readonly samples: (figures: Figures) => readonly Sample[];
}

/** By the second part of a slot. */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'other', 'none'] as const;
const STATUS_FIRST = 100;

export const FAMILIES: readonly Family[] = [
  {
    name: 'cdbserve_http_requests',
    type: 'counter',
    help: 'Answers by status and method; none: what could not be read as a request.',
    samples: ({ totals }) => totals.answers.flatMap(answersOf),
  },
  {
    name: 'cdbserve_http_response_bytes',
    type: 'counter',
    unit: 'bytes',
    help: 'Bytes of bodies, of all answers.',
    samples: ({ totals }) => [['_total', {}, totals.bodyBytes]],
  },
  {
    name: 'cdbserve_http_request_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'From the first byte of a request to its answer handed to the kernel.',
    samples: ({ totals }) => histogram(totals),
  },
  {
    name: 'cdbserve_connections',
    type: 'gauge',
    help: 'Connections that are open.',
    samples: ({ totals }) => [['', {}, totals.connections]],
  },
  {
    name: 'cdbserve_connections_accepted',
    type: 'counter',
    help: 'Connections that were accepted, those that were rejected among them.',
    samples: ({ totals }) => [['_total', {}, totals.ring.accepted]],
  },
  {
    name: 'cdbserve_connections_rejected',
    type: 'counter',
    help: 'New connections that got a 503 at the limit of all, or of their address.',
    samples: ({ totals }) => [
      ['_total', { reason: 'connections' }, totals.ring.refused],
      ['_total', { reason: 'address' }, totals.ring.refusedAddress],
    ],
  },
  {
    name: 'cdbserve_connections_evicted',
    type: 'counter',
    help: 'Connections closed to make room: idle ones, unfinished requests, slow readers.',
    samples: ({ totals }) => [['_total', {}, totals.ring.evicted]],
  },
  {
    name: 'cdbserve_workers',
    type: 'gauge',
    help: 'Processes that serve.',
    samples: ({ workers }) => [['', {}, workers]],
  },
  {
    name: 'cdbserve_worker_restarts',
    type: 'counter',
    help: 'Processes that took the place of one that died.',
    samples: ({ restarts }) => [['_total', {}, restarts]],
  },
  {
    name: 'cdbserve_log_records_dropped',
    type: 'counter',
    help: 'Answers without a line in the access log, because it was too slow.',
    samples: ({ totals, log }) => [['_total', {}, totals.dropped + BigInt(log.lost)]],
  },
  {
    name: 'cdbserve_log_records_damaged',
    type: 'counter',
    help: 'How often what a worker had left for the access log made no sense.',
    samples: ({ log }) => [['_total', {}, log.damaged]],
  },
  {
    name: 'cdbserve_archive',
    type: 'info',
    help: 'The archive in service.',
    samples: ({ digest, format }) => [
      ['_info', { digest: digest ?? '', format }, digest === undefined ? undefined : 1],
    ],
  },
  {
    name: 'cdbserve_archive_reloads',
    type: 'counter',
    help: 'Reloads that were asked for, and how they went.',
    samples: ({ reloads }) => [
      ['_total', { result: 'ok' }, reloads.ok],
      ['_total', { result: 'failed' }, reloads.failed],
    ],
  },
  {
    name: 'cdbserve_build',
    type: 'info',
    help: 'The program, and what runs it.',
    samples: ({ version, node }) => [['_info', { version, node }, 1]],
  },
  {
    name: 'process_cpu_seconds',
    type: 'counter',
    unit: 'seconds',
    help: 'Processor time of the supervisor.',
    samples: ({ process }) => [['_total', {}, process.cpuSeconds]],
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Resident memory of the supervisor.',
    samples: ({ process }) => [['', {}, process.residentBytes]],
  },
  {
    name: 'process_open_fds',
    type: 'gauge',
    help: 'Descriptors that the supervisor has open.',
    samples: ({ process }) => [['', {}, process.descriptors]],
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the supervisor began, since 1970-01-01.',
    samples: ({ process }) => [['', {}, process.startSeconds]],
  },
];

export function pageOf(figures: Figures): string {
  const lines = FAMILIES.flatMap((family) => linesOf(family, figures));
  return [...lines, '# EOF', ''].join('\n');
}

function linesOf({ name, type, unit, help, samples }: Family, figures: Figures): string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples(figures).flatMap(([suffix, labels, value]) =>
      value === undefined ? [] : [`${name}${suffix}${labelsText(labels)} ${value}`],
    ),
  ];
}

function labelsText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escape(String(value))}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Of one slot; what never was is no sample. */
function answersOf(answers: bigint, slot: number): readonly Sample[] {
  if (answers === 0n) return [];
  const code = STATUS_FIRST + Math.floor(slot / METHODS.length);
  return [['_total', { code, method: METHODS[slot % METHODS.length]! }, answers]];
}

function histogram({ durations, microseconds }: Totals): readonly Sample[] {
  let count = 0n;
  const buckets = durations.map((answers, index): Sample => {
    count += answers;
    const isLast = index === durations.length - 1;
    return ['_bucket', { le: isLast ? '+Inf' : bound(index) }, count];
  });
  return [...buckets, ['_sum', {}, seconds(microseconds)], ['_count', {}, count]];
}

/** In seconds, in the canonical form of OpenMetrics: as %g of C has it, but with all digits. */
function bound(index: number): string {
  const number = 2 ** (2 * index + 5) / 1e6;
  return number < 1e-4 ? number.toExponential().replace(/e-(\d)$/, 'e-0$1') : String(number);
}

const MICROSECONDS = 1_000_000n;

function seconds(microseconds: bigint): string {
  const rest = String(microseconds % MICROSECONDS).padStart(6, '0');
  return `${microseconds / MICROSECONDS}.${rest}`;
}
