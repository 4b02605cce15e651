// measure.ts: one case: starts every server, checks it, loads them in turn, checks again, stops.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestFields } from './cases.ts';
import type { Case, LoaderName } from './cases.ts';
import { learnEtag, requireSame, sampleAnswers } from './check.ts';
import type { Sample } from './check.ts';
import { countWhile } from './counters.ts';
import type { Metric } from './counters.ts';
import { fixedAnswer } from './floor.ts';
import { runLoader } from './loaders.ts';
import type { Load } from './loaders.ts';
import { LOADER_CORE, SERVER_CORE } from './machine.ts';
import { commandLine, configText } from './peers.ts';
import type { Peer, Values } from './peers.ts';
import { freePort, startServer } from './servers.ts';
import type { Server } from './servers.ts';
import type { Site } from './site.ts';
import { summarize } from './summary.ts';
import type { Round, Summary } from './summary.ts';

const WARM_UP_SECONDS = 1;

/** What all cases of a run share. */
export interface Bench {
  readonly directory: string;
  readonly site: Site;
  readonly archive: string;
  readonly floor: string;
  readonly executables: ReadonlyMap<string, string>;
  readonly metric: Metric;
  readonly rounds: number;
  readonly seconds: number;
}

/** One line of a table: a summary, or why there is none. */
export interface Row {
  readonly case: string;
  readonly loader: LoaderName;
  readonly peer: string;
  readonly connections: number;
  readonly seconds: number;
  readonly summary?: Summary;
  readonly failure?: string;
  readonly sample?: Sample;
  readonly rounds?: readonly Round[];
  instructionsUser?: number;
}

interface Contestant {
  readonly peer: Peer;
  readonly server?: Server;
  readonly etag?: string;
  readonly sample?: Sample;
  failure?: string;
}

export async function measureCase(
  bench: Bench,
  subject: Case,
  peers: readonly Peer[],
): Promise<readonly Row[]> {
  const contestants: Contestant[] = [];
  try {
    for (const peer of peers) contestants.push(await enter(bench, subject, peer));
    const rows: Row[] = [];
    for (const loader of subject.loaders) {
      rows.push(...(await measureWith(bench, subject, loader, contestants)));
    }
    return rows;
  } finally {
    for (const contestant of contestants) await contestant.server?.stop();
  }
}

/** Starts a peer's server for a case, in a folder of its own. */
export async function startPeer(
  bench: Pick<Bench, 'directory' | 'site' | 'archive' | 'floor' | 'executables'>,
  subject: Case,
  peer: Peer,
  wrapper: readonly string[] = [],
): Promise<Server> {
  const port = await freePort();
  const directory = join(bench.directory, `${peer.name}-${port}`);
  mkdirSync(directory);
  chmodSync(directory, 0o777); // who has given up root writes a log there
  const values: Values = {
    port: String(port),
    directory,
    root: bench.site.root,
    archive: bench.archive,
    config: join(directory, peer.config ?? 'config'),
    floor: bench.floor,
    head: join(directory, 'head'),
    body: join(directory, 'body'),
    answers: String(subject.pipelining),
    closes: subject.closes ? '1' : '0',
  };
  if (peer.config !== undefined) writeFileSync(values.config, configText(peer.config, values));
  if (peer.fixed) {
    const answer = fixedAnswer(subject, bench.site);
    writeFileSync(values.head, answer.head);
    writeFileSync(values.body, answer.body);
  }
  const command = commandLine(peer, values, bench.executables.get(peer.name));
  return await startServer([...wrapper, ...command], port, SERVER_CORE);
}

async function enter(bench: Bench, subject: Case, peer: Peer): Promise<Contestant> {
  let server: Server | undefined;
  try {
    server = await startPeer(bench, subject, peer);
    const needsEtag = subject.conditional && !peer.fixed;
    const etag = needsEtag ? await learnEtag(server.port, subject) : undefined;
    const sample = await sampleAnswers(server.port, subject, bench.site, etag);
    return { peer, server, sample, ...(etag !== undefined && { etag }) };
  } catch (error) {
    const said = server?.output().trim();
    const failure = (error as Error).message + (said ? `; it said: ${said}` : '');
    return { peer, failure, ...(server && { server }) };
  }
}

async function measureWith(
  bench: Bench,
  subject: Case,
  loader: LoaderName,
  contestants: readonly Contestant[],
): Promise<readonly Row[]> {
  const rounds = new Map<Contestant, Round[]>(contestants.map((contestant) => [contestant, []]));
  const entered = () => contestants.filter((contestant) => contestant.failure === undefined);
  for (const contestant of entered()) {
    await attempt(contestant, () => runRound(bench, subject, loader, contestant, WARM_UP_SECONDS));
  }
  // Every server once in each round: a neighbour's busy minute meets them all alike.
  for (let round = 0; round < bench.rounds; round++) {
    for (const contestant of entered()) {
      await attempt(contestant, async () => {
        const measured = await runRound(bench, subject, loader, contestant, bench.seconds);
        rounds.get(contestant)!.push(measured);
      });
    }
  }
  for (const contestant of entered()) {
    await attempt(contestant, async () => {
      const { server, sample, etag } = contestant;
      const after = await sampleAnswers(server!.port, subject, bench.site, etag);
      requireSame(sample!, after);
    });
  }
  return contestants.map((contestant) => {
    return makeRow(bench, subject, loader, contestant, rounds.get(contestant)!);
  });
}

async function runRound(
  bench: Bench,
  subject: Case,
  loader: LoaderName,
  contestant: Contestant,
  seconds: number,
): Promise<Round> {
  const server = contestant.server!;
  const load: Load = {
    url: `http://127.0.0.1:${server.port}${subject.path}`,
    fields: requestFields(subject, contestant.etag),
    connections: subject.connections,
    pipelining: subject.pipelining,
    seconds,
  };
  const { counts, result } = await countWhile(server.pid, bench.metric, () => {
    return runLoader(loader, load, LOADER_CORE);
  });
  const wrong = subject.status >= 400 ? result.requests - result.rejected : result.rejected;
  if (wrong > 0) throw new Error(`${wrong} of ${result.requests} answers have another status`);
  if (result.errors > 0) throw new Error(`${result.errors} connections failed under load`);
  return { ...result, counts };
}

/** A server that fails once is out of the case: half of its rounds would be no measurement. */
async function attempt(contestant: Contestant, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    contestant.failure = (error as Error).message;
  }
}

function makeRow(
  bench: Bench,
  subject: Case,
  loader: LoaderName,
  contestant: Contestant,
  rounds: readonly Round[],
): Row {
  const { peer, failure, sample } = contestant;
  return {
    case: subject.name,
    loader,
    peer: peer.name,
    connections: subject.connections,
    seconds: bench.seconds,
    ...(failure === undefined ? { summary: summarize(rounds, bench.metric), rounds } : { failure }),
    ...(sample && { sample }),
  };
}
