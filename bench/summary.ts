// summary.ts: many rounds of one server in, the figures to quote out.
import type { Counts, Metric } from './counters.ts';
import type { LoaderRun } from './loaders.ts';

/** Above this share of its CPU the loader is the limit, and throughput says nothing. */
export const LOADER_BOUND = 0.95;

export interface Round extends LoaderRun {
  readonly counts: Counts;
}

export interface Summary {
  readonly metric: Metric;
  readonly rounds: number;
  /** Cost of a request in the metric: neighbours only ever add to it, so the least is the truth. */
  readonly perRequestMin: number;
  readonly perRequestMedian: number;
  readonly perRequestMax: number;
  /** max / min - 1. */
  readonly spread: number;
  readonly instructionsMin?: number;
  readonly cpuNsMin: number;
  /** Nanoseconds of a request in the processes that answer, and in the one over them. */
  readonly workersNsMin: number;
  readonly rootNsMin: number;
  /** Of the best round. */
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Shares of one CPU, mean over the rounds. */
  readonly loaderCpu: number;
  readonly serverCpu: number;
  readonly loaderBound: boolean;
}

/** Throws when there is no round or a round without a request: there is no figure then. */
export function summarize(rounds: readonly Round[], metric: Metric): Summary {
  if (rounds.length === 0) throw new Error('no round was run');
  if (rounds.some((round) => round.requests === 0)) throw new Error('a round had no request');
  const costs = rounds.map((round) => cost(round, metric)).sort((a, b) => a - b);
  const instructions = rounds.flatMap((round) => {
    return round.counts.instructions === undefined
      ? []
      : [round.counts.instructions / round.requests];
  });
  const loaderCpu = mean(rounds.map((round) => round.loaderCpu));
  return {
    metric,
    rounds: rounds.length,
    perRequestMin: costs[0]!,
    perRequestMedian: median(costs),
    perRequestMax: costs.at(-1)!,
    spread: costs.at(-1)! / costs[0]! - 1,
    ...(instructions.length > 0 && { instructionsMin: Math.min(...instructions) }),
    cpuNsMin: Math.min(...rounds.map((round) => round.counts.cpuNs / round.requests)),
    workersNsMin: Math.min(
      ...rounds.map(({ counts, requests }) => (counts.cpuNs - counts.rootNs) / requests),
    ),
    rootNsMin: Math.min(...rounds.map(({ counts, requests }) => counts.rootNs / requests)),
    requestsPerSecond: Math.max(...rounds.map((round) => round.requests / round.seconds)),
    p50Us: Math.min(...rounds.map((round) => round.p50Us)),
    p99Us: Math.min(...rounds.map((round) => round.p99Us)),
    loaderCpu,
    serverCpu: mean(rounds.map((round) => round.counts.cpuNs / 1e9 / round.seconds)),
    loaderBound: loaderCpu > LOADER_BOUND,
  };
}

function cost(round: Round, metric: Metric): number {
  const count = metric === 'cycles' ? round.counts.cycles : round.counts.cpuNs;
  if (count === undefined) throw new Error('perf counted no cycles in a round');
  return count / round.requests;
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
