// instructions.ts: user-space instructions per request under Valgrind, where perf counts none.
//
// Kernel work is not in it, and the loader keeps 64 connections in step, so that every turn of a
// server finds a full batch: a guard against regressions, not a speed.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { requestFields, requestText } from './cases.ts';
import type { Case } from './cases.ts';
import { learnEtag } from './check.ts';
import { processTree } from './counters.ts';
import { AnswerReader, open, receive } from './exchange.ts';
import { startPeer } from './measure.ts';
import type { Bench, Row } from './measure.ts';
import { findProgram } from './peers.ts';
import type { Peer } from './peers.ts';
import type { Server } from './servers.ts';

/** Before counting starts: enough for a just-in-time compiler to be done with the hot code. */
const WARM_UP_STEPS = 400;
const SHORT_STEPS = 15;
const LONG_STEPS = 45;

/** Writes what it counted into the rows of wrk; says why where it could not. */
export async function countInstructions(
  bench: Bench,
  subject: Case,
  peers: readonly Peer[],
  rows: readonly Row[],
): Promise<void> {
  if (!findProgram('valgrind') || !findProgram('callgrind_control')) {
    process.stdout.write('instructions: not counted: perf cannot, and valgrind is not here\n');
    return;
  }
  for (const row of rows) {
    const peer = peers.find((one) => one.name === row.peer && one.countable);
    if (!peer || !row.summary || row.loader !== 'wrk') continue;
    try {
      row.instructionsUser = await countPeer(bench, subject, peer);
    } catch (error) {
      process.stdout.write(
        `instructions: ${peer.name}: not counted: ${(error as Error).message}\n`,
      );
    }
  }
}

async function countPeer(bench: Bench, subject: Case, peer: Peer): Promise<number> {
  const out = join(bench.directory, `callgrind-${peer.name}`);
  const counted = { ...peer, command: [...peer.command, ...(peer.countable ?? [])] };
  const server = await startPeer(bench, subject, counted, [
    'valgrind',
    '--quiet',
    '--tool=callgrind',
    '--instr-atstart=no',
    '--smc-check=all-non-file',
    '--trace-children=yes',
    `--callgrind-out-file=${out}.%p`,
  ]);
  try {
    const etag = subject.conditional ? await learnEtag(server.port, subject) : undefined;
    const request = requestText('GET', subject.path, requestFields(subject, etag));
    const sockets = await openAll(server, subject.connections);
    await keepInStep(sockets, request, WARM_UP_STEPS);
    control(server, '-i', 'on');
    await keepInStep(sockets, request, SHORT_STEPS);
    control(server, '-d', 'short');
    await keepInStep(sockets, request, LONG_STEPS);
    control(server, '-d', 'long');
    for (const socket of sockets) socket.destroy();
    const requests = (LONG_STEPS - SHORT_STEPS) * subject.connections;
    // What a dump itself costs is in both and falls out.
    return (
      (dumpTotal(bench.directory, peer, 'long') - dumpTotal(bench.directory, peer, 'short')) /
      requests
    );
  } finally {
    await server.stop();
  }
}

async function openAll(server: Server, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) sockets.push(await open(server.port));
  return sockets;
}

/** Every connection sends one request and waits for its answer, then all go on. */
async function keepInStep(
  sockets: readonly Socket[],
  request: string,
  steps: number,
): Promise<void> {
  for (let step = 0; step < steps; step++) {
    for (const socket of sockets) socket.write(request, 'latin1');
    await Promise.all(sockets.map(receiveAnswer));
  }
}

async function receiveAnswer(socket: Socket): Promise<void> {
  const reader = new AnswerReader();
  while (!reader.next(false)) reader.push(await receive(socket));
}

/** A command to Callgrind in every process of the server; throws when one does not obey. */
function control(server: Server, ...command: readonly string[]): void {
  for (const process of processTree(server.pid)) {
    execFileSync('callgrind_control', [...command, String(process)], {
      stdio: 'pipe',
      timeout: 30_000,
    });
  }
}

/** Instructions of the dumps that `callgrind_control -d NAME` made, over all processes. */
function dumpTotal(directory: string, peer: Peer, name: string): number {
  const prefix = `callgrind-${peer.name}.`;
  const dumps = readdirSync(directory)
    .filter((file) => file.startsWith(prefix))
    .map((file) => readFileSync(join(directory, file), 'latin1'))
    .filter((text) => text.includes(`Trigger: dump ${name}`));
  if (dumps.length === 0) throw new Error(`Callgrind wrote no dump ${name}`);
  return dumps.reduce((sum, text) => sum + parseTotal(text), 0);
}

/** The line `totals: N` of a Callgrind file with the one event Ir. */
export function parseTotal(text: string): number {
  const found = /^totals: (\d+)$/m.exec(text);
  if (!found) throw new Error('a Callgrind file without totals');
  return Number(found[1]);
}
