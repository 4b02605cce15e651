// stats.ts: cdbinspect stats: where the bytes of an archive are.
import { EXIT } from '../../src/errors.ts';
import { CODING_IDENTITY, CODING_NAMES } from '../../src/format/layout.ts';
import type { Variant } from '../../src/format/route.ts';
import { HOST, hostGiven } from './host.ts';
import { codingName, entriesOf, fieldOf } from '../reader.ts';
import type { Entry } from '../reader.ts';
import { count, plural, printable, size, table } from '../text.ts';
import type { SoundArchive } from '../verify.ts';
import type { Subcommand } from '../inspect.ts';

const LARGEST = 10;
const BAR_MAX = 40;

export const stats: Subcommand = {
  name: 'stats',
  operand: '',
  options: [{ flag: '--json', help: 'print JSON' }, HOST],
  help: 'bytes by type and by coding, what is shared, the largest',
  examples: ['cdbinspect stats site.cdb'],
  run({ archive, given, out }) {
    const found = measure(archive, hostGiven(archive, given));
    if (given.has('--json')) out.write(`${JSON.stringify(found)}\n`);
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
}

interface Stats {
  readonly archiveBytes: number;
  readonly codings: Record<string, Bodies>;
  readonly types: Record<string, TypeStats>;
  /** Paths that answer with a body, and the bytes they would take if each had its own. */
  readonly paths: Bodies;
  /** The same for each site by its host; '' is the default one. */
  readonly hosts: Record<string, Bodies>;
  readonly largest: { key: string; bytes: number }[];
}

function measure(archive: SoundArchive, host: string | undefined): Stats {
  const found: Stats = {
    archiveBytes: archive.bytes.length,
    codings: {},
    types: {},
    paths: { bodies: 0, bytes: 0 },
    // A host may be named as what every object inherits.
    hosts: Object.create(null) as Record<string, Bodies>,
    largest: [],
  };
  const seen = new Set<number>();
  for (const entry of entriesOf(archive, host)) {
    if (entry.route.redirect) continue;
    for (const variant of entry.route.variants) addVariant(archive, found, seen, entry, variant);
  }
  found.largest.sort((left, right) => right.bytes - left.bytes);
  found.largest.splice(LARGEST);
  return found;
}

function addVariant(
  archive: SoundArchive,
  found: Stats,
  seen: Set<number>,
  { key, host, route }: Entry,
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
  if (coding !== CODING_IDENTITY) return;
  const name = fieldOf(archive, variant, 'Content-Type').replace(/;.*/, '');
  const type = (found.types[name] ??= { bodies: 0, bytes: 0, smallestBytes: 0 });
  type.bodies++;
  type.bytes += bodyBytes;
  type.smallestBytes += route.variants[0]!.bodyBytes;
  found.largest.push({ key, bytes: bodyBytes });
}

function toText(found: Stats, columns: number): string {
  const types = Object.entries(found.types).sort((left, right) => right[1].bytes - left[1].bytes);
  const stored = Object.values(found.codings).reduce((sum, { bytes }) => sum + bytes, 0);
  const codings = CODING_NAMES.flatMap((name) => {
    const total = found.codings[name];
    return total ? [[name, count(total.bodies), size(total.bytes)]] : [];
  });
  const { bodies, bytes } = found.paths;
  return [
    'bodies and bytes by type; the bar is what clients get of it, dots what coding saves\n',
    table(
      types.map(([name, type]) => [
        name,
        count(type.bodies),
        size(type.bytes),
        bar(type, types[0]![1].bytes, columns),
      ]),
      [1, 2],
    ),
    '\nby coding\n',
    table(codings, [1, 2]),
    `\n${plural(bodies, 'path')} with ${size(bytes)} in all codings share ${size(stored)}; `,
    `the archive is ${size(found.archiveBytes)}\n`,
    ...hostLines(found),
    '\nlargest\n',
    table(
      found.largest.map((body) => [size(body.bytes), printable(body.key)]),
      [0],
    ),
  ].join('');
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

function bar({ bytes, smallestBytes }: TypeStats, most: number, columns: number): string {
  const width = Math.max(8, Math.min(BAR_MAX, columns - 50));
  const length = (part: number) => (most === 0 ? 0 : Math.ceil((width * part) / most));
  return '#'.repeat(length(smallestBytes)).padEnd(length(bytes), '.');
}
