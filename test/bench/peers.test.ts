// peers.test.ts: the table of servers and the command lines made of it.
import { expect, test } from 'vitest';
import { commandLine, configText, fillIn, missingNeed, PEERS } from '../../bench/peers.ts';
import type { Peer, Values } from '../../bench/peers.ts';

const VALUES: Values = {
  port: '8123',
  directory: '/d',
  root: '/r',
  archive: '/a.cdb',
  config: '/d/config',
  floor: '/floor',
  head: '/d/head',
  body: '/d/body',
  answers: '16',
  closes: '0',
};

test('every word in braces of every peer stands for something', () => {
  for (const peer of PEERS) {
    for (const word of peer.command) expect(fillIn(word, VALUES)).not.toContain('{');
  }
  const configs = PEERS.flatMap((peer) => peer.config ?? []);
  for (const config of configs) expect(configText(config, VALUES)).toContain('8123');
});

test('a word that stands for nothing is our own fault', () => {
  expect(() => fillIn('{prot}', VALUES)).toThrow('nothing stands for {prot}');
});

test('a peer runs with its values, and with another program when one is given', () => {
  const floor = PEERS.find((peer) => peer.name === 'floor')!;
  const rest = ['8123', '/d/head', '/d/body', '16', '0'];
  expect(commandLine(floor, VALUES)).toEqual(['/floor', ...rest]);
  expect(commandLine(floor, VALUES, '/other')).toEqual(['/other', ...rest]);
});

test('what is not on this machine is named', () => {
  const peer: Peer = { name: 'x', about: '', command: ['x'], needs: ['sh', 'no-such-program'] };
  expect(missingNeed(peer)).toBe('no-such-program');
  expect(missingNeed({ ...peer, needs: ['sh'] })).toBeUndefined();
  expect(missingNeed({ ...peer, needs: ['bench/no-such-file'] })).toBe('bench/no-such-file');
  expect(missingNeed(peer, '/no/such/path')).toBe('/no/such/path');
  expect(missingNeed(peer, process.execPath)).toBeUndefined();
});
