// packages.full.test.ts: real sites of Debian packages, packed without hand-work; every file comes
// back byte for byte in every coding.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { record } from '../support/ledger.ts';
import { value } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packer, runCommand, temporaryFolder } from '../support/site.ts';
import { Wire } from '../support/wire.ts';

const SITES = [
  ['postgresql', '/usr/share/doc/postgresql-doc-15/html', 1_000],
  ['debian-reference', '/usr/share/debian-reference', 10],
  ['rust', '/usr/share/doc/rust-doc/html', 30_000],
] as const;

const LIMIT_MS = 3_600_000;
const BATCH = 500;

interface Packed {
  /** Files that have each coding, identity among them. */
  readonly codings: readonly { readonly name: string; readonly files: number }[];
}

interface Planned {
  readonly routes: readonly { readonly key: string; readonly file?: string }[];
  readonly warnings: readonly { readonly text: string }[];
}

/** Several bodies at once: decoded frames follow each other as the frames do. */
const DECODERS: Readonly<Record<string, (bodies: readonly Buffer[]) => Buffer>> = {
  gzip: (bodies) => Buffer.concat(bodies.map((body) => gunzipSync(body))),
  br: (bodies) => Buffer.concat(bodies.map((body) => brotliDecompressSync(body))),
  zstd: (bodies) => {
    const input = Buffer.concat(bodies);
    const ended = spawnSync('zstd', ['-dcq'], { input, maxBuffer: 2 ** 31 });
    expect(ended.status).toBe(0);
    return ended.stdout;
  },
};

const folder = temporaryFolder();

/** Asks for each file in a coding; gives how many came in it. */
async function compare(server: Server, root: string, files: readonly string[], coding: string) {
  const wire = await Wire.open(server.port);
  let coded = 0;
  for (let from = 0; from < files.length; from += BATCH) {
    const bodies: Buffer[] = [];
    const contents: Buffer[] = [];
    for (const file of files.slice(from, from + BATCH)) {
      const url = file.split('/').map(encodeURIComponent).join('/');
      const accept = `Accept-Encoding: ${coding}`;
      wire.send(`GET /${url} HTTP/1.1\r\nHost: a.example\r\n${accept}\r\n\r\n`);
      const reply = await wire.reply();
      expect(reply.status, file).toBe(200);
      const content = readFileSync(join(root, file));
      const given = value(reply, 'content-encoding');
      if (given === undefined) {
        expect(reply.body.equals(content), file).toBe(true);
        continue;
      }
      expect(given, file).toBe(coding);
      bodies.push(reply.body);
      contents.push(content);
    }
    coded += bodies.length;
    if (bodies.length > 0) {
      const decoded = DECODERS[coding]!(bodies);
      expect(decoded.equals(Buffer.concat(contents)), `${coding} from ${from}`).toBe(true);
    }
  }
  wire.destroy();
  return coded;
}

test.each(SITES)(
  '%s: every file is served as it is, in every coding',
  async (name, root, filesMin) => {
    const archive = join(folder, `${name}.cdb`);
    const plan = await runCommand(process.execPath, [packer, root, archive, '--plan', '--json']);
    const { routes, warnings } = JSON.parse(plan.stdout) as Planned;
    const files = routes.flatMap(({ key, file }) => (key === `/${file}` ? [key.slice(1)] : []));
    expect(files.length).toBeGreaterThanOrEqual(filesMin);
    // Debian shares scripts and fonts of packages by links out of the site.
    for (const { text } of warnings) expect(text).toMatch(/^a symbolic link (?:out of|to nothing)/);
    const started = performance.now();
    const flags = ['--json', '--no-cache'];
    const packed = await runCommand(process.execPath, [packer, root, archive, ...flags], {
      timeout: LIMIT_MS,
    });
    expect(packed.code, packed.stderr).toBe(0);
    const packMs = Math.round(performance.now() - started);
    const server = await startServer(archive, [], { startMs: 120_000 });
    const coded: Record<string, number> = {};
    const { codings } = JSON.parse(packed.stdout) as Packed;
    expect(codings.length).toBeGreaterThan(1);
    for (const { name: coding, files: said } of codings) {
      coded[coding] = await compare(server, root, files, coding);
      expect(coded[coding], coding).toBe(coding === 'identity' ? 0 : said);
    }
    expect((await server.stop()).code).toBe(0);
    record(`site: ${name}`, { files: files.length, pack_ms: packMs, ...coded });
    rmSync(archive);
  },
  LIMIT_MS,
);
