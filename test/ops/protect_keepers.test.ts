// protect_keepers.test.ts: what supervisor and spawner may have, by who started them.
import { expect, test } from 'vitest';
import { type Status, parseStatus } from '../../src/ops/facts.ts';
import { type Row, judge } from '../../src/ops/judge.ts';
import { SPAWNER, SUPERVISOR } from '../../src/ops/protect_keepers.ts';
import { EXPECTED, FACTS, SEEN, STATUS } from '../support/seen.ts';

const KEPT = '00000000002001e4';

function rows(table: typeof SPAWNER, isRoot: boolean, ...threads: readonly Status[]) {
  const facts = { ...FACTS, threads, environment: [] };
  const all = judge(table, { facts, host: SEEN.host, expected: { ...EXPECTED, isRoot } });
  return (id: string): Row => all.find((row) => row.id === id)!;
}

const status = (set: string, value: string): Status =>
  parseStatus(STATUS.replace(new RegExp(`^${set}:.*$`, 'm'), `${set}:\t${value}`));

test('the spawner may keep six capabilities when root starts it, and none otherwise', () => {
  const effective = (value: string, isRoot: boolean): string =>
    rows(SPAWNER, isRoot, status('CapEff', value))('capabilities_effective').state;
  expect([effective(KEPT, true), effective(KEPT, false)]).toEqual(['ok', 'missing']);
  expect(effective('00000000002001e5', true)).toBe('missing');
  expect(effective('nonsense', true)).toBe('missing');
  const ambient = rows(SPAWNER, true, status('CapAmb', KEPT));
  expect(ambient('capabilities_ambient').state).toBe('missing');
});

test('the supervisor keeps none: in all threads when root starts it, else in its own', () => {
  const two = [parseStatus(STATUS), status('CapPrm', KEPT)];
  expect(rows(SUPERVISOR, true, ...two)('capabilities_permitted').state).toBe('missing');
  expect(rows(SUPERVISOR, false, ...two)('capabilities_permitted').state).toBe('ok');
  const own = rows(SUPERVISOR, false, ...two.toReversed());
  expect(own('capabilities_permitted').state).toBe('missing');
});

test('the supervisor is who serves', () => {
  expect(rows(SUPERVISOR, true, status('Uid', '0\t0\t0\t0'))('uid').state).toBe('missing');
  expect(rows(SUPERVISOR, true, status('Gid', '8\t8\t0\t8'))('gid').state).toBe('missing');
  expect(rows(SUPERVISOR, true, status('Groups', '4'))('groups').state).toBe('missing');
  expect(rows(SUPERVISOR, false, status('Groups', '4'))('groups').state).toBe('info');
  expect(rows(SUPERVISOR, true, status('NoNewPrivs', '0'))('no_new_privs').state).toBe('missing');
});

test('a spawner without its filter is not as it should be', () => {
  const read = (name: string, value: string) =>
    rows(SPAWNER, true, status(name, value))('seccomp').state;
  expect(read('Seccomp_filters', '1')).toBe('ok');
  expect(read('Seccomp_filters', '0')).toBe('missing');
  expect(read('Seccomp', '0')).toBe('missing');
});

test('a supervisor without its list of system calls is not as it should be', () => {
  const read = (name: string, value: string) =>
    rows(SUPERVISOR, true, status(name, value))('seccomp').state;
  expect(read('Seccomp', '2')).toBe('ok');
  expect(read('Seccomp', '0')).toBe('missing');
  expect(read('Seccomp_filters', '1')).toBe('missing');
});
