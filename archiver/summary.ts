// summary.ts: what cdbpack tells at its end, for people and for programs. Pure.
import { cacheControl } from './caching.ts';
import type { CodingTotal } from './fill.ts';
import type { Slow } from './follow.ts';
import { editedType } from './headers.ts';
import { mediaType } from './media.ts';
import type { Plan } from './plan.ts';
import { HeaderRules } from './rules/header_rules.ts';
import type { Edits } from './rules/header_rules.ts';
import type { RuleAnswer } from './rules/redirect_answers.ts';
import type { TableRule } from './rules/rule_table.ts';
import { patternText } from './rules/text.ts';
import { nameIn } from './site.ts';
import type { SiteFile, Warning } from './site.ts';
import { keyPrefix } from './target.ts';
import { count, plural, printable, size, table } from './text.ts';
import type { WriteReport } from './write.ts';

export interface Packed {
  readonly out: string;
  readonly report: WriteReport;
  readonly warnings: readonly Warning[];
  readonly slowest: readonly Slow[];
  /** From the first look at the site to the archive in its place. */
  readonly seconds: number;
}

const NO_RULES = new HeaderRules([]);

export function summaryText({ out, report, warnings, slowest, seconds }: Packed): string {
  const { manifest, archiveBytes, siteBytes, duplicates, cache } = report;
  const cacheRow = ['from the cache', count(cache.found), `of ${plural(cache.asked, 'coding')}`];
  const rows = [
    ['files', count(report.codings[0]!.files), size(siteBytes)],
    ['routes', count(manifest.routes), ''],
    ...(manifest.hosts.length > 0 ? [['hosts', count(manifest.hosts.length), '']] : []),
    ...codingRows(report.codings),
    ['duplicates', count(duplicates.files), `${size(duplicates.bytes)} stored once`],
    ...(cache.asked > 0 ? [cacheRow] : []),
    ['warnings', count(warnings.length), ''],
  ];
  const rate = size(siteBytes / Math.max(seconds, 0.001));
  return [
    `${printable(out)}: ${size(archiveBytes)}, packed in ${seconds.toFixed(1)} s (${rate}/s)\n`,
    table(
      rows.map((row) => ['', ...row]),
      [2],
    ),
    ...slowLines(slowest),
  ].join('');
}

function slowLines(slowest: readonly Slow[]): string[] {
  if (slowest.length === 0) return [];
  const rows = slowest.map(({ path, bytes, seconds }) => {
    return ['', `${seconds.toFixed(1)} s`, size(bytes), printable(path)];
  });
  return ['slowest files\n', table(rows, [1, 2])];
}

/** A coding's share is of the bodies that are stored in it, not of what it is not tried on. */
function codingRows(codings: readonly CodingTotal[]): string[][] {
  return codings
    .filter(({ name, files }) => files > 0 || name === 'identity')
    .map(({ name, files, bytes, identityBytes }) => {
      const share = identityBytes === 0 ? 0 : (100 * bytes) / identityBytes;
      const note = name === 'identity' ? '' : `, ${share.toFixed(1)} % of ${size(identityBytes)}`;
      return [name, count(files), `${size(bytes)}${note}`];
    });
}

export function summaryJson({ out, report, warnings, slowest, seconds }: Packed): string {
  const { manifest, archiveBytes, siteBytes, duplicates, cache, codings } = report;
  const { digest, format, files, routes, fallbacks, rewrites, bodies, heads } = manifest;
  const { defaultSite, hosts } = manifest;
  const facts = { out, archiveBytes, digest, format, files, siteBytes, defaultSite, hosts };
  const used = codings.filter((coding) => coding.files > 0);
  const answers = { routes, fallbacks, rewrites };
  const stored = { bodies, heads, codings: used, duplicates, cache };
  return `${JSON.stringify({ ...facts, ...answers, ...stored, warnings, slowest, seconds })}\n`;
}

