// options.test.ts: arguments of npm run bench.
import { expect, test } from 'vitest';
import { COMMAND, readCount, readPlan } from '../../bench/options.ts';
import { parseArguments, usage } from '../../src/cli.ts';

const plan = (...argv: string[]) => readPlan(parseArguments(COMMAND, argv));

test('without arguments everything is measured in twelve rounds', () => {
  const all = plan();
  expect(all).toMatchObject({ rounds: 12, seconds: 1, ledger: true, callgrind: true });
  expect(all.cases.length).toBe(6);
  expect(all.peers.map((peer) => peer.name)).toContain('cdbserve');
});

test('--quick takes three rounds and leaves no line, unless rounds are given', () => {
  expect(plan('--quick')).toMatchObject({ rounds: 3, ledger: false, callgrind: false });
  expect(plan('--quick', '--rounds', '5').rounds).toBe(5);
  expect(plan('--no-ledger', '--no-callgrind')).toMatchObject({ ledger: false, callgrind: false });
});

test('cases and peers are chosen by name, a peer with its program', () => {
  const some = plan('--case', 'large-body', '--peer', 'floor', '--peer', 'nginx=/opt/nginx');
  expect(some.cases.map((subject) => subject.name)).toEqual(['large-body']);
  expect(some.peers.map((peer) => peer.name)).toEqual(['nginx', 'floor']);
  expect(some.executables).toEqual(new Map([['nginx', '/opt/nginx']]));
});

test('a slip is answered with what there is', () => {
  expect(() => plan('--peer', 'apache')).toThrow('--peer is apache, but there are only cdbserve');
  expect(() => plan('--rounds', '0')).toThrow('--rounds is 0, but a number from 1 to 1000');
  expect(() => plan('--rounds', '1e3')).toThrow('--rounds is 1e3');
});

test('a count is read within its bounds', () => {
  const given = parseArguments(COMMAND, ['--requests', '5000']);
  expect(readCount(given, '--requests', 1, 5_000)).toBe(5_000);
  expect(() => readCount(given, '--requests', 1, 4_999)).toThrow('from 1 to 4999');
  expect(usage(COMMAND)).toContain('allocations');
});
