// fixture.ts: packs small sites in this process, with everything that may vary held still.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BodyCompressor } from '../../archiver/compress.ts';
import type { Workshop } from '../../archiver/encode.ts';
import { SECURITY_HEADERS } from '../../archiver/headers.ts';
import { Lookups } from '../../archiver/lookups.ts';
import { readFiles } from '../../archiver/read.ts';
import { ownBuffer } from '../../archiver/slab.ts';
import { HeaderRules } from '../../archiver/rules/header_rules.ts';
import { readSiteHeaders } from '../../archiver/rules/site_headers.ts';
import { FileList } from '../../archiver/file_list.ts';
import { pack } from '../../archiver/pack.ts';
import type { Pool } from '../../archiver/pool.ts';
import { planSites } from '../../archiver/plan.ts';
import type { Plan } from '../../archiver/plan.ts';
import { scanSite } from '../../archiver/scan.ts';
import type { ScanOptions } from '../../archiver/scan.ts';
import type { Site } from '../../archiver/site.ts';
import { checkBegun, faultOfStructure } from '../../archiver/verify.ts';
import { verifyArchive } from '../../src/boot/archive.ts';
import { ARCHIVE_BYTES_MAX } from '../../src/format/layout.ts';
import { loadCdb } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { temporaryFolder, writeSite } from '../support/site.ts';
import type { Files } from '../support/site.ts';
import { writeArchive } from '../../archiver/write.ts';
import type { WriteOptions, WriteReport } from '../../archiver/write.ts';
import type { SoundArchive } from '../../archiver/verify.ts';
import { UNWATCHED } from '../../archiver/follow.ts';

export const addon = loadCdb(addonPath('cdb'));

/** Reads and compresses here and now, without a thread. */
export const WORKSHOP = {
  reader: {
    read: (paths) => Promise.resolve(readFiles(paths, ownBuffer)),
    checkBegun: (begun) => Promise.resolve(checkBegun(begun, addon)),
    findFault: (written) => Promise.resolve(faultOfStructure(written, addon)),
  },
  pool: {
    compress: (jobs) => Promise.resolve(jobs.map((job) => new BodyCompressor(addon).run(job))),
    close: () => Promise.resolve(),
    lookUp: (lookup) => Promise.resolve(new Lookups(addon).run(lookup, ownBuffer)),
  },
  memory: undefined,
} satisfies Workshop & { readonly pool: Pick<Pool, 'lookUp'> };

/** 2024-06-01: later than every file of a test. */
export const NOW = 1_717_200_000;

export const SCAN: ScanOptions = {
  followSymlinks: false,
  includeHidden: false,
  excludes: [],
  isOutput: () => false,
  onFolder: () => undefined,
  onFound: () => undefined,
};

/** The default site in this folder. */
export const siteOf = (root: string, host = ''): Site => ({ host, root });

/** A folder `site` of its own with these files. */
export function makeSite(files: Files): string {
  const folder = join(temporaryFolder(), 'site');
  mkdirSync(folder);
  writeSite(folder, files);
  return folder;
}

export function writeOptions(site: string, changes: Partial<WriteOptions> = {}): WriteOptions {
  return {
    target: join(site, '..', 'site.cdb'),
    addon,
    tool: { name: 'test', version: '1' },
    effort: 'balanced',
    codings: ['gzip'],
    workshop: WORKSHOP,
    security: SECURITY_HEADERS,
    headers: new HeaderRules([]),
    modified: { source: 'mtime', clamp: undefined, now: NOW },
    archiveBytesMax: ARCHIVE_BYTES_MAX,
    durable: true,
    watch: UNWATCHED,
    ...changes,
  };
}

export async function write(
  site: string,
  changes: Partial<WriteOptions> = {},
): Promise<WriteReport & { readonly target: string; readonly bytes: Buffer }> {
  const options = writeOptions(site, changes);
  return writeSites([siteOf(site)], options);
}

export async function writeSites(
  sites: readonly Site[],
  options: WriteOptions,
): Promise<WriteReport & { readonly target: string; readonly bytes: Buffer }> {
  const headers = new HeaderRules(sites.map(readSiteHeaders));
  const report = await writeArchive(planOf(...sites), { ...options, headers });
  return { ...report, target: options.target, bytes: readFileSync(options.target) };
}

export function planOf(...sites: Site[]): Plan {
  const files = new FileList();
  for (const site of sites) scanSite(site, SCAN, files);
  return planSites(sites, files, 'both');
}

interface Sound extends SoundArchive {
  readonly bytes: Buffer;
  readonly target: string;
}

export async function soundArchive(files: Files): Promise<Sound> {
  const { bytes, target } = await write(makeSite(files));
  return { bytes, manifest: verifyArchive(bytes, 'site.cdb'), target };
}

/** Files by host; '' is the default site. */
export async function soundSites(hosts: Readonly<Record<string, Files>>): Promise<Sound> {
  const sites = Object.entries(hosts).map(([host, files]) => siteOf(makeSite(files), host));
  const { bytes, target } = await writeSites(sites, writeOptions(sites[0]!.root));
  return { bytes, manifest: verifyArchive(bytes, 'site.cdb'), target };
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The whole command cdbpack in this process, without the cache of `env`; a Failure is thrown. */
export async function runPack(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const chosen = argv.includes('--cache') || argv.includes('--no-cache');
  return runPackAsIs(chosen ? argv : [...argv, '--no-cache'], env);
}

export async function runPackAsIs(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await pack(argv, {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    env,
    now: NOW,
  });
  return { code, out, err };
}
