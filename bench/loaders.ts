// loaders.ts: the programs that make load, and what one run of each reports.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import autocannon from 'autocannon';
import { packageRoot } from '../src/paths.ts';
import type { Fields, LoaderName } from './cases.ts';

export interface Load {
  readonly url: string;
  readonly fields: Fields;
  readonly connections: number;
  readonly pipelining: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Answers of 400 and above. */
  readonly rejected: number;
  /** Connections refused, reset, closed or timed out. */
  readonly errors: number;
}

/** A load and the share of one CPU that its loader took. */
export interface LoaderRun extends LoadResult {
  readonly loaderCpu: number;
}

const LOADERS: Readonly<Record<LoaderName, (load: Load, core: number) => Promise<LoadResult>>> = {
  wrk: runWrk,
  // In this process, which bench.ts has pinned to the loader's core.
  autocannon: runAutocannon,
};

export async function runLoader(name: LoaderName, load: Load, core: number): Promise<LoaderRun> {
  const cpuBefore = name === 'wrk' ? childrenCpuSeconds() : ownCpuSeconds();
  const result = await LOADERS[name](load, core);
  const cpuAfter = name === 'wrk' ? childrenCpuSeconds() : ownCpuSeconds();
  return { ...result, loaderCpu: (cpuAfter - cpuBefore) / result.seconds };
}

async function runWrk(load: Load, core: number): Promise<LoadResult> {
  // wrk drops a field without a blank after the colon, and says nothing.
  const fields = Object.entries(load.fields).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const options = ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--latency', ...fields];
  const script = load.pipelining === 1 ? [] : ['-s', join(packageRoot, 'bench', 'pipeline.lua')];
  const parameters = load.pipelining === 1 ? [] : ['--', String(load.pipelining)];
  const command = ['-c', String(core), 'wrk', ...options, ...script, load.url, ...parameters];
  const result = parseWrk((await promisify(execFile)('taskset', command)).stdout);
  // wrk takes times from the last request of a batch to each answer: of no use with pipelining.
  return load.pipelining === 1 ? result : { ...result, p50Us: NaN, p99Us: NaN };
}

async function runAutocannon(load: Load): Promise<LoadResult> {
  const result = await autocannon({
    url: load.url,
    connections: load.connections,
    pipelining: load.pipelining,
    duration: load.seconds,
    sampleInt: 100,
    headers: load.fields,
  });
  return {
    requests: result.requests.total,
    seconds: result.duration,
    p50Us: result.latency.p50 * 1000,
    p99Us: result.latency.p99 * 1000,
    rejected: result['4xx'] + result['5xx'],
    errors: result.errors + result.timeouts,
  };
}

/** Throws on output that is not wrk's report. */
export function parseWrk(text: string): LoadResult {
  const total = /(\d+) requests in ([\d.]+)(us|ms|s|m)/.exec(text);
  if (!total) throw new Error(`loaders: not a report of wrk:\n${text}`);
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(
    text,
  );
  return {
    requests: Number(total[1]),
    seconds: wrkMicroseconds(total[2]!, total[3]!) / 1e6,
    p50Us: percentile(text, 50),
    p99Us: percentile(text, 99),
    rejected: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
    errors: (socketErrors?.slice(1) ?? []).reduce((sum, count) => sum + Number(count), 0),
  };
}

function percentile(text: string, percent: number): number {
  const found = new RegExp(`^ +${percent}% +([\\d.]+)(us|ms|s|m)`, 'm').exec(text);
  return found ? wrkMicroseconds(found[1]!, found[2]!) : NaN;
}

function wrkMicroseconds(count: string, unit: string): number {
  const scale: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, m: 60e6 };
  return Number(count) * scale[unit]!;
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU of all children that have ended: cutime and cstime of proc(5), in ticks of 10 ms. */
function childrenCpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)!.split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
