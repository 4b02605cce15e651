// used.ts: what a Node process used until it ended.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, temporaryFolder } from './site.ts';
import type { Ended } from './site.ts';

export interface Used extends Ended {
  readonly peakKib: number;
  /** Of all threads: what neighbours on the machine do makes no difference to it. */
  readonly cpuSeconds: number;
}

/** Has a process say at its end what it used. */
const TELL_USED = `import { writeFileSync } from 'node:fs';
process.on('exit', () =>
  writeFileSync(process.env.USED, JSON.stringify(process.resourceUsage())));`;

/** Runs a program to its end, at most for so many milliseconds. */
export async function runUsed(argv: readonly string[], timeout: number): Promise<Used> {
  const path = join(temporaryFolder(), 'used');
  const told = `data:text/javascript,${encodeURIComponent(TELL_USED)}`;
  const command = [process.execPath, '--import', told, ...argv];
  const ended = await runCommand('env', [`USED=${path}`, ...command], { timeout });
  const used = JSON.parse(readFileSync(path, 'utf8')) as NodeJS.ResourceUsage;
  const cpuSeconds = (used.userCPUTime + used.systemCPUTime) / 1e6;
  return { ...ended, peakKib: used.maxRSS, cpuSeconds };
}
