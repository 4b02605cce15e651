// list.ts: cdbinspect list: every path of the archive and what it answers.
//
// An archive may have millions of paths: they are gone through twice, first for the widths of the
// columns, and none is kept.
import { EXIT } from '../../src/errors.ts';
import { CODING_IDENTITY, CODING_NAMES } from '../../src/format/layout.ts';
import { pipeLines } from '../pipe.ts';
import { codingName, eachEntry, fieldOf, identityOf, typeOf } from '../reader.ts';
import type { Entry } from '../reader.ts';
import { fit } from '../terminal.ts';
import { GAP, json, line, printable, widthsOf } from '../text.ts';
import type { SoundArchive } from '../verify.ts';
import type { Request, Subcommand } from '../inspect.ts';
import { HOST, JSON_OUT, hostGiven } from './options.ts';
import { makeFilter } from './pattern.ts';

/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80;
const PATH_COLUMNS = 20;
const TYPE_COLUMNS = 26;

export const list: Subcommand = {
  name: 'list',
  operand: '[PATTERN]',
  options: [JSON_OUT, HOST],
  help: 'every path, its status, bytes by coding and type',
  examples: [
    'cdbinspect list site.cdb',
    'cdbinspect list site.cdb /docs/',
    "cdbinspect list site.cdb '*.html' --json | jq -r .key",
  ],
  async run(request) {
    const entries = () => chosen(request);
    const { archive, given, out } = request;
    await pipeLines(
      out,
      given.has('--json') ? objects(archive, entries()) : rows(request, entries),
    );
    return EXIT.ok;
  },
};

function* chosen({ archive, operand, given }: Request): Generator<Entry> {
  const isMeant = makeFilter(operand);
  for (const entry of eachEntry(archive, hostGiven(archive, given))) {
    if (isMeant(entry)) yield entry;
  }
}

function* objects(archive: SoundArchive, entries: Iterable<Entry>): Generator<string> {
  for (const entry of entries) {
    const { key, host, route } = entry;
    const { status, redirect, file, modified } = route;
    const location = redirect ? fieldOf(archive, identityOf(route), 'Location') : undefined;
    const type = redirect ? undefined : typeOf(archive, identityOf(route));
    const time = modified === 0 ? undefined : new Date(modified * 1000).toISOString();
    const bytes = Object.fromEntries(
      route.variants.map((variant) => [codingName(variant), variant.bodyBytes]),
    );
    const path = Buffer.from(entry.path).toString();
    yield json({ key, host, path, status, file, type, location, modified: time, bytes });
  }
}

/** On a terminal a heading, and lines that fit. */
function* rows({ archive, out }: Request, entries: () => Iterable<Entry>): Generator<string> {
  const codings = CODING_NAMES.filter((name, coding) => {
    return coding === CODING_IDENTITY || archive.manifest.codings.includes(name);
  });
  const numbers = codings.map((_, at) => at + 1);
  const heading = ['', ...codings, 'type'];
  const cells = (entry: Entry) => cellsOf(archive, entry, codings, out.isTTY === true);
  const widths = widthsOf(mapped(entries(), cells, out.isTTY ? [heading] : []));
  const room = out.isTTY ? roomFor(widths, out.columns ?? COLUMNS) : Infinity;
  // A terminal too narrow for all of it does without the type.
  const kept = room < PATH_COLUMNS ? widths.slice(0, -1) : widths;
  const left = room < PATH_COLUMNS ? room + widths.at(-1)! + GAP.length : room;
  const draw = (row: readonly string[], path: string) => {
    const whole = [...row.slice(0, kept.length), fit(path, Math.max(left, PATH_COLUMNS))];
    return `${line(whole, [...kept, 0], numbers)}\n`;
  };
  if (out.isTTY) yield draw(heading, 'path');
  for (const entry of entries()) yield draw(cells(entry), pathCell(archive, entry));
}

function* mapped<Item>(
  items: Iterable<Item>,
  change: (item: Item) => readonly string[],
  first: readonly (readonly string[])[],
): Generator<readonly string[]> {
  yield* first;
  for (const item of items) yield change(item);
}

/** What is left of a line beside columns of these widths. */
function roomFor(widths: readonly number[], columns: number): number {
  return widths.reduce((left, width) => left - width - GAP.length, columns);
}

function cellsOf(
  archive: SoundArchive,
  { route }: Entry,
  codings: readonly string[],
  short: boolean,
): string[] {
  const bytes = codings.map((name) => {
    const variant = route.variants.find((candidate) => codingName(candidate) === name);
    return variant === undefined || route.redirect ? '-' : String(variant.bodyBytes);
  });
  const type = route.redirect ? '-' : typeOf(archive, identityOf(route));
  const shown = short ? fit(type.replace(/;.*/, ''), TYPE_COLUMNS) : type;
  return [String(route.status), ...bytes, printable(shown)];
}

function pathCell(archive: SoundArchive, { key, route }: Entry): string {
  if (!route.redirect) return printable(key);
  return printable(`${key} -> ${fieldOf(archive, identityOf(route), 'Location')}`);
}
