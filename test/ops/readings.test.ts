// readings.test.ts: which source is believed, and what it says.
import { expect, test } from 'vitest';
import {
  byItself,
  ofDescriptors,
  ofEnvironment,
  ofInterfaces,
  ofLandlock,
  ofLimit,
  ofNamespace,
  ofNeighbours,
  ofRoot,
} from '../../src/ops/readings.ts';
import { BLIND, FACTS, REPORT, SEEN, TOLD, seen } from '../support/seen.ts';

test('namespaces: /proc before the worker, the worker before the spawner', () => {
  const read = (what: typeof SEEN) => ofNamespace(what, 'net', 'NETWORK_NAMESPACE');
  expect(read(SEEN)).toEqual({ value: 'own', holds: true, source: 'kernel' });
  const shared = { namespaces: { net: 'net:[1]' } };
  expect(read(seen({}, shared))).toMatchObject({ holds: true, source: 'kernel' });
  expect(read(seen(BLIND, shared))).toMatchObject({ holds: false, source: 'worker' });
  const silent = seen(BLIND, { namespaces: {} });
  expect(read(silent)).toMatchObject({ holds: true, source: 'spawner' });
  const poor = { ...silent, told: { ...silent.told!, taken: [] } };
  expect(read(poor)).toMatchObject({ value: 'shared with the host', holds: false });
  const { told: _, ...nobody } = silent;
  expect(read(nobody).holds).toBeUndefined();
});

test('root: whose it is, what can be written, which files', () => {
  expect(ofRoot(SEEN)).toMatchObject({ value: 'own, read-only, 1 files', details: ['/node'] });
  const mounts = [...FACTS.mounts!, { place: '/dev', type: 'tmpfs', readOnly: false }];
  expect(ofRoot(seen({ mounts }))).toMatchObject({ value: 'own, writable: /dev, 2 files' });
  expect(ofRoot(seen({ mounts: [] })).holds).toBeUndefined();
});

test('interfaces, processes, limits, environment, descriptors', () => {
  expect(ofInterfaces(SEEN)).toMatchObject({ value: 'lo, down', holds: true });
  expect(ofInterfaces(seen({ interfaces: [] }))).toMatchObject({ value: 'none, down' });
  expect(ofInterfaces(seen({ addresses: undefined })).holds).toBeUndefined();
  expect(ofNeighbours(seen({ neighbours: undefined })).value).toContain('is its own');
  expect(ofNeighbours(seen({ neighbours: 3 }))).toMatchObject({ value: '3', holds: false });
  expect(ofLimit(FACTS, 'Max open files', 99)).toMatchObject({ value: '99', holds: true });
  expect(ofLimit(FACTS, 'Max nothing', 99).holds).toBeUndefined();
  expect(ofEnvironment(seen({ environment: [] }))).toMatchObject({ value: 'empty', holds: true });
  const secret = seen(BLIND, { environment: ['TOKEN'] });
  expect(ofEnvironment(secret)).toEqual({ value: 'TOKEN', holds: false, source: 'worker' });
  expect(ofDescriptors(SEEN).value).toBe('3: 1 /dev/null, 2 socket');
  const folder = seen(BLIND, { descriptors: ['directory'] });
  expect(ofDescriptors(folder)).toMatchObject({ holds: false, source: 'worker' });
});

test('Landlock: what was tried, and what the kernel has', () => {
  expect(ofLandlock(SEEN, 'LANDLOCK_FILES').value).toBe('closed (ABI 7)');
  const process = { ...REPORT.process, landlockAbi: -1 };
  const none = { ...SEEN, told: { ...TOLD, taken: [], report: { ...REPORT, process } } };
  expect(ofLandlock(none, 'LANDLOCK_FILES')).toEqual({
    value: 'open (the kernel has none)',
    holds: false,
    source: 'spawner',
  });
});

test('a worker that told nothing is not asked', () => {
  const { told: _, ...silent } = SEEN;
  expect(byItself(() => ['', true])(silent).holds).toBeUndefined();
});
