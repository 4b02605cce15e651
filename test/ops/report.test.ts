// report.test.ts: the table for people.
import { expect, test } from 'vitest';
import type { Row } from '../../src/ops/judge.ts';
import { type Report, formatJson, formatTable } from '../../src/ops/report.ts';

const ok: Row = {
  id: 'uid',
  name: 'user id',
  value: '7',
  needed: 'core',
  state: 'ok',
  source: 'kernel',
  details: ['more'],
};
const missing: Row = {
  ...ok,
  id: 'root',
  name: 'root file system',
  value: '/a\x1b[2Jb',
  needed: 'extra',
  state: 'missing',
  cause: 'none',
  remedy: 'start again',
};
const report: Report = {
  version: '1.2.3',
  kernel: '6.1',
  node: 'v20',
  startedAsRoot: false,
  sandbox: 'auto',
  lockdown: 'standard',
  exitCode: 0,
  processes: [
    { process: 'worker', number: 2, pid: 9, protections: [ok, missing, { ...missing, id: 'b' }] },
  ],
};

test('rows in columns, one note for one reason, and nothing that commands a terminal', () => {
  expect(formatTable(report, false).split('\n')).toEqual([
    'cdbserve 1.2.3, Node v20, Linux 6.1, started by an ordinary user, --sandbox auto, --lockdown standard',
    '',
    'worker 2 (pid 9)',
    '  user id           7        core   ok',
    '  root file system  /a?[2Jb  extra  missing [1]',
    '  root file system  /a?[2Jb  extra  missing [1]',
    '  [1] Cause: none. Remedy: start again.',
    '',
    '1 of 1 core and 0 of 2 extra protections hold: exit 0',
    '',
  ]);
  expect(formatTable(report, true)).toContain('\n    more\n');
});

test('where nothing started there is no table; as JSON it says why', () => {
  const none: Report = { ...report, processes: [], exitCode: 5, failure: 'cannot bind' };
  expect(formatTable(none, false).split('\n')).toHaveLength(2);
  expect(JSON.parse(formatJson(none))).toEqual(none);
});
