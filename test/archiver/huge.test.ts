// huge.test.ts: one file much larger than all else, within the memory that docs/packing.md states.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FULL, record } from '../support/ledger.ts';
import { Keystream } from '../support/keystream.ts';
import { packer, temporaryFolder } from '../support/site.ts';

const MIB = 1024 * 1024;
const LENGTH = FULL ? 1024 * MIB : 64 * MIB;
/** docs/packing.md: beside the file itself and its codings. */
const BASE_BYTES = 512 * MIB;

/** The most it ever had in memory, and its summary. */
async function pack(site: string, out: string) {
  const argv = [packer, site, out, '--no-cache', '--compress', 'fast', '--json', '--jobs', '2'];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let [text, peak] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const timer = setInterval(() => (peak = Math.max(peak, residentPeak(child.pid!))), 20);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  expect(code).toBe(0);
  const summary = JSON.parse(text) as { codings: { name: string; files: number }[] };
  return {
    peak,
    files: Object.fromEntries(summary.codings.map((each) => [each.name, each.files])),
  };
}

/** VmHWM of proc_pid_status(5), bytes; 0: the process is gone. */
function residentPeak(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

test.each([
  ['zeros', { identity: 2, gzip: 2, br: 2, zstd: 2 }, 1],
  ['noise', { identity: 2, gzip: 1, br: 1, zstd: 1 }, 3],
] as const)(
  'a file of %s',
  async (kind, wanted, copies) => {
    const base = temporaryFolder();
    const site = join(base, 'site');
    mkdirSync(site);
    const path = join(site, 'huge.bin');
    writeFileSync(join(site, 'small.html'), 'small '.repeat(100));
    if (kind === 'noise') new Keystream(LENGTH, 1).write(path);
    else {
      writeFileSync(path, '');
      truncateSync(path, LENGTH);
    }
    const { peak, files } = await pack(site, join(base, 'out.cdb'));
    expect(files).toEqual(wanted);
    expect(peak).toBeGreaterThan(LENGTH);
    expect(peak).toBeLessThan(copies * LENGTH + BASE_BYTES);
    record(`packing, ${LENGTH / MIB} MiB of ${kind}`, { peak_mib: Math.round(peak / MIB) });
  },
  900_000,
);
