// native.test.ts: the addons export what their interfaces say, in this process and twice.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Failure } from '../src/errors.ts';
import { loadCdb, loadWall } from '../src/native.ts';
import { addonPath } from '../src/paths.ts';
import { temporaryFolder } from './support/site.ts';

test('cdb', () => {
  const cdb = loadCdb(addonPath('cdb'));
  const names = ['CdbMake', 'Compressor', 'cdbFind', 'cdbNext', 'libraries', 'mapFile', 'tryLock'];
  expect(Object.keys(cdb).sort()).toEqual(names);
  const unsound = expect.objectContaining({ code: 'EPROTO' }) as Error;
  const again = loadCdb(addonPath('cdb'));
  expect(() => again.cdbFind(new Uint8Array(2_048), Uint8Array.of(1))).toThrow(unsound);
});

test('wall', () => {
  const wall = loadWall(addonPath('wall'));
  const names = [
    [
      'Ring',
      'Watch',
      'acceptOne',
      'adoptListener',
      'allowOnly',
      'boundPort',
      'buryOthers',
      'callName',
    ],
    ['closeDescriptor', 'codeRange', 'createJournal', 'createStatus', 'datagramSocket'],
    ['descriptorKind', 'dropPrivilege', 'exit', 'harden', 'ignoreSignals'],
    ['layout', 'listenTcp', 'listenUnix', 'loadedFiles', 'mapSealed', 'moveToTop', 'muteSocket'],
    ['openStatus', 'pipe', 'processFacts', 'queuedConnections', 'raiseDescriptorLimit'],
    ['renewLoop', 'say', 'sealFile', 'sealsOf'],
    ['sendDescriptors', 'sendLast', 'setUserTimeout', 'shutListener', 'socketPair'],
    ['tellRefusals', 'threadsBeginning'],
  ].flat();
  expect(Object.keys(wall).sort()).toEqual(names);
  expect(loadWall(addonPath('wall')).raiseDescriptorLimit()).toBeGreaterThan(64);
});

test('what is no addon is refused with path, cause and remedy', () => {
  const path = join(temporaryFolder(), 'wall.node');
  expect(() => loadWall(path)).toThrow(/cannot load the addon \/.*wall\.node: .*No such file/);
  writeFileSync(path, 'no addon');
  expect(() => loadWall(path)).toThrow(/too short\. .*node scripts\/install\.mjs/s);
  expect(() => loadWall(path)).toThrow(Failure);
});

test('a refusal of the kernel has its errno name and the call', () => {
  const wall = loadWall(addonPath('wall'));
  const error = expect.objectContaining({ code: 'EBADF' }) as Error;
  expect(() => wall.boundPort(99_999)).toThrow(error);
  const unknown = expect.objectContaining({ code: 'EINVAL' }) as Error;
  expect(() => wall.listenTcp('localhost', 0, false, 1)).toThrow(unknown);
});

test('an addon that is not there says which', () => {
  expect(() => loadWall('/nowhere/wall.node')).toThrow('/nowhere/wall.node');
});
