// diff.ts: cdbinspect diff: what a client would get otherwise from another archive.
//
// Bodies and header blocks are told apart by the digests in their keys; no path is kept in memory.
import { EXIT } from '../../src/errors.ts';
import { KEY_DIGEST_BYTES, KEY_RULES } from '../../src/format/layout.ts';
import type { Route, Variant } from '../../src/format/route.ts';
import { pipeLines } from '../pipe.ts';
import { codingName, eachEntry, entryAt, headOf, identityOf } from '../reader.ts';
import { count, json, printable } from '../text.ts';
import { keyPrefix } from '../target.ts';
import type { SoundArchive } from '../verify.ts';
import type { Request, Subcommand } from './subcommand.ts';
import { eachRule, ruleLine } from './rules.ts';
import { HOST, JSON_OUT, hostGiven } from './options.ts';

/** Of what is at a key in both archives, the first that differs. */
const MARKS = {
  removed: '-',
  added: '+',
  bytes: '*',
  headers: 'h',
  codings: 'c',
  rules: 'r',
} as const;

interface Difference {
  readonly key: string;
  readonly change: keyof typeof MARKS;
  /** Lengths of the body. */
  readonly bytes?: { readonly before: number; readonly after: number };
  /** Header lines that the one has alone. */
  readonly headers?: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** Names of those that differ. */
  readonly codings?: readonly string[];
  /** Lines of a table that the one has alone; none: they stand in another order. */
  readonly rules?: { readonly before: readonly string[]; readonly after: readonly string[] };
}

const DIGEST_BYTES = KEY_DIGEST_BYTES - 1;

export const diff: Subcommand = {
  name: 'diff',
  operand: 'OTHER',
  options: [
    {
      flag: '--ignore',
      value: 'FIELD',
      repeatable: true,
      help: 'a header field that may differ, such as Last-Modified',
    },
    JSON_OUT,
    HOST,
  ],
  help: 'what OTHER answers otherwise; exit code 1 when it does',
  examples: [
    'cdbinspect diff old.cdb new.cdb --ignore Last-Modified',
    'cdbinspect diff old.cdb new.cdb --json | jq -r \'select(.change == "removed").key\'',
  ],
  async run(request) {
    const { given, open, operand, out } = request;
    const other = open(operand);
    const toText = given.has('--json') ? json : lineOf;
    let found = 0;
    const lines = function* () {
      for (const difference of differences(request, other)) {
        found++;
        yield toText(difference);
      }
    };
    await pipeLines(out, lines());
    return found > 0 ? EXIT.failure : EXIT.ok;
  },
};

function* differences({ archive, given }: Request, other: SoundArchive): Generator<Difference> {
  const host = hostGiven(archive, given);
  const ignored = new Set(given.values('--ignore').map((name) => name.toLowerCase()));
  if (host === undefined) yield* siteDifferences(archive, other);
  for (const { key, route } of eachEntry(archive, host)) {
    const found = entryAt(other, key);
    if (!found) yield { key, change: 'removed' };
    else {
      const difference = routeDifference(archive, route, other, found.route, ignored);
      if (difference) yield { key, ...difference };
    }
  }
  for (const { key } of eachEntry(other, host)) {
    if (!entryAt(archive, key)) yield { key, change: 'added' };
  }
  yield* ruleDifferences(archive, other, host);
}

function* ruleDifferences(
  archive: SoundArchive,
  other: SoundArchive,
  only: string | undefined,
): Generator<Difference> {
  const hosts = new Set(['', ...archive.manifest.hosts, ...other.manifest.hosts]);
  for (const host of only === undefined ? hosts : [only]) {
    const [before, after] = [archive, other].map((each) => {
      return [...eachRule(each, host)].map((rule) => ruleLine(each, rule));
    });
    if (before!.join('\n') === after!.join('\n')) continue;
    const gone = before!.filter((line) => !after!.includes(line));
    const come = after!.filter((line) => !before!.includes(line));
    const key = KEY_RULES + keyPrefix(host);
    yield { key, change: 'rules', rules: { before: gone, after: come } };
  }
}

/** Sites that only one of them has, under the keys of their marks; '@' is the default site. */
function* siteDifferences(archive: SoundArchive, other: SoundArchive): Generator<Difference> {
  const [before, after] = [archive, other].map(({ manifest }) => {
    const { defaultSite, hosts } = manifest;
    return [...(defaultSite ? [''] : []), ...hosts].map((host) => `@${host}`);
  });
  for (const key of before!) if (!after!.includes(key)) yield { key, change: 'removed' };
  for (const key of after!) if (!before!.includes(key)) yield { key, change: 'added' };
}

function routeDifference(
  archive: SoundArchive,
  route: Route,
  other: SoundArchive,
  otherRoute: Route,
  ignored: ReadonlySet<string>,
): Omit<Difference, 'key'> | undefined {
  const [one, two] = [identityOf(route), identityOf(otherRoute)];
  if (!route.redirect && !otherRoute.redirect && !hasSameBody(archive, one, other, two)) {
    return { change: 'bytes', bytes: { before: one.bodyBytes, after: two.bodyBytes } };
  }
  const [before, after] = [linesOf(archive, one, ignored), linesOf(other, two, ignored)];
  const gone = before.filter((line) => !after.includes(line));
  const come = after.filter((line) => !before.includes(line));
  if (gone.length + come.length > 0) {
    return { change: 'headers', headers: { before: gone, after: come } };
  }
  const codings = codingDifferences(archive, route, other, otherRoute);
  return codings.length > 0 ? { change: 'codings', codings } : undefined;
}

function codingDifferences(
  archive: SoundArchive,
  { variants }: Route,
  other: SoundArchive,
  { variants: others }: Route,
): string[] {
  const names = new Set([...variants, ...others].map(codingName));
  return [...names].filter((name) => {
    const one = variants.find((variant) => codingName(variant) === name);
    const two = others.find((variant) => codingName(variant) === name);
    if (!one || !two) return true;
    return name !== 'identity' && !hasSameBody(archive, one, other, two);
  });
}

/** The digest in a body's key stands right before the body. */
function hasSameBody(
  { bytes }: SoundArchive,
  { bodyAt: at }: Variant,
  { bytes: others }: SoundArchive,
  { bodyAt: otherAt }: Variant,
): boolean {
  const digest = bytes.subarray(at - DIGEST_BYTES, at);
  return Buffer.compare(digest, others.subarray(otherAt - DIGEST_BYTES, otherAt)) === 0;
}

function linesOf(
  archive: SoundArchive,
  variant: Variant,
  ignored: ReadonlySet<string>,
): readonly string[] {
  const lines = headOf(archive, variant).split('\r\n');
  return lines.filter((line) => !ignored.has(line.slice(0, line.indexOf(':')).toLowerCase()));
}

function lineOf({ key, change, bytes, headers, codings, rules }: Difference): string {
  const { before = [], after = [] } = headers ?? rules ?? {};
  const moved = rules !== undefined && before.length + after.length === 0;
  const facts = [
    ...(bytes ? [`${count(bytes.before)} -> ${count(bytes.after)} bytes`] : []),
    ...(codings ? [codings.join(', ')] : []),
    ...(moved ? ['in another order'] : []),
  ];
  const lines = [
    [MARKS[change], printable(key), ...facts].join('  '),
    ...before.map((line) => `     - ${printable(line)}`),
    ...after.map((line) => `     + ${printable(line)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
