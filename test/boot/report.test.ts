// report.test.ts: what a process says of itself, held against what the kernel says of it.
import { closeSync, openSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FixedOrders, WorkerReport } from '../../src/boot/orders.ts';
import { reportSelf } from '../../src/boot/report.ts';
import { SERVE } from '../../src/boot/stages.ts';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/site.ts';

const wall = loadWall(addonPath('wall'));
const path = join(temporaryFolder(), 'archive');
writeFileSync(path, 'archive');
const file = openSync(path, 'r');
onEnd(() => closeSync(file));
const sealed = await wall.sealFile(file);
const map = wall.mapSealed(sealed);

const orders = (lockdown: 'standard' | 'jitless') =>
  ({ lockdown, heapReport: false }) as FixedOrders;
const report = (locked?: FixedOrders): WorkerReport =>
  JSON.parse(reportSelf(wall, map, locked)) as WorkerReport;

test('itself, its environment by name, its namespaces, its archive', () => {
  const said = report();
  expect(said.process).toEqual(wall.processFacts());
  expect(said.environment).toEqual(Object.keys(process.env));
  expect(said.namespaces['net']).toBe(readlinkSync('/proc/self/ns/net'));
  expect(Object.keys(said.namespaces)).toHaveLength(7);
  expect([said.seals, said.msealed]).toEqual([map.seals, map.msealed]);
  expect([said.calls, said.codeRange]).toEqual([undefined, undefined]);
});

test('a file is not taken for sealed memory, nor a folder for a device', () => {
  const folder = openSync('/', 'r');
  const [before, kinds] = [report().descriptors, ['file', 'memfd', 'directory']];
  closeSync(folder);
  const after = report().descriptors;
  for (const kind of kinds) expect(before).toContain(kind);
  const count = (all: readonly string[]): number => all.filter((k) => k === 'directory').length;
  expect(count(before) - count(after)).toBe(1);
});

test('locked it names what is left, and where code may be', () => {
  const standard = report(orders('standard'));
  expect(standard.calls).toEqual([
    ...new Set(SERVE.filter(({ only }) => only !== 'heap report').map(({ call }) => call)),
  ]);
  const [from, to] = standard.codeRange!.map((at) => BigInt(`0x${at}`));
  expect({ start: from, bytes: to! - from! }).toEqual(wall.codeRange());
  expect(report(orders('jitless')).codeRange).toBeUndefined();
});
