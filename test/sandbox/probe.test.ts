// probe.test.ts: every system call there is, in each level, beside a list of names and no filter.
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { LOCKDOWNS } from '../../src/boot/orders.ts';
import { SERVE } from '../../src/boot/stages.ts';
import { packageRoot } from '../../src/paths.ts';
import { FULL, record } from '../support/ledger.ts';
import { page } from './page.ts';
import type { Found } from './page.ts';
import { NAMES_ALONE, NONE, filtersOf, survivors } from './probe.ts';
import type { Filters } from './probe.ts';

const TIMEOUT_MS = FULL ? 2_000 : 300;
const NAMES = [...new Set(SERVE.map(({ call }) => call))].sort();

function probe(filter: string, filters: Filters): Found {
  const of = (kind: Parameters<typeof survivors>[1]) => survivors(filters, kind, TIMEOUT_MS);
  const [zero, ones, plausible] = [of('zero'), of('ones'), of('plausible')];
  return { filter, zero, ones, plausible, right: of('right'), x32: of('x32'), int80: of('int80') };
}

let standard: Found;
let jitless: Found;
let names: Found;
let none: Found;

beforeAll(() => {
  [standard, jitless] = LOCKDOWNS.map((level) => probe(level, filtersOf(level))) as [Found, Found];
  names = probe('Kawipiko, 36 names', NAMES_ALONE);
  none = probe('none', NONE);
}, 120_000);

test('in no level is a call let through that has no row', () => {
  for (const level of [standard, jitless]) {
    const all = [level.zero, level.ones, level.plausible, level.right].flat();
    expect(all.filter((call) => !NAMES.includes(call))).toEqual([]);
    expect([level.x32, level.int80]).toEqual([[], []]);
  }
});

test('no socket of any family can be made', () => {
  for (const level of LOCKDOWNS) expect(survivors(filtersOf(level), 'sockets', 300)).toEqual([]);
  expect(survivors(NONE, 'sockets', 300)).toEqual(['socket']);
});

test('no number of a descriptor has an upper half: the load stage sees to it', () => {
  const byNumber = ['close', 'recvfrom', 'sendmsg', 'shutdown'];
  const through = (filters: Filters) =>
    survivors(filters, 'halves', 300).filter((call) => byNumber.includes(call));
  for (const level of LOCKDOWNS) {
    const [load, serve] = filtersOf(level);
    expect(through([load!, serve!])).toEqual([]);
    expect(through([serve!])).toEqual(byNumber);
  }
});

test('every row is good for something: with its arguments the call is let through', () => {
  expect(standard.right).toEqual(NAMES);
  expect(jitless.right).toEqual(NAMES);
});

test('with zeros or ones few are, of a list of names all, without filter every one', () => {
  for (const level of [standard, jitless]) {
    expect(level.zero.length).toBeLessThanOrEqual(8);
    expect(level.ones.length).toBeLessThanOrEqual(8);
  }
  expect(names.zero).toHaveLength(36);
  expect(none.zero).toHaveLength(499);
  expect([none.x32.length, none.int80.length]).toEqual([499, 499]);
});

test('docs/lockdown.md says so', async () => {
  const found = [standard, jitless, names, none];
  await expect(page(found)).toMatchFileSnapshot(join(packageRoot, 'docs', 'lockdown.md'));
  const { zero, ones, plausible, right } = standard;
  const figures = { zero: zero.length, ones: ones.length, plausible: plausible.length };
  record('calls a locked worker can make', { ...figures, right: right.length });
});
