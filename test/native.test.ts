// native.test.ts: the addons export what their interfaces say, in this process and twice.
import { expect, test } from 'vitest';
import { loadCdb, loadWall } from '../src/native.ts';
import { addonPath } from '../src/paths.ts';

test('cdb', () => {
  const cdb = loadCdb(addonPath('cdb'));
  const names = ['CdbMake', 'Compressor', 'cdbFind', 'cdbNext', 'libraries', 'tryLock'];
  expect(Object.keys(cdb).sort()).toEqual(names);
  const unsound = expect.objectContaining({ code: 'EPROTO' }) as Error;
  const again = loadCdb(addonPath('cdb'));
  expect(() => again.cdbFind(new Uint8Array(2_048), Uint8Array.of(1))).toThrow(unsound);
});

test('wall', () => {
  const wall = loadWall(addonPath('wall'));
  const names = [
    ['Ring', 'adoptListener', 'allowOnly', 'boundPort', 'callName', 'closeDescriptor', 'codeRange'],
    ['createStatus', 'descriptorKind', 'dropPrivilege', 'exit', 'harden', 'ignoreSignals'],
    ['layout', 'listenTcp', 'listenUnix', 'loadedFiles', 'mapSealed', 'moveToTop', 'muteSocket'],
    ['openStatus', 'pipe', 'processFacts', 'queuedConnections', 'raiseDescriptorLimit'],
    ['renewLoop', 'say', 'sealFile'],
    ['sendDescriptors', 'sendLast', 'setUserTimeout', 'shutListener', 'socketPair'],
    ['tellRefusals'],
  ].flat();
  expect(Object.keys(wall).sort()).toEqual(names);
  expect(loadWall(addonPath('wall')).raiseDescriptorLimit()).toBeGreaterThan(64);
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