export function planText(plan: Plan, warnings: readonly Warning[], headers = NO_RULES): string {
  const { redirects } = plan;
  const rows = [...plan.routes].map((route) =>
    route.kind === 'file'
      ? [
          '200',
          printable(route.key),
          shown(route.file),
          ...facts(route.file, headers.forKey(route.key)),
        ]
      : ['308', printable(route.key), `to ${printable(route.to)}`],
  );
  const ruled = redirects.routes.map(({ key, answer }) => answerRow(printable(key), answer));
  const tabled = redirects.tables.flatMap(({ host, rules }) =>
    rules.map((rule) => answerRow(shownPattern(host, rule), rule.answer)),
  );
  const fallbacks = plan.fallbacks.map(({ folder, file }) => [
    '404',
    `${printable(folder)}*`,
    shown(file),
    facts(file, headers.forFolder(folder))[0],
  ]);
  const rewrites = plan.rewrites.map(({ folder, file }) => [
    '200',
    `${printable(folder)}*`,
    shown(file),
    ...facts(file, headers.forFolder(folder)),
  ]);
  const parts = [
    plural(plan.files.length, 'file'),
    size(plan.files.totalBytes),
    plural(plan.routes.length + redirects.routes.length, 'route'),
    ...(plan.hosts.length > 0 ? [plural(plan.hosts.length, 'host')] : []),
    plural(warnings.length, 'warning'),
  ];
  return `${table([...rows, ...ruled, ...tabled, ...fallbacks, ...rewrites])}${parts.join(', ')}\n`;
}

export function planJson(plan: Plan, warnings: readonly Warning[], headers = NO_RULES): string {
  const routes = [...plan.routes].map((route) => {
    if (route.kind === 'redirect') return { key: route.key, status: 308, location: route.to };
    const [type, cache] = facts(route.file, headers.forKey(route.key));
    const { site, path } = route.file;
    return { key: route.key, status: 200, file: nameIn(site, path), type, cacheControl: cache };
  });
  const { redirects } = plan;
  const ruled = redirects.routes.map(({ key, answer }) => ({ key, ...shownAnswer(answer) }));
  const rules = redirects.tables.flatMap((table) =>
    table.rules.map(({ rule: { from, status, line }, answer }) => {
      const path = patternText(from.segments, from.splat);
      return { host: table.host, path, line, status, ...(answer && shownAnswer(answer)) };
    }),
  );
  const [fallbacks, rewrites] = [plan.fallbacks, plan.rewrites].map((list) =>
    list.map(({ folder, file }) => ({ folder, file: nameIn(file.site, file.path) })),
  );
  const { defaultSite, hosts } = plan;
  const sites = { files: plan.files.length, defaultSite, hosts };
  const all = [...routes, ...ruled];
  return `${JSON.stringify({ ...sites, routes: all, rules, fallbacks, rewrites, warnings })}\n`;
}

function answerRow(path: string, answer: RuleAnswer | undefined): string[] {
  if (answer?.kind === 'file') return [String(answer.status), path, shown(answer.file)];
  if (answer === undefined) return ['200', path, 'another path of the site'];
  const to = answer.before === '' ? 'a Location of captures' : answer.before + answer.after;
  return [String(answer.status), path, `to ${printable(to)}`];
}

function shownAnswer(answer: RuleAnswer): object {
  const { status } = answer;
  if (answer.kind === 'redirect') return { status, location: answer.before + answer.after };
  return { status, file: nameIn(answer.file.site, answer.file.path) };
}

function shownPattern(host: string, { rule: { from } }: TableRule): string {
  return printable(keyPrefix(host) + patternText(from.segments, from.splat));
}

function shown({ site, path }: SiteFile): string {
  return printable(nameIn(site, path));
}

/** What the rules of the site make of both. */
function facts({ path }: SiteFile, edits: Edits): [type: string, cacheControl: string] {
  const cache = edits.get('cache-control')?.values.join(', ') ?? cacheControl(path);
  return [editedType(edits, mediaType(path)), cache];
}
