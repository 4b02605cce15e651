// pack.ts: cdbpack from arguments to exit code.
import { performance } from 'node:perf_hooks';
import { statSync } from 'node:fs';
import { parseArguments, usage, usageFailure } from '../src/cli.ts';
import { EXIT } from '../src/errors.ts';
import type { ExitCode } from '../src/errors.ts';
import { ARCHIVE_BYTES_MAX } from '../src/format/layout.ts';
import { loadCdb } from '../src/native.ts';
import { addonPath, version } from '../src/paths.ts';
import { openCache } from './cache_choice.ts';
import { FileList } from './file_list.ts';
import { follow } from './follow.ts';
import type { Watch } from './follow.ts';
import { SECURITY_HEADERS, hstsHeader } from './headers.ts';
import { isInFuture } from './modified.ts';
import { COMMAND, readOptions } from './options.ts';
import type { PackOptions, Surroundings } from './options.ts';
import { Pool } from './pool.ts';
import { planSites } from './plan.ts';
import type { Plan } from './plan.ts';
import { startProgress } from './progress.ts';
import type { Progress, Screen } from './progress.ts';
import { HeaderRules } from './rules/header_rules.ts';
import { judgeProblems } from './rules/problem.ts';
import { planRedirects } from './rules/redirects_plan.ts';
import { readSiteHeaders } from './rules/site_headers.ts';
import { readSiteRedirects } from './rules/site_redirects.ts';
import { unusedRules } from './rules/unused_rules.ts';
import { scanSite } from './scan.ts';
import { nameIn } from './site.ts';
import type { Warning } from './site.ts';
import { planJson, planText, summaryJson, summaryText } from './summary.ts';
import { attempt, checkTarget, isOutputOf } from './temporary.ts';
import { compareBytes, printable } from './text.ts';
import { noteLine, warningLines } from './warnings.ts';
import { writeArchive } from './write.ts';
import type { WriteOptions, WriteReport } from './write.ts';

export interface Terminal extends Surroundings {
  readonly out: Screen;
  readonly err: Screen;
}

const NO_SCREEN: Screen = { write: () => undefined };

/** Throws a Failure; the target is then as it was. */
export async function pack(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(COMMAND, argv);
  if (given.has('--help')) return say(terminal, usage(COMMAND));
  if (given.has('--version')) return say(terminal, `cdbpack ${version}\n`);
  const options = readOptions(given, terminal);
  const screen = options.quiet ? NO_SCREEN : terminal.err;
  const progress = startProgress(screen, terminal.env['TERM']);
  const reader = new Pool(1);
  // It gets ready while the site is looked through.
  if (!options.plan) reader.warm();
  try {
    return await packSites(options, progress, terminal, reader);
  } finally {
    progress.end();
    await reader.close();
  }
}

async function packSites(
  options: PackOptions,
  progress: Progress,
  terminal: Terminal,
  reader: Pool,
): Promise<ExitCode> {
  const started = performance.now();
  checkOut(options);
  const target = checkTarget(options.out);
  const isOutput = isOutputOf(target);
  const files = new FileList();
  const onFound = () => progress.step(0);
  progress.phase('scanning');
  const scanned = options.sites.flatMap((site) => {
    return scanSite(site, { ...options, isOutput, onFound }, files);
  });
  const headerFiles = options.sites.map(readSiteHeaders);
  const redirects = readSiteRedirects(options.sites);
  const { plan, problems } = planRedirects(
    planSites(options.sites, files, options.htmlUrls),
    redirects,
  );
  const ofHeaders = headerFiles.flatMap((file) => file.problems);
  const all = [...ofHeaders, ...unusedRules(plan, headerFiles), ...problems];
  const doubts = judgeProblems(all, options.rulesLenient);
  const headers = new HeaderRules(headerFiles);
  const found = [...doubts, ...scanned];
  const warnings = [...found, ...timeWarnings(plan, options)].sort((left, right) =>
    compareBytes(left.path, right.path),
  );
  progress.end();
  terminal.err.write(warningLines(warnings));
  const code = options.strict && warnings.length > 0 ? EXIT.strictFound : EXIT.ok;
  if (options.plan) {
    const show = options.json ? planJson : planText;
    say(terminal, show(plan, warnings, headers));
    return code;
  }
  if (code !== EXIT.ok) {
    terminal.err.write('cdbpack: --strict: nothing is written because of the warnings above.\n');
    return code;
  }
  const { watch, slowest } = follow(progress, options.verbose);
  const note = (text: string) => void (options.quiet || terminal.err.write(noteLine(text)));
  const wanted = { headers, ...writeOptions(options, target, watch) };
  const report = await write(plan, wanted, reader, note);
  progress.end();
  const seconds = (performance.now() - started) / 1000;
  const packed = { out: options.out, report, warnings, slowest, seconds };
  if (options.json) say(terminal, summaryJson(packed));
  else if (!options.quiet) say(terminal, summaryText(packed));
  return EXIT.ok;
}

/** A folder as the only argument beside --host is meant as SITE, and would be taken for OUT. */
function checkOut({ sites, out }: PackOptions): void {
  const alone = sites.every(({ host }) => host !== '');
  const isFolder = () => statSync(out, { throwIfNoEntry: false })?.isDirectory();
  if (!alone || !attempt(out, isFolder)) return;
  const text = `${printable(out)} is a folder, and beside --host a single argument is OUT.cdb.`;
  throw usageFailure(COMMAND, `${text} To pack it as the default site, name SITE and OUT.cdb.`);
}

/** With threads and a cache, whose results are kept however it ends. */
async function write(
  plan: Plan,
  options: Omit<WriteOptions, 'addon' | 'workshop'> & Pick<PackOptions, 'jobs' | 'cache'>,
  reader: Pool,
  note: (text: string) => void,
): Promise<WriteReport> {
  const addon = loadCdb(addonPath('cdb'));
  const memory = options.effort === 'none' ? undefined : openCache(options.cache, addon, note);
  const pool = new Pool(options.jobs);
  try {
    return await writeArchive(plan, { ...options, addon, workshop: { reader, pool, memory } });
  } finally {
    await pool.close();
    memory?.close();
  }
}

function writeOptions(options: PackOptions, target: string, watch: Watch) {
  const { effort, codings, jobs, cache, modified, securityHeaders, hstsSeconds } = options;
  return {
    target,
    tool: { name: 'cdbpack', version },
    effort,
    codings,
    jobs,
    cache,
    security: [
      ...(securityHeaders ? SECURITY_HEADERS : []),
      ...(hstsSeconds === undefined ? [] : [hstsHeader(hstsSeconds)]),
    ],
    modified,
    archiveBytesMax: ARCHIVE_BYTES_MAX,
    watch,
  };
}

function timeWarnings(plan: Plan, { modified }: PackOptions): Warning[] {
  const text = 'its time lies in the future: no Last-Modified is sent';
  const found: Warning[] = [];
  for (const { site, path, modifiedMs } of plan.files) {
    if (isInFuture(modified, modifiedMs)) found.push({ path: nameIn(site, path), text });
  }
  return found;
}

function say(terminal: Terminal, text: string): ExitCode {
  terminal.out.write(text);
  return EXIT.ok;
}
