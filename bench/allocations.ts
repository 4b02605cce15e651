// allocations.ts: npm run bench -- allocations: whether requests leave garbage in the worker.
//
// Needs a cdbserve that, started with CDBSERVE_HEAP_REPORT=1, answers SIGUSR2 with one line on
// stderr for each worker: `heap PID USED_BYTES`, measured after two full collections.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, Failure } from '../src/errors.ts';
import { CASES } from './cases.ts';
import { learnEtag } from './check.ts';
import { SERVER_CORE } from './machine.ts';
import { drive, mixedSteps } from './mix.ts';
import type { Counts, Step } from './mix.ts';
import { commandLine, missingNeed, PEERS } from './peers.ts';
import type { Values } from './peers.ts';
import { freePort, startServer } from './servers.ts';
import type { Server } from './servers.ts';
import { packSite, PAGE_PATH, writeSite } from './site.ts';

export const DIFFERENCE_BYTES_MAX = 64 * 1024;
/** Requests between two looks, until the heap rests: what the compiler keeps is not sought. */
const RUN_IN_REQUESTS = 50_000;
/** A heap that never rests is measured as it is, and found too large. */
const RUN_INS_MAX = 12;
const CONNECTIONS = 32;
const REPORT_TIMEOUT_MS = 30_000;

/** A Location made of captures, and a path looked up; the first rule is tried before both. */
const RULES = '/none/:x/* /nowhere\n/moved/:x/* /to/:splat/:x 302\n/as/* /:splat 200\n';
const ruledStep = (path: string, status: number): Step => ({
  kind: `rule ${status}`,
  bytes: `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`,
  expected: [{ status }],
});
const RULED_STEPS = [
  ruledStep('/moved/a%20b/c/%C3%BC?d', 302),
  ruledStep(`/as${PAGE_PATH}`, 200),
  ruledStep('/as/%6eothing', 404),
];

export interface Allocations {
  readonly requests: number;
  readonly seconds: number;
  readonly counts: Counts;
  /** Used bytes of the worker's heap. */
  readonly before: number;
  readonly after: number;
}

/** Packs, serves, loads and measures in `directory`, which the caller removes. */
export async function measureAllocations(
  directory: string,
  requests: number,
): Promise<Allocations> {
  const server = await startWorker(directory);
  try {
    const etag = await learnEtag(server.port, CASES[0]!);
    if (etag === undefined) throw new Error('allocations: the page came without ETag');
    const steps = [...mixedSteps(etag), ...RULED_STEPS];
    const before = await runIn(server, steps);
    const start = performance.now();
    const counts = await drive(server.port, steps, requests, CONNECTIONS);
    const seconds = (performance.now() - start) / 1000;
    return { requests, seconds, counts, before, after: await readHeap(server) };
  } finally {
    await server.stop();
  }
}

/** Used bytes of the heap once two looks in a row agree. */
async function runIn(server: Server, steps: readonly Step[]): Promise<number> {
  let before = Number.NaN;
  let after = await readHeap(server);
  for (let times = 0; times < RUN_INS_MAX && !(after === before); times++) {
    before = after;
    await drive(server.port, steps, RUN_IN_REQUESTS, CONNECTIONS);
    after = await readHeap(server);
  }
  return after;
}

/** Prints the result; EXIT.failure when the heap has grown too much. */
export async function runAllocations(directory: string, requests: number): Promise<number> {
  const result = await measureAllocations(directory, requests);
  process.stdout.write(allocationsText(result));
  return isWithinLimit(result) ? EXIT.ok : EXIT.failure;
}

/** A heap that has shrunk by much was not at rest at the first look: that is no proof either. */
export function isWithinLimit(result: Allocations): boolean {
  return Math.abs(result.after - result.before) <= DIFFERENCE_BYTES_MAX;
}

export function allocationsText(result: Allocations): string {
  const kinds = [...result.counts].map(([kind, count]) => `${kind}: ${count}`).join(', ');
  const difference = result.after - result.before;
  const verdict = isWithinLimit(result) ? 'within' : 'beyond';
  return (
    `${result.requests} requests in ${result.seconds.toFixed(1)} s (${kinds})\n` +
    `used heap after two full collections: ${result.before} bytes before, ${result.after} after, ` +
    `${difference >= 0 ? '+' : ''}${difference}: ${verdict} ${DIFFERENCE_BYTES_MAX}\n`
  );
}

/** The last `heap PID USED_BYTES` in a server's output and how many there are. */
export function parseHeap(output: string): { readonly reports: number; readonly used: number } {
  const found = [...output.matchAll(/^heap \d+ (\d+)$/gm)];
  return { reports: found.length, used: Number(found.at(-1)?.[1]) };
}

async function startWorker(directory: string): Promise<Server> {
  const peer = PEERS[0]!;
  const missing = missingNeed(peer);
  if (missing !== undefined) {
    throw new Failure(
      EXIT.failure,
      `tried to start ${peer.name}, but ${missing} is not here. Build it: npm run build.`,
    );
  }
  const archive = join(directory, 'site.cdb');
  const site = writeSite(directory);
  writeFileSync(join(site.source, '_redirects'), RULES);
  packSite(site, archive);
  const port = await freePort();
  const command = commandLine(peer, { archive, port: String(port) } as Values);
  return await startServer(command, port, SERVER_CORE, { CDBSERVE_HEAP_REPORT: '1' });
}

async function readHeap(server: Server): Promise<number> {
  const { reports } = parseHeap(server.output());
  process.kill(server.pid, 'SIGUSR2');
  const until = Date.now() + REPORT_TIMEOUT_MS;
  while (parseHeap(server.output()).reports === reports) {
    if (Date.now() > until) {
      throw new Error(`allocations: no heap report after SIGUSR2:\n${server.output()}`);
    }
    await sleep(20);
  }
  return parseHeap(server.output()).used;
}
