// decoded.test.ts: every coding of every file of a real site comes back to the bytes of the source,
// by the command line tools. In the full run at every effort, with what it costs.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { EFFORTS } from '../../archiver/effort.ts';
import { entriesOf, opened } from '../support/entries.ts';
import { CODING_BR, CODING_GZIP, CODING_NAMES, CODING_ZSTD } from '../../src/format/layout.ts';
import { DOCS, filesOf } from '../support/docs.ts';
import { FULL, record } from '../support/ledger.ts';
import { packer, runCommand, temporaryFolder } from '../support/site.ts';

const PACK_LIMIT_MS = 600_000;
/** Tool and ending of its files, by CODING_*. */
const TOOLS: ReadonlyMap<number, readonly [tool: string, ending: string]> = new Map([
  [CODING_GZIP, ['gzip', 'gz']],
  [CODING_BR, ['brotli', 'br']],
  [CODING_ZSTD, ['zstd', 'zst']],
]);

/** Every twentieth file; the full run takes them all. */
function sampleSite(): string {
  if (FULL) return DOCS;
  const site = join(temporaryFolder(), 'site');
  for (const [at, path] of filesOf(DOCS).entries()) {
    if (at % 20 !== 0) continue;
    mkdirSync(dirname(join(site, path)), { recursive: true });
    cpSync(join(DOCS, path), join(site, path), { dereference: true });
  }
  return site;
}

const site = sampleSite();

interface Body {
  readonly coding: number;
  readonly bytes: Uint8Array;
  readonly source: string;
}

function codedBodies(path: string): Body[] {
  const archive = opened(path);
  return entriesOf(archive)
    .filter(({ route }) => route.file)
    .flatMap(({ key, route }) =>
      route.variants.map(({ coding, bodyAt, bodyBytes }) => ({
        coding,
        bytes: archive.bytes.subarray(bodyAt, bodyAt + bodyBytes),
        source: join(site, key),
      })),
    );
}

/** Decodes all by one call of the tool, and compares. */
async function decodeAll(coding: number, bodies: readonly Body[]): Promise<void> {
  const [tool, ending] = TOOLS.get(coding)!;
  const folder = temporaryFolder();
  const names = bodies.map((_, at) => `${at}.${ending}`);
  for (const [at, { bytes }] of bodies.entries()) writeFileSync(join(folder, names[at]!), bytes);
  const ended = await runCommand(tool, ['-d', ...names], { cwd: folder });
  expect(ended.code, ended.stderr).toBe(0);
  for (const [at, { source }] of bodies.entries()) {
    const decoded = readFileSync(join(folder, String(at)));
    expect(decoded.equals(readFileSync(source)), `${tool} ${source}`).toBe(true);
  }
}

/** Seconds as the shell tells them: `times` of bash(1). */
async function timed(argv: readonly string[]): Promise<Record<string, number>> {
  const started = performance.now();
  const ended = await runCommand('bash', ['-c', '"$0" "$@" >&2 && times', ...argv], {
    timeout: PACK_LIMIT_MS,
  });
  const wall_seconds = (performance.now() - started) / 1000;
  expect(ended.code, ended.stderr).toBe(0);
  const [user, system] = [...ended.stdout.split('\n')[1]!.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  return { wall_seconds, user_seconds: user!, system_seconds: system! };
}

test.each(FULL ? EFFORTS.filter((effort) => effort !== 'none') : ['balanced'])(
  '%s: every coding of every file comes back',
  async (effort) => {
    const out = join(temporaryFolder(), 'out.cdb');
    const argv = [packer, site, out, '--follow-symlinks', '--no-cache', '--compress', effort];
    const seconds = await timed([process.execPath, ...argv]);
    const bodies = codedBodies(out);
    const figures: Record<string, number> = {};
    for (const coding of TOOLS.keys()) {
      const own = bodies.filter((body) => body.coding === coding);
      expect(own.length).toBeGreaterThan(filesOf(site).length * 0.9);
      await decodeAll(coding, own);
      figures[`${CODING_NAMES[coding]}_bytes`] = own.reduce(
        (sum, { bytes }) => sum + bytes.length,
        0,
      );
    }
    record(`packing, --compress ${effort}`, { ...figures, ...seconds });
  },
  PACK_LIMIT_MS,
);
