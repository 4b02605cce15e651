// follow.ts: shows the work of a packer as it goes, and keeps what the summary tells of it.
import type { Phase, Progress, Work } from './progress.ts';
import { nameIn } from './site.ts';
import type { SiteFile } from './site.ts';
import { printable, size } from './text.ts';

/** What a packer tells of its work while it is at it. */
export interface Watch {
  phase(name: Phase, work?: Work): void;
  /** A file or a route is done. */
  step(bytes: number): void;
  /** A file is stored. */
  file(done: Packing): void;
}

/** Nobody looks on. */
export const UNWATCHED: Watch = {
  phase: () => undefined,
  step: () => undefined,
  file: () => undefined,
};

export interface Packing {
  readonly file: SiteFile;
  /** As it was read. */
  readonly bytes: number;
  /** Lengths by coding, the preferred one first; none: its content was there already. */
  readonly stored: readonly (readonly [coding: string, bytes: number])[];
  /** Spent on its codings by the thread that made them. */
  readonly seconds: number;
}

export interface Following {
  readonly watch: Watch;
  /** The slowest first. */
  readonly slowest: readonly Slow[];
}

export interface Slow {
  readonly path: string;
  readonly bytes: number;
  readonly seconds: number;
}

const SLOWEST_MAX = 5;
/** Faster ones are not worth a line. */
const SLOW_SECONDS = 1;

/** With `verbose` every file is named as it is stored. */
export function follow(progress: Progress, verbose: boolean): Following {
  const slowest: Slow[] = [];
  const watch: Watch = {
    phase: (name, work) => progress.phase(name, work),
    step: (bytes) => progress.step(bytes),
    file(done) {
      if (verbose) progress.say(lineOf(done));
      keep(slowest, done);
    },
  };
  return { watch, slowest };
}

function keep(slowest: Slow[], { file, bytes, seconds }: Packing): void {
  if (seconds < SLOW_SECONDS) return;
  slowest.push({ path: nameIn(file.site, file.path), bytes, seconds });
  slowest.sort((left, right) => right.seconds - left.seconds);
  slowest.splice(SLOWEST_MAX);
}

function lineOf({ file, bytes, stored, seconds }: Packing): string {
  const coded = stored.filter(([name]) => name !== 'identity');
  const facts = [
    size(bytes),
    ...(stored.length === 0 ? ['stored already'] : []),
    ...coded.map(([name, length]) => `${name} ${size(length)}`),
    `${seconds.toFixed(1)} s`,
  ];
  return `cdbpack: ${printable(nameIn(file.site, file.path))}: ${facts.join(', ')}\n`;
}
