// limits_page.ts: docs/limits.md, from src/limits.ts, the options, the rows and the memory bound.
import { LIMITS } from '../../src/limit_options.ts';
import * as limits from '../../src/limits.ts';
import { memoryBound, shares } from './bound.ts';
import { CONNECTIONS, type LimitRow, REQUEST } from './limit_rows.ts';
import { ACCESS_LOG, ARCHIVES, MEMORY } from './limit_rows_worker.ts';

export const ROWS: readonly LimitRow[] = [
  ...REQUEST,
  ...CONNECTIONS,
  ...ARCHIVES,
  ...ACCESS_LOG,
  ...MEMORY,
];

/** Ends of ranges, which are no limits by themselves. */
export const RANGES: readonly (keyof typeof limits)[] = [
  'REQUEST_LINE_BYTES_LEAST',
  'HEADER_SECTION_BYTES_LEAST',
  'HEADER_SECTION_BYTES_TOP',
  'HEADER_FIELDS_TOP',
  'SEND_RATE_MIN_TOP',
  'TIMEOUT_MS_MIN',
  'TIMEOUT_MS_MAX',
];

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_MS(_|$)/, ' ms'],
  [/_BYTES(_|$)/, ' bytes'],
  [/_RATE_/, ' bytes a second'],
];

const shown = (number: number): string => number.toLocaleString('en-US');

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
  return [line(heads), `|${heads.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

const HEADS = [
  'limit',
  'what it bounds',
  'default',
  'option, range',
  'who reaches it',
  'what happens then',
  'test',
];

function cellsOf({ limit, bounds, option, who, outcome, test }: LimitRow): readonly string[] {
  const found = LIMITS.find(({ flag }) => flag === option);
  const number = limit.startsWith('--') ? undefined : limits[limit as keyof typeof limits];
  const unit = UNITS.find(([name]) => name.test(limit))?.[1] ?? '';
  const value = number === undefined ? '' : `${shown(number)}${unit}`;
  const range = found === undefined ? '' : `, ${shown(found.least)} to ${shown(found.most)}`;
  const changed = option === undefined ? '' : `\`${option}\`${range}`;
  return [`\`${limit}\``, bounds, found?.shown ?? value, changed, who, outcome, `\`${test[0]}\``];
}

const rowsOf = (rows: readonly LimitRow[]): string => table(HEADS, rows.map(cellsOf));

function memory(): string {
  const rows = shares(limits.CONNECTIONS_MAX).map(({ name, each, count }) => [
    name,
    shown(each),
    shown(count),
    shown(each * count),
  ]);
  const all = ['all', '', '', shown(memoryBound(limits.CONNECTIONS_MAX))];
  const most = shown(limits.CONNECTIONS_MAX);
  return table(['part', 'bytes of one', `how many with N = ${most}`, 'bytes'], [...rows, all]);
}

export function limitsPage(): string {
  const spare = limits.CONNECTIONS_SPARE;
  return `# Limits

What bounds the work and the memory that a stranger can ask for. This page is made by
\`test/limits.test.ts\` from \`src/limits.ts\`, \`src/limit_options.ts\` and the rows of
\`test/support/limit_rows.ts\`; each row names the test that goes up to the limit and past it.

*Anybody* is whoever can connect. An option changes the default, within its range. What has none
is fixed: the size of a table that is made before anybody is served, which costs others a turn
and not an answer, or a pause that nobody waits for. The request line can be made shorter and
not longer, because paths, Locations and lines of the log have tables of its size; the field
lines can be longer, as far as a whole head fits \`INPUT_BYTES_MAX\`.

## A request

${rowsOf(REQUEST)}

A body is never read as anything: it counts as what is sent after an answer that closes. What
the kernel takes of an answer it takes in pieces, a part of its buffer at a time: a client that
is a little faster than \`--min-send-rate\` may be cut off all the same when a piece is longer
than it reads in the write time-out.

## Connections

${rowsOf(CONNECTIONS)}

Without an option connections are as many as the hard limit of open files less
${limits.DESCRIPTORS_RESERVED}, at most ${shown(limits.CONNECTIONS_MAX)}. Each worker has its
share, and counts addresses for itself: an address can have up to N times the workers, and with
N or fewer it is never refused. Whoever is refused has its 503, lingers, and is the first to go
at the limit of all.

## Archives

${rowsOf(ARCHIVES)}

Two archives at most are in memory, each as long as anybody serves it: a further reload waits
until the one before the present one is gone, for \`--drain-wait\` and \`--drain-timeout\` at
most. Its tables, twelve bytes a record, are in the memory of who verifies it, which
\`WORKER_DATA_BYTES_MAX\` bounds as that of a worker; more are a refusal.

## Access log

${rowsOf(ACCESS_LOG)}

## Memory of a worker

${rowsOf(MEMORY)}

A worker owns no more than this, whatever its clients do. *N* is its share of the connections.

> runtime + inbox + scratch + event rows + outbox rows + (N + ${spare}) × (connection row + address)
> + the next power of two above N + ${spare} × bucket
> + min(N + ${spare}, ${shown(limits.CARRY_BLOCKS)}) × carry block
> + min(N + ${spare}, ${shown(limits.PENDING_BLOCKS)}) × pending block

${memory()}

Memory is taken when it is first used, and kept: a block is used again, not given back to the
system. \`test/wire/held.test.ts\` measures what a connection costs.

Not the worker's own, and not in it: the program and its libraries, the archive (one sealed copy
for all workers), the journal (24,576 bytes of counters and, with an access log, the records;
the supervisor's too), and what the kernel holds of a connection: received and not read up to
\`net.ipv4.tcp_rmem\`, sent and not acknowledged up to \`net.ipv4.tcp_wmem\`, for all
connections together \`net.ipv4.tcp_mem\`. A client that asks for a large file and does not read
costs the kernel megabytes until the write time-out, which holds for the kernel too
(TCP_USER_TIMEOUT); a worker only its pending block. Who takes \`--min-send-rate\` is served on:
what bounds such clients is the number of connections.
`;
}
