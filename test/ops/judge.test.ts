// judge.test.ts: what holds, what does not and why, and what that is worth.
import { expect, test } from 'vitest';
import { type Row, exitOf, failing, judge } from '../../src/ops/judge.ts';
import { WORKER } from '../../src/ops/protect_worker.ts';
import type { Seen } from '../../src/ops/protection.ts';
import { STEPS } from '../../src/ops/steps.ts';
import { BLIND, EXPECTED, REPORT, SEEN, TOLD, seen } from '../support/seen.ts';

const rowOf = (id: string, what: Seen): Row => judge(WORKER, what).find((row) => row.id === id)!;
const states = (what: Seen): Set<string> => new Set(judge(WORKER, what).map(({ state }) => state));

test('where everything holds nothing is said to be missing', () => {
  expect(states(SEEN)).toEqual(new Set(['ok', 'info']));
  expect(exitOf(judge(WORKER, SEEN), 'require')).toBe(0);
});

test('what a step was refused has its cause and remedy, or that of what it follows from', () => {
  const lacks = [
    { step: 'USER_NAMESPACE', code: 'EPERM' },
    { step: 'SECUREBITS', code: 'EPERM' },
  ] as const;
  const taken = STEPS.filter((step) => !lacks.some((lack) => lack.step === step));
  const report = { ...REPORT, process: { ...REPORT.process, securebits: 0 }, namespaces: {} };
  const what = {
    ...seen({ namespaces: new Map() }),
    told: { ...TOLD, lacks, taken, report },
  };
  for (const id of ['namespace_user', 'securebits']) {
    expect(rowOf(id, what)).toMatchObject({
      state: 'missing',
      cause: 'the machine or an outer sandbox forbids namespaces to this user (EPERM)',
      remedy: expect.stringContaining('start as root') as string,
    });
  }
  expect(rowOf('namespace_mount', what)).toMatchObject({ value: 'own', source: 'spawner' });
  expect(exitOf(judge(WORKER, what), 'auto')).toBe(0);
  expect(exitOf(judge(WORKER, what), 'require')).toBe(4);
});

test('every step that protects has a row', () => {
  const plain = ['REQUEST', 'CLONE', 'DESCRIPTORS', 'EXEC'];
  const rows = WORKER.map(({ step }) => step);
  expect(STEPS.filter((step) => !plain.includes(step) && !rows.includes(step))).toEqual([]);
});

test('what --sandbox off leaves open is its doing; what it does not touch is not', () => {
  const off = {
    ...seen({}, { msealed: false }),
    expected: { ...EXPECTED, sandbox: 'off' },
  } as const;
  const told = { ...off.told!, taken: [] };
  expect(rowOf('landlock_network', { ...off, told }).cause).toBe('--sandbox off');
  expect(rowOf('mapping_sealed', off).cause).toContain('6.10');
});

test('of Landlock is asked what the kernel has', () => {
  const taken = STEPS.filter((step) => !step.startsWith('LANDLOCK_'));
  const needs = (landlockAbi: number): string[] => {
    const report = { ...REPORT, process: { ...REPORT.process, landlockAbi } };
    const rows = judge(WORKER, { ...SEEN, told: { ...TOLD, taken, report } });
    return rows.filter(({ id }) => id.startsWith('landlock_')).map(({ needed }) => needed);
  };
  expect(needs(7)).toEqual(['extra', 'extra', 'extra']);
  expect(needs(5)).toEqual(['extra', 'extra', 'info']);
  expect(needs(-1)).toEqual(['extra', 'info', 'info']);
});

test('what is failing is what the exit code is of', () => {
  const open = seen({}, { msealed: false });
  expect(failing(judge(WORKER, open), 'auto')).toEqual([]);
  const rows = failing(judge(WORKER, open), 'require');
  expect(rows.map(({ id }) => id)).toEqual(['mapping_sealed']);
});

test('what nobody can read is unknown, and does not count as held', () => {
  const { told: _, ...blind } = { ...SEEN, facts: BLIND };
  const rows = judge(WORKER, blind);
  const unread = rows.filter(({ state }) => state === 'unknown');
  expect(unread.map(({ id }) => id)).toEqual(
    rows.filter((r) => r.needed !== 'info').map((r) => r.id),
  );
  expect(new Set(unread.map(({ value }) => value))).toEqual(new Set(['not readable']));
  expect(unread.every(({ cause, remedy }) => cause && remedy)).toBe(true);
  expect(exitOf(rows, 'auto')).toBe(4);
});

test('what root alone can empty is not asked of others', () => {
  const root = { ...SEEN, expected: { ...EXPECTED, isRoot: true } };
  expect(rowOf('groups', SEEN).state).toBe('info');
  expect(rowOf('groups', root)).toMatchObject({ state: 'ok', needed: 'core' });
  expect(rowOf('namespace_user', root).needed).toBe('info');
});
