// questions.ts: where the answers to an operator's questions come from.
import { FORMAT } from '../format/layout.ts';
import type { AccessLog } from './access_log.ts';
import type { Questions } from './admin.ts';
import type { Counters } from './counters.ts';
import type { Generations } from './generations.ts';
import { type Figures, pageOf } from './metrics.ts';
import { processFigures } from './process_figures.ts';
import type { Tally } from './tally.ts';

export interface Sources {
  readonly generations: Generations;
  readonly counters: Counters;
  readonly tally: Tally;
  readonly accessLog: Pick<AccessLog, 'lost' | 'damaged'> | undefined;
  /** Of the program. */
  readonly version: string;
}

export function questionsOf(sources: Sources): Questions {
  const { generations } = sources;
  return {
    isHealthy: () => generations.loaded !== undefined && !generations.isEnding,
    metrics: () => pageOf(figuresOf(sources)),
  };
}

function figuresOf({ generations, counters, tally, accessLog, version }: Sources): Figures {
  return {
    totals: counters.totals(),
    workers: generations.pids().length,
    restarts: tally.count('worker-replaced'),
    log: { lost: accessLog?.lost ?? 0, damaged: accessLog?.damaged ?? 0 },
    reloads: { ok: tally.count('reloaded'), failed: tally.count('not-reloaded') },
    digest: generations.loaded?.digest,
    format: FORMAT,
    version,
    node: process.version,
    process: processFigures(),
  };
}
