// bench.ts: npm run bench: measures cdbserve beside its peers, prints tables, keeps the results.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArguments, usage } from '../src/cli.ts';
import { EXIT, Failure, runMain } from '../src/errors.ts';
import { packageRoot, version } from '../src/paths.ts';
import { runAllocations } from './allocations.ts';
import { perfCounts } from './counters.ts';
import { buildFloor } from './floor.ts';
import { countInstructions } from './instructions.ts';
import { appendLedger } from './ledger.ts';
import { chart } from './chart.ts';
import { describeMachine, pinToLoaderCore } from './machine.ts';
import type { Machine } from './machine.ts';
import { measureCase } from './measure.ts';
import type { Bench, Row } from './measure.ts';
import { COMMAND, readCount, readPlan } from './options.ts';
import type { Plan } from './options.ts';
import { findProgram, missingNeed } from './peers.ts';
import type { Peer } from './peers.ts';
import { killServers } from './servers.ts';
import { packSite, writeSite } from './site.ts';
import { caseTable, metricText } from './table.ts';

const REQUESTS_MAX = 100_000_000;

await runMain('bench', () => main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  const given = parseArguments(COMMAND, argv);
  if (given.has('--help')) return print(usage(COMMAND));
  if (given.has('--version')) return print(`${version}\n`);
  const plan = readPlan(given);
  const directory = makeDirectory();
  try {
    if (given.positionals[0] === 'allocations') {
      return await runAllocations(
        directory,
        readCount(given, '--requests', 1_000_000, REQUESTS_MAX),
      );
    }
    return await benchmark(plan, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function benchmark(plan: Plan, directory: string): Promise<number> {
  requireProgram('wrk');
  pinToLoaderCore();
  const machine = describeMachine();
  const metric = perfCounts() ? 'cycles' : 'cpu_ns';
  const peers = presentPeers(plan);
  const bench: Bench = { ...plan, ...prepare(directory, peers), metric };
  print(`${machine.cpu}, ${machine.cores} CPUs, Linux ${machine.kernel}, Node ${machine.node}\n`);
  print(`${metricText(metric)}\n\n`);
  const rows: Row[] = [];
  for (const subject of plan.cases) {
    const measured = await measureCase(bench, subject, peers);
    const main = subject === plan.cases[0] && metric === 'cpu_ns';
    if (main && plan.callgrind) await countInstructions(bench, subject, peers, measured);
    for (const loader of subject.loaders) {
      const rounds = `${plan.rounds} × ${plan.seconds} s`;
      const title = `${subject.name} (${subject.about}); ${loader}, ${rounds}`;
      print(
        `${caseTable(
          title,
          measured.filter((row) => row.loader === loader),
        )}\n`,
      );
    }
    rows.push(...measured);
  }
  keep(plan, machine, rows);
  return rows.some((row) => row.failure !== undefined) ? EXIT.failure : EXIT.ok;
}

function presentPeers(plan: Plan): readonly Peer[] {
  return plan.peers.filter((peer) => {
    const missing = missingNeed(peer, plan.executables.get(peer.name));
    if (missing !== undefined) print(`skipped: ${peer.name}: ${missing} is not here\n`);
    return missing === undefined;
  });
}

/** Everything that servers are started with. */
function prepare(directory: string, peers: readonly Peer[]) {
  const site = writeSite(directory);
  const archive = join(directory, 'site.cdb');
  if (uses(peers, '{archive}')) packSite(site, archive);
  const floor = uses(peers, '{floor}') ? buildFloor() : '';
  return { directory, site, archive, floor };
}

function uses(peers: readonly Peer[], word: string): boolean {
  return peers.some((peer) => peer.command.includes(word));
}

function keep(plan: Plan, machine: Machine, rows: readonly Row[]): void {
  const date = new Date().toISOString();
  const folder = join(packageRoot, 'bench', 'results');
  const base = join(folder, date.replaceAll(':', '-').slice(0, 19));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${base}.json`, `${JSON.stringify({ date, machine, rows }, null, 2)}\n`);
  const unit = rows[0]?.summary?.metric === 'cycles' ? 'cycles' : 'nanoseconds of server CPU';
  writeFileSync(`${base}.svg`, chart(`Cost of a request in ${unit}; shorter is better`, rows));
  print(`written: ${base}.json and .svg\n`);
  if (plan.ledger) appendLedger(rows, machine, date);
}

function requireProgram(name: string): void {
  if (findProgram(name)) return;
  throw new Failure(
    EXIT.failure,
    `tried to find the loader ${name} in PATH and did not. On Debian: apt-get install ${name}.`,
  );
}

/** Open to all: a server started by root gives root up and must still reach its files. */
function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cdbserve-bench-'));
  chmodSync(directory, 0o755);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killServers();
      rmSync(directory, { recursive: true, force: true });
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  }
  return directory;
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}
