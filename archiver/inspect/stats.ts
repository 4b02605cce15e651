// stats.ts: cdbinspect stats: where the bytes of an archive are.
import { EXIT } from '../../src/errors.ts';
import { CODING_IDENTITY, CODING_NAMES } from '../../src/format/layout.ts';
import type { Variant } from '../../src/format/route.ts';
import { HOST, JSON_OUT, hostGiven } from './options.ts';
import { codingName, contentOf, eachEntry, identityOf, typeOf } from '../reader.ts';
import type { Entry } from '../reader.ts';
import { fit } from '../terminal.ts';
import { GAP, count, json, line, plural, printable, size, table, widthsOf } from '../text.ts';
import type { SoundArchive } from '../verify.ts';
import type { Subcommand } from './subcommand.ts';

const LARGEST = 10;
const BAR_MIN = 8;
const BAR_MAX = 40;
const TYPE_MIN = 12;
const SIZE_COLUMNS = '1.00 GB'.length;

export const stats: Subcommand = {
  name: 'stats',
  operand: '',
  options: [JSON_OUT, HOST],
  help: 'bytes by type and by coding, what is shared, the largest',
  examples: ['cdbinspect stats site.cdb'],
  run({ archive, given, out }) {
    const found = measure(archive, hostGiven(archive, given));
    if (given.has('--json')) out.write(json(found));
    else out.write(toText(found, out.columns ?? 80));
    return EXIT.ok;
  },
};

interface Bodies {
  bodies: number;
  bytes: number;
}

interface TypeStats extends Bodies {
  /** Bytes of each body in the coding that most clients get. */
  smallestBytes: number;
  /** Bytes as they are stored, by coding. */
  readonly codings: Record<string, number>;
}

interface Stats {
  readonly archiveBytes: number;
  readonly codings: Record<string, Bodies>;
  readonly types: Record<string, TypeStats>;
  /** Of the site as it was packed, each counted, whatever it shares. */
  readonly files: Bodies;
  /** Paths that answer with a body, and the bytes they would take if each had its own. */
  readonly paths: Bodies;
  /** The same for each site by its host; '' is the default one. */
  readonly hosts: Record<string, Bodies>;
  /** Files of the site. */
  readonly largest: { key: string; bytes: number }[];
}

function measure(archive: SoundArchive, host: string | undefined): Stats {
  const found: Stats = {
    archiveBytes: archive.bytes.length,
    codings: {},
    // A type or a host may be named as what every object inherits.
    types: Object.create(null) as Record<string, TypeStats>,
    files: { bodies: 0, bytes: 0 },
    paths: { bodies: 0, bytes: 0 },
    hosts: Object.create(null) as Record<string, Bodies>,
    largest: [],
  };
  const seen = new Set<number>();
  for (const entry of eachEntry(archive, host)) {
    if (entry.route.file) addFile(archive, found, entry);
    if (entry.route.redirect) continue;
    for (const variant of entry.route.variants) addVariant(archive, found, seen, entry, variant);
    if (found.largest.length > LARGEST * LARGEST) keepLargest(found);
  }
  keepLargest(found);
  return found;
}

function addFile(archive: SoundArchive, { files, largest }: Stats, entry: Entry): void {
  const route = contentOf(archive, entry);
  if (!route) return;
  const bytes = identityOf(route).bodyBytes;
  files.bodies++;
  files.bytes += bytes;
  largest.push({ key: entry.key, bytes });
}

function keepLargest({ largest }: Stats): void {
  largest.sort((left, right) => right.bytes - left.bytes).splice(LARGEST);
}

function addVariant(
  archive: SoundArchive,
  found: Stats,
  seen: Set<number>,
  { host, route }: Entry,
  variant: Variant,
): void {
  const { bodyAt, bodyBytes, coding } = variant;
  for (const sum of [found.paths, (found.hosts[host] ??= { bodies: 0, bytes: 0 })]) {
    sum.bytes += bodyBytes;
    if (coding === CODING_IDENTITY) sum.bodies++;
  }
  if (seen.has(bodyAt)) return;
  seen.add(bodyAt);
  const total = (found.codings[codingName(variant)] ??= { bodies: 0, bytes: 0 });
  total.bodies++;
  total.bytes += bodyBytes;
  const type = typeStats(found, typeOf(archive, identityOf(route)).replace(/;.*/, ''));
  type.codings[codingName(variant)] = (type.codings[codingName(variant)] ?? 0) + bodyBytes;
  if (coding !== CODING_IDENTITY) return;
  type.bodies++;
  type.bytes += bodyBytes;
  type.smallestBytes += route.variants[0]!.bodyBytes;
}

