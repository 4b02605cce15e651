// packing.ts: the steps from folders to an archive, which cdbpack and the preview of a folder have
// in common.
import { ARCHIVE_BYTES_MAX } from '../src/format/layout.ts';
import { loadCdb } from '../src/native.ts';
import { addonPath, version } from '../src/paths.ts';
import type { Cache } from './cache.ts';
import { openCache } from './cache_choice.ts';
import type { Workshop } from './encode.ts';
import { FileList } from './file_list.ts';
import type { Watch } from './follow.ts';
import { SECURITY_HEADERS, hstsHeader } from './headers.ts';
import { isInFuture } from './modified.ts';
import type { PackOptions } from './options.ts';
import { planSites } from './plan.ts';
import type { Plan } from './plan.ts';
import { Pool } from './pool.ts';
import { HeaderRules } from './rules/header_rules.ts';
import type { HeaderRule } from './rules/headers_file.ts';
import { judgeProblems } from './rules/problem.ts';
import { planRedirects } from './rules/redirects_plan.ts';
import { readSiteHeaders } from './rules/site_headers.ts';
import { readSiteRedirects } from './rules/site_redirects.ts';
import { unusedRules } from './rules/unused_rules.ts';
import { scanSite } from './scan.ts';
import type { ScanOptions } from './scan.ts';
import { nameIn } from './site.ts';
import type { Warning } from './site.ts';
import { compareBytes } from './text.ts';
import { writeArchive } from './write.ts';
import type { WriteReport } from './write.ts';

/** What the folders hold. */
export interface Found {
  readonly files: FileList;
  readonly warnings: readonly Warning[];
}

/** What the archive will hold. */
export interface Decided {
  readonly plan: Plan;
  readonly headers: HeaderRules;
  /** In the order of their paths, those of the folders among them. */
  readonly warnings: readonly Warning[];
}

export interface Making {
  /** As checkTarget gave it. */
  readonly target: string;
  readonly watch: Watch;
  /** Reads the files. */
  readonly reader: Workshop['reader'];
  /** As WriteOptions has it. */
  readonly durable: boolean;
  /** Is told what an operator may want to know. */
  note(text: string): void;
}

/** Throws the Failure of a folder or a name that cannot be read. */
export function findFiles(
  options: PackOptions,
  hooks: Pick<ScanOptions, 'isOutput' | 'onFolder' | 'onFound'>,
): Found {
  const files = new FileList();
  const scan = { ...options, ...hooks };
  const warnings = options.sites.flatMap((site) => scanSite(site, scan, files));
  return { files, warnings };
}

/**
 * Rules of `last` come after those of every site's own `_headers`. Throws the Failure of rules that
 * cannot be honoured.
 */
export function decide(
  options: PackOptions,
  found: Found,
  last: readonly HeaderRule[] = [],
): Decided {
  const headerFiles = options.sites.map(readSiteHeaders);
  const redirects = readSiteRedirects(options.sites);
  const planned = planSites(options.sites, found.files, options.htmlUrls);
  const { plan, problems } = planRedirects(planned, redirects);
  const ofHeaders = headerFiles.flatMap((file) => file.problems);
  const all = [...ofHeaders, ...unusedRules(plan, headerFiles), ...problems];
  const doubts = judgeProblems(all, options.rulesLenient);
  const headers = new HeaderRules(
    headerFiles.map((file) => ({ ...file, rules: [...file.rules, ...last] })),
  );
  const warnings = [...doubts, ...found.warnings, ...timeWarnings(plan, options)];
  warnings.sort((left, right) => compareBytes(left.path, right.path));
  return { plan, headers, warnings };
}

/** With threads and a cache, whose results are kept however it ends. */
export async function makeArchive(
  { plan, headers }: Decided,
  options: PackOptions,
  { target, watch, reader, durable, note }: Making,
): Promise<WriteReport> {
  const addon = loadCdb(addonPath('cdb'));
  const pool = new Pool(options.jobs);
  const isCoded = options.effort !== 'none';
  let memory: Cache | undefined;
  const { effort, codings, modified, securityHeaders, hstsSeconds } = options;
  try {
    if (isCoded) {
      pool.warm();
      memory = openCache(options.cache, { addon, pool, note });
    }
    return await writeArchive(plan, {
      target,
      addon,
      workshop: { reader, pool, memory },
      tool: { name: 'cdbpack', version },
      effort,
      codings,
      security: [
        ...(securityHeaders ? SECURITY_HEADERS : []),
        ...(hstsSeconds === undefined ? [] : [hstsHeader(hstsSeconds)]),
      ],
      headers,
      modified,
      archiveBytesMax: ARCHIVE_BYTES_MAX,
      durable,
      watch,
    });
  } finally {
    await pool.close();
    memory?.close();
  }
}

function timeWarnings(plan: Plan, { modified }: PackOptions): Warning[] {
  const text = 'its time lies in the future: no Last-Modified is sent';
  const found: Warning[] = [];
  for (const { site, path, modifiedMs } of plan.files) {
    if (isInFuture(modified, modifiedMs)) found.push({ path: nameIn(site, path), text });
  }
  return found;
}
