// stages.test.ts: stages only shrink, and the last one is as short and narrow as it is said to be.
import { expect, test } from 'vitest';
import { LOCKDOWNS } from '../../src/boot/orders.ts';
import { DESCRIPTOR, LOAD, SERVE, rowsOf } from '../../src/boot/stages.ts';
import type { Row } from '../../src/boot/stages.ts';

/** Whatever `row` allows, `wider` allows too. */
function allowsAll(wider: Row, row: Row): boolean {
  const narrower = Object.entries(wider.where).every(([argument, values]) => {
    const own = row.where[+argument];
    const isConnection = own !== undefined && 'fact' in own && own.fact === 'connections';
    return JSON.stringify(isConnection ? DESCRIPTOR : own) === JSON.stringify(values);
  });
  const everywhere = wider.only === undefined || wider.only === row.only;
  return wider.call === row.call && narrower && everywhere;
}

function widenings(earlier: readonly Row[], later: readonly Row[]): string[] {
  const added = later.filter((row) => !earlier.some((wider) => allowsAll(wider, row)));
  return added.map(({ call, why }) => `${call}: ${why}`);
}

test('what the serve stage allows, the load stage allows', () => {
  expect(widenings(LOAD, SERVE)).toEqual([]);
});

test('the other way round it is not so, and a widening would be seen', () => {
  expect(widenings(SERVE, LOAD).length).toBeGreaterThan(3);
  const wide = SERVE.map((row) => (row.call === 'mmap' ? { ...row, where: {} } : row));
  expect(widenings(LOAD, wide)).toHaveLength(1);
  const more: Row = { call: 'openat', where: {}, why: 'a file' };
  expect(widenings(LOAD, [...SERVE, more])).toEqual(['openat: a file']);
});

test('twenty names, and none that opens, starts or reaches anything', () => {
  const names = new Set(SERVE.map(({ call }) => call));
  expect(names.size).toBe(20);
  const gone = [
    'openat',
    'execve',
    'clone',
    'clone3',
    'socket',
    'connect',
    'bind',
    'ioctl',
    'read',
  ];
  const later = ['ptrace', 'prctl', 'seccomp', 'kill', 'rt_sigaction', 'memfd_create', 'recvmsg'];
  for (const name of [...gone, ...later]) expect(names).not.toContain(name);
});

test('every row has a reason, and each argument one constraint', () => {
  for (const { call, why, where } of [...SERVE, ...LOAD]) {
    expect(why, call).toMatch(/^\S.*[^.]$/);
    for (const argument of Object.keys(where)) expect('012345').toContain(argument);
  }
});

test('jitless has no row with PROT_EXEC; a heap report is allowed only where it is asked for', () => {
  const executable = (rows: readonly Row[]) =>
    rows.filter(({ where }) => JSON.stringify(where).includes('PROT_EXEC'));
  for (const lockdown of LOCKDOWNS) {
    const rows = rowsOf(SERVE, { lockdown, heapReport: false });
    expect(executable(rows)).toHaveLength(lockdown === 'jitless' ? 0 : 1);
    expect(rows.some(({ only }) => only === 'heap report')).toBe(false);
    expect(rowsOf(SERVE, { lockdown, heapReport: true })).toHaveLength(rows.length + 1);
  }
});