function typeStats({ types }: Stats, name: string): TypeStats {
  return (types[name] ??= { bodies: 0, bytes: 0, smallestBytes: 0, codings: {} });
}

function toText(found: Stats, columns: number): string {
  const { bodies, bytes } = found.paths;
  const stored = Object.values(found.codings).reduce((sum, coding) => sum + coding.bytes, 0);
  const { files } = found;
  const own = found.codings['identity'] ?? { bodies: 0, bytes: 0 };
  return [
    'by type: bodies and their bytes; the bar: # what clients get, . what coding saves\n',
    ...typeLines(found, columns),
    '\nby coding\n',
    table(codingRows(found), [1, 2]),
    '\nshared\n',
    `${plural(files.bodies, 'file')} of ${size(files.bytes)}: `,
    `${plural(own.bodies, 'body', 'bodies')} of ${size(own.bytes)}\n`,
    `${plural(bodies, 'path')} of ${size(bytes)} in all codings: ${size(stored)} stored; `,
    `the archive is ${size(found.archiveBytes)}\n`,
    ...hostLines(found),
    '\nlargest files\n',
    table(
      found.largest.map(({ key, bytes: each }) => [
        size(each).padStart(SIZE_COLUMNS),
        fit(printable(key), columns - SIZE_COLUMNS - GAP.length),
      ]),
    ),
  ].join('');
}

/** Columns of bodies, of bytes by coding, and what is left of the line for the bar. */
function typeLines(found: Stats, columns: number): string[] {
  const names = CODING_NAMES.filter((name) => found.codings[name]);
  const types = Object.entries(found.types).sort((left, right) => right[1].bytes - left[1].bytes);
  const rows = types.map(([name, { bodies, codings }]) => [
    printable(name),
    count(bodies),
    ...names.map((coding) => (codings[coding] === undefined ? '-' : size(codings[coding]))),
  ]);
  const heading = ['', '', ...names];
  const [widest = 0, ...others] = widthsOf([heading, ...rows]);
  const rest = others.reduce((left, width) => left - width - GAP.length, columns - GAP.length);
  const typeColumns = Math.max(TYPE_MIN, Math.min(widest, rest - BAR_MIN));
  const barColumns = Math.max(BAR_MIN, Math.min(BAR_MAX, rest - typeColumns));
  const right = heading.map((_, at) => at).slice(1, heading.length);
  const draw = ([name, ...cells]: readonly string[], bar: string) =>
    `${line([fit(name!, typeColumns), ...cells, bar], [typeColumns, ...others, 0], right)}\n`;
  const most = types[0]?.[1].bytes ?? 0;
  return [
    draw(heading, ''),
    ...rows.map((row, at) => draw(row, barOf(types[at]![1], most, barColumns))),
  ];
}

function codingRows({ codings }: Stats): string[][] {
  return CODING_NAMES.flatMap((name) => {
    const total = codings[name];
    return total ? [[name, count(total.bodies), size(total.bytes)]] : [];
  });
}

/** Nothing where the default site is the only one. */
function hostLines({ hosts }: Stats): string[] {
  const names = Object.keys(hosts);
  if (names.every((name) => name === '')) return [];
  const rows = names.map((name) => {
    const { bodies, bytes } = hosts[name]!;
    return [name === '' ? '(default)' : name, count(bodies), size(bytes)];
  });
  return ['\nby host: paths, and their bytes in all codings\n', table(rows, [1, 2])];
}

/** As long as the share of the largest type; some of it for the smallest. */
function barOf({ bytes, smallestBytes }: TypeStats, most: number, columns: number): string {
  const length = (part: number) => (most === 0 ? 0 : Math.ceil((columns * part) / most));
  return '#'.repeat(length(smallestBytes)).padEnd(length(bytes), '.');
}
