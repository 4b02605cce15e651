// list.ts: cdbinspect list: every path of the archive and what it answers.
//
// An archive may have millions of paths: they are gone through twice, first for the widths of the
// columns, and none is kept.
import { EXIT } from '../../src/errors.ts';
import { CODING_IDENTITY, CODING_NAMES } from '../../src/format/layout.ts';
import type { Route } from '../../src/format/route.ts';
import { pipeLines } from '../pipe.ts';
import { codingName, eachEntry, fieldOf, identityOf, typeOf } from '../reader.ts';
import type { Entry } from '../reader.ts';
import { fit } from '../terminal.ts';
import { GAP, json, line, printable, widthsOf } from '../text.ts';
import type { SoundArchive } from '../verify.ts';
import type { Request, Subcommand } from './subcommand.ts';
import { HOST, JSON_OUT, hostGiven } from './options.ts';
import { makeFilter } from './pattern.ts';
import { eachRule } from './rules.ts';
import type { ShownRule } from './rules.ts';

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
    const listed = () => chosen(request);
    const { archive, given, out } = request;
    await pipeLines(out, given.has('--json') ? objects(archive, listed()) : rows(request, listed));
    return EXIT.ok;
  },
};

/** A path, or a rule for many. */
type Listed = Entry | ShownRule;

function* chosen({ archive, operand, given }: Request): Generator<Listed> {
  const isMeant = makeFilter(operand);
  const host = hostGiven(archive, given);
  for (const entry of eachEntry(archive, host)) if (isMeant(entry)) yield entry;
  for (const rule of eachRule(archive, host)) if (isMeant(rule)) yield rule;
}

function* objects(archive: SoundArchive, listed: Iterable<Listed>): Generator<string> {
  for (const item of listed)
    yield json('path' in item ? ofEntry(archive, item) : ofRule(archive, item));
}

function ofEntry(archive: SoundArchive, { key, host, path, route }: Entry) {
  const { status, redirect, file, modified } = route;
  const location = redirect ? fieldOf(archive, identityOf(route), 'Location') : undefined;
  const type = redirect ? undefined : typeOf(archive, identityOf(route));
  const time = modified === 0 ? undefined : new Date(modified * 1000).toISOString();
  const below = Buffer.from(path).toString();
  const bytes = bytesOf(route);
  return { key, host, path: below, status, file, type, location, modified: time, bytes };
}

function ofRule(archive: SoundArchive, { key, host, status, to, route }: ShownRule) {
  if (!route || route.redirect) return { key, host, rule: true, status, location: to };
  const type = typeOf(archive, identityOf(route));
  return { key, host, rule: true, status, type, bytes: bytesOf(route) };
}

function bytesOf({ variants }: Route): Record<string, number> {
  return Object.fromEntries(variants.map((variant) => [codingName(variant), variant.bodyBytes]));
}

/** On a terminal a heading, and lines that fit. */
function* rows({ archive, out }: Request, entries: () => Iterable<Listed>): Generator<string> {
  const codings = CODING_NAMES.filter((name, coding) => {
    return coding === CODING_IDENTITY || archive.manifest.codings.includes(name);
  });
  const numbers = codings.map((_, at) => at + 1);
  const heading = ['', ...codings, 'type'];
  const cells = (entry: Listed) => cellsOf(archive, entry, codings, out.isTTY === true);
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
  listed: Listed,
  codings: readonly string[],
  short: boolean,
): string[] {
  const { route } = listed;
  const content = route && !route.redirect ? route : undefined;
  const bytes = codings.map((name) => {
    const variant = content?.variants.find((candidate) => codingName(candidate) === name);
    return variant === undefined ? '-' : String(variant.bodyBytes);
  });
  const type = content ? typeOf(archive, identityOf(content)) : '-';
  const shown = short ? fit(type.replace(/;.*/, ''), TYPE_COLUMNS) : type;
  const status = 'path' in listed ? listed.route.status : listed.status;
  return [String(status), ...bytes, printable(shown)];
}

function pathCell(archive: SoundArchive, listed: Listed): string {
  const { key } = listed;
  if ('to' in listed) return printable(listed.to === undefined ? key : `${key} -> ${listed.to}`);
  if (!listed.route.redirect) return printable(key);
  return printable(`${key} -> ${fieldOf(archive, identityOf(listed.route), 'Location')}`);
}
