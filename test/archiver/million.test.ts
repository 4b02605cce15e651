// million.test.ts: a site of very many small files: its memory and time, and that it is answered.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { FULL, record } from '../support/ledger.ts';
import { peakBytes } from '../support/proc.ts';
import { startServer } from '../support/server.ts';
import { packer, runCommand, temporaryFolder } from '../support/site.ts';
import { runUsed } from '../support/used.ts';
import { Wire } from '../support/wire.ts';

const COUNT = FULL ? 1_000_000 : 2_000;
const FEWER = COUNT / 10;
const ASKED = FULL ? 5_000 : 200;
const PEAK_MAX_KIB = 1024 * 1024;
/**
 * Of a file with four codings: its name and rows 110, its two routes 8, a CDB's memory of its nine
 * records 72, and the indexes of its contents, bodies and header blocks, nine entries, at worst
 * just grown: 27 bytes each, and half of that for those they grew out of.
 */
const FILE_BYTES_MAX = 110 + 8 + 72 + 9 * (27 + 13);
const TIME_RATIO_MAX = 11;
const LIMIT_MS = 3_600_000;
const ENDINGS = ['html', 'css', 'js', 'png', 'txt', 'json', 'svg', 'html'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz     ';

const folder = temporaryFolder();

/** A hundred names in a folder, a hundred folders in one of those above. */
function pathOf(index: number): string {
  const name = index % 100 === 0 ? 'index.html' : `page-number-${index}.${ENDINGS[index % 8]}`;
  return `d${Math.floor(index / 10_000)}/e${Math.floor(index / 100) % 100}/${name}`;
}

/** 100 to 1,000 bytes, no two the same. */
function contentOf(index: number): string {
  let state = (index * 2_654_435_761) >>> 0;
  const draw = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  let text = `<p>${index} `;
  for (let more = 100 + draw(880); more > 0; more--) text += LETTERS[draw(LETTERS.length)]!;
  return text;
}

function makeFiles(name: string, count: number): string {
  const site = join(folder, name);
  for (let index = 0; index < count; index++) {
    if (index % 100 === 0) mkdirSync(join(site, pathOf(index), '..'), { recursive: true });
    writeFileSync(join(site, pathOf(index)), contentOf(index));
  }
  return site;
}

interface Packed {
  readonly seconds: number;
  readonly files: number;
  readonly archiveBytes: number;
  readonly peakKib: number;
  readonly cpuSeconds: number;
}

async function pack(site: string, archive: string): Promise<Packed> {
  const used = await runUsed([packer, site, archive, '--json', '--no-cache'], LIMIT_MS);
  expect(used.stderr).toBe('');
  const said = JSON.parse(used.stdout) as Omit<Packed, 'peakKib' | 'cpuSeconds'>;
  return { ...said, peakKib: used.peakKib, cpuSeconds: used.cpuSeconds };
}

let archive = '';

test(
  'memory and time of packing grow with the number of files, and no faster',
  async () => {
    const few = await pack(makeFiles('few', FEWER), join(folder, 'few.cdb'));
    archive = join(folder, 'many.cdb');
    const many = await pack(makeFiles('many', COUNT), archive);
    // Now, since it takes longer than the end of a test may.
    const sites = [join(folder, 'few'), join(folder, 'many')];
    await runCommand('rm', ['-rf', ...sites], { timeout: LIMIT_MS });
    const bytesPerFile = Math.round((1024 * (many.peakKib - few.peakKib)) / (COUNT - FEWER));
    const figures = {
      files: many.files,
      archive_bytes: many.archiveBytes,
      pack_s: many.seconds,
      pack_tenth_s: few.seconds,
      cpu_s: many.cpuSeconds,
      cpu_tenth_s: few.cpuSeconds,
      peak_kib: many.peakKib,
      peak_tenth_kib: few.peakKib,
      bytes_per_file: bytesPerFile,
    };
    const passed =
      many.peakKib <= PEAK_MAX_KIB &&
      (!FULL || bytesPerFile <= FILE_BYTES_MAX) &&
      (!FULL || many.cpuSeconds <= TIME_RATIO_MAX * few.cpuSeconds);
    record('million: packed', figures, passed);
    expect(many.files).toBe(COUNT);
    expect(passed, JSON.stringify(figures)).toBe(true);
  },
  LIMIT_MS,
);

test(
  'the server loads it, and answers paths drawn at random',
  async () => {
    const started = performance.now();
    const server = await startServer(archive, [], { startMs: LIMIT_MS });
    const startMs = Math.round(performance.now() - started);
    const wire = await Wire.open(server.port);
    for (let asked = 0; asked < ASKED; asked++) {
      const index = ((asked + 1) * 40_503) % COUNT;
      wire.send(`GET /${pathOf(index)} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
      const reply = await wire.reply();
      expect([reply.status, reply.body.toString()]).toEqual([200, contentOf(index)]);
      wire.send(`GET /${pathOf(index)}x HTTP/1.1\r\nHost: a.example\r\n\r\n`);
      expect((await wire.reply()).status).toBe(404);
    }
    wire.destroy();
    record('million: served', { start_ms: startMs, supervisor_peak_bytes: peakBytes(server.pid) });
    expect((await server.stop()).code).toBe(0);
  },
  LIMIT_MS,
);
