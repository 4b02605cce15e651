// site.ts: the site under load, made from fixed numbers: the same bytes in every run.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../src/paths.ts';

export const PAGE_PATH = '/page.html';
export const LARGE_PATH = '/large.bin';
export const MISSING_PATH = '/missing.html';

const PAGE_GZIP_BYTES = 3_072;
const LARGE_BYTES = 1024 * 1024;
const MODIFIED = new Date('2024-11-05T08:15:30Z');
const WORDS =
  'archive batch body cache coding connection descriptor digest event field header hot inbox ' +
  'index key kernel length loop lookup memory offset outbox page path peer range ' +
  'record reply request ring route rule scratch sealed server socket status table turn wall worker';

export interface Site {
  /** Originals alone: what is packed. */
  readonly source: string;
  /** Originals and .gz siblings: what the peers serve. */
  readonly root: string;
  readonly page: Buffer;
  readonly pageGzip: Buffer;
  readonly large: Buffer;
}

export function writeSite(directory: string): Site {
  const page = makePage();
  const site: Site = {
    source: join(directory, 'source'),
    root: join(directory, 'root'),
    page,
    pageGzip: gzipSync(page, { level: 9 }),
    large: randomBytes(LARGE_BYTES),
  };
  for (const folder of [site.source, site.root]) {
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    writeFile(join(folder, PAGE_PATH), site.page);
    writeFile(join(folder, LARGE_PATH), site.large);
  }
  writeFile(join(site.root, `${PAGE_PATH}.gz`), site.pageGzip);
  return site;
}

/** Packs the originals as a user would; throws with the packer's own words. */
export function packSite(site: Site, archive: string): void {
  const packer = join(packageRoot, 'dist', 'archiver', 'cdbpack.js');
  const argv = [packer, site.source, archive, '--no-cache'];
  execFileSync(process.execPath, argv, { stdio: 'pipe' });
  chmodSync(archive, 0o644);
}

/** Like prose to a compressor, and as much of it as gzip -9 packs into PAGE_GZIP_BYTES. */
export function makePage(): Buffer {
  const words = WORDS.split(' ');
  const draw = lcg(1);
  const paragraphs: string[] = [];
  for (;;) {
    const text = Array.from({ length: 40 }, () => words[draw() % words.length]!).join(' ');
    paragraphs.push(`<p id="p${paragraphs.length}">${text}.</p>`);
    const page = Buffer.from(`<!doctype html>\n<title>Page</title>\n${paragraphs.join('\n')}\n`);
    if (gzipSync(page, { level: 9 }).length >= PAGE_GZIP_BYTES) return page;
  }
}

/** Numbers of 16 bits, the same on every machine (constants of Numerical Recipes, ranqd1). */
export function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 16;
  };
}

function randomBytes(length: number): Buffer {
  const draw = lcg(2);
  return Buffer.from(Uint8Array.from({ length }, () => draw() & 0xff));
}

function writeFile(path: string, content: Buffer): void {
  writeFileSync(path, content, { mode: 0o644 });
  utimesSync(path, MODIFIED, MODIFIED);
}
