// start_line.ts: what a service says of itself once it serves.
import type { Config } from '../config.ts';
import { size } from '../format/size.ts';
import type { Loaded } from './generations.ts';
import { type Lack, summarize } from './steps.ts';

const NO_MSEAL = 'kernel before 6.10, or an outer sandbox hides mseal';

export interface Started {
  readonly config: Pick<Config, 'sandbox' | 'workers'>;
  readonly version: string;
  readonly urls: readonly string[];
  /** Protections that a worker was not given. */
  readonly lacks: readonly Lack[];
}

/** What is served where by how many, and how it is protected. */
export function startLine(started: Started, loaded: Loaded): string {
  const { config, version, urls } = started;
  return [
    version,
    count(loaded.files, 'file'),
    size(loaded.bytes),
    urls.join(' '),
    count(config.workers, 'worker'),
    ...protections(started, loaded),
  ].join(', ');
}

/** As read back from the kernel, and plainly what is not there. */
function protections({ config, lacks }: Started, { seals, msealed }: Loaded): string[] {
  const mapping = msealed ? 'mapping sealed' : `mapping not sealed (${NO_MSEAL})`;
  return [`archive sealed (0x${seals.toString(16)}), ${mapping}`, sandboxText(config, lacks)];
}

function sandboxText({ sandbox }: Started['config'], lacks: readonly Lack[]): string {
  if (sandbox === 'off') return 'workers NOT SANDBOXED (--sandbox off)';
  return lacks.length === 0 ? 'workers sandboxed' : `workers without ${summarize(lacks)}`;
}

export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
