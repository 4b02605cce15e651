// options.ts: the arguments of npm run bench.
import { usageFailure } from '../src/cli.ts';
import type { Arguments, Command } from '../src/cli.ts';
import { CASES } from './cases.ts';
import type { Case } from './cases.ts';
import { PEERS } from './peers.ts';
import type { Peer } from './peers.ts';

const ROUNDS_MAX = 1_000;
const SECONDS_MAX = 60;
const QUICK_ROUNDS = 3;

export const COMMAND: Command = {
  program: 'npm run bench --',
  summary: 'measures cdbserve beside its peers on this machine',
  synopsis: ['[options]', 'allocations [--requests N]'],
  options: [
    { flag: '--case', value: 'NAME', repeatable: true, help: names(CASES) },
    {
      flag: '--peer',
      value: 'NAME[=PATH]',
      repeatable: true,
      help: `${names(PEERS)}; PATH: the program to run`,
    },
    { flag: '--rounds', value: 'N', fallback: '12', help: 'rounds of every server in every case' },
    { flag: '--seconds', value: 'N', fallback: '1', help: 'length of a round' },
    { flag: '--quick', help: `${QUICK_ROUNDS} rounds, no line in the ledger, no callgrind` },
    { flag: '--no-ledger', help: 'append nothing to bench/ledger.jsonl' },
    { flag: '--no-callgrind', help: 'do not count instructions under Valgrind' },
    { flag: '--requests', value: 'N', fallback: '1000000', help: 'of allocations: how many' },
  ],
  examples: [
    'npm run bench',
    'npm run bench -- --quick --case small-page --peer cdbserve --peer floor',
    'npm run bench -- allocations',
  ],
};

export interface Plan {
  readonly cases: readonly Case[];
  readonly peers: readonly Peer[];
  /** Peer name to the program that replaces the one from PATH. */
  readonly executables: ReadonlyMap<string, string>;
  readonly rounds: number;
  readonly seconds: number;
  readonly ledger: boolean;
  readonly callgrind: boolean;
}

/** Throws a Failure with EXIT.usage for a name that does not exist or a number out of range. */
export function readPlan(given: Arguments): Plan {
  const quick = given.has('--quick');
  const peers = given.values('--peer').map((text) => text.split('=', 1)[0]!);
  return {
    cases: choose('--case', CASES, given.values('--case')),
    peers: choose('--peer', PEERS, peers),
    executables: new Map(given.values('--peer').flatMap(executable)),
    rounds: readCount(given, '--rounds', quick ? QUICK_ROUNDS : 12, ROUNDS_MAX),
    seconds: readCount(given, '--seconds', 1, SECONDS_MAX),
    ledger: !quick && !given.has('--no-ledger'),
    callgrind: !quick && !given.has('--no-callgrind'),
  };
}

/** A whole number from 1 to `max`, or the fallback when the flag is not given. */
export function readCount(given: Arguments, flag: string, fallback: number, max: number): number {
  const text = given.value(flag);
  if (text === undefined) return fallback;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw usageFailure(COMMAND, `${flag} is ${text}, but a number from 1 to ${max} is needed.`);
}

function choose<T extends { readonly name: string }>(
  flag: string,
  all: readonly T[],
  wanted: readonly string[],
): readonly T[] {
  for (const name of wanted) {
    if (!all.some((one) => one.name === name)) {
      throw usageFailure(COMMAND, `${flag} is ${name}, but there are only ${names(all)}.`);
    }
  }
  return wanted.length === 0 ? all : all.filter((one) => wanted.includes(one.name));
}

function executable(text: string): (readonly [string, string])[] {
  const at = text.indexOf('=');
  return at < 0 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
}

function names(all: readonly { readonly name: string }[]): string {
  return all.map((one) => one.name).join(', ');
}
