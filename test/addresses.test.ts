// addresses.test.ts: every form of an address, and what is wrong with what is none.
import { expect, test } from 'vitest';
import { isLoopback, readAddresses, readAdmin } from '../src/addresses.ts';

type Environment = Readonly<Record<string, string>>;

const PID = 77;
const read = (texts: readonly string[], environment: Environment = {}, isRoot = false) =>
  readAddresses(texts, { isRoot, pid: PID, environment });

test.each([
  [':0', '', 0],
  [':80', '', 80],
  [':65535', '', 65_535],
  ['127.0.0.1:8080', '127.0.0.1', 8_080],
  ['0.0.0.0:1', '0.0.0.0', 1],
  ['[::1]:8080', '::1', 8_080],
  ['[::]:8080', '::', 8_080],
])('--listen %s', (text, host, port) => {
  expect(read([text])).toEqual([{ host, port }]);
});

test('several addresses', () => {
  expect(read([':1', '[::1]:2'])).toEqual([
    { host: '', port: 1 },
    { host: '::1', port: 2 },
  ]);
});

test.each(
  [
    ['', ':', '8080', 'localhost:80', '::1:80', '[::1]', '[]:80', '[127.0.0.1]:80', ':65536'],
    [':-1', ':0x50', ':80a', ':000080', '256.1.1.1:80', '1.2.3:80', 'http://1.2.3.4:80', ' :80'],
  ].flat(),
)('--listen %j is refused', (text) => {
  expect(read([text])).toContain(`--listen ${text}: an address is :8080,`);
});

test.each<readonly [Environment, boolean, string, number]>([
  [{}, true, '', 80],
  [{}, false, '', 8_080],
  [{ PORT: '3000' }, true, '', 3_000],
  [{ HOST: '127.0.0.1' }, false, '127.0.0.1', 8_080],
  [{ HOST: '::1', PORT: '3000' }, false, '::1', 3_000],
  [{ HOST: '[::1]' }, true, '::1', 80],
])('environment %j, root: %s', (environment, isRoot, host, port) => {
  expect(read([], environment, isRoot)).toEqual([{ host, port }]);
});

test('an option wins over the environment, and a bad environment is named', () => {
  expect(read([':1'], { PORT: 'x' })).toEqual([{ host: '', port: 1 }]);
  expect(read([], { PORT: 'x' })).toContain('HOST:PORT :x: an address is');
  expect(read([], { HOST: 'machine' })).toContain('HOST:PORT machine:8080: an address is');
});

test('so many addresses can be listened on, and no more', () => {
  const times = (number: number): string[] => Array.from({ length: number }, () => ':1');
  expect(read(times(64))).toHaveLength(64);
  expect(read(times(65))).toBe('more than 64 addresses are given.');
});

test.each([
  ['unix:/run/x.sock', '/run/x.sock', 0o666],
  ['unix:/run/x.sock,mode=660', '/run/x.sock', 0o660],
  ['unix:/run/x.sock,mode=0600', '/run/x.sock', 0o600],
  ['unix:/a:b c,d', '/a:b c,d', 0o666],
  [`unix:/${'x'.repeat(106)}`, `/${'x'.repeat(106)}`, 0o666],
])('--listen %s', (text, path, mode) => {
  expect(read([text])).toEqual([{ path, mode }]);
});

test.each([
  ['unix:', 'name a whole path'],
  ['unix:x.sock', 'name a whole path'],
  ['unix:@name', 'name a whole path'],
  ['unix:/a\0b', 'the path of a socket has at most 107 bytes'],
  [`unix:/${'é'.repeat(54)}`, 'the path of a socket has at most 107 bytes'],
  ['unix:/a,mode=', 'a mode is three octal digits'],
  ['unix:/a,mode=999', 'a mode is three octal digits'],
  ['unix:/a,mode=rw', 'a mode is three octal digits'],
  ['fd:', 'is from 3 to 65535'],
  ['fd:2', 'is from 3 to 65535'],
  ['fd:65536', 'is from 3 to 65535'],
  ['fd:3x', 'is from 3 to 65535'],
  ['fd', 'an address is :8080,'],
  ['unix', 'an address is :8080,'],
  ['systemd', 'LISTEN_FDS names no descriptor'],
])('--listen %j is refused: %s', (text, words) => {
  expect(read([text])).toContain(`--listen ${text}: `);
  expect(read([text])).toContain(words);
});

const HANDED = { LISTEN_PID: String(PID), LISTEN_FDS: '2', LISTEN_FDNAMES: 'web:admin' };
const WEB = { descriptor: 3, name: 'web' };
const ADMIN = { descriptor: 4, name: 'admin' };

test('sockets of a service manager, all or by name, and without being asked', () => {
  expect(read([], HANDED)).toEqual([WEB, ADMIN]);
  expect(read(['systemd'], HANDED)).toEqual([WEB, ADMIN]);
  expect(read(['systemd:admin'], HANDED)).toEqual([ADMIN]);
  expect(read(['systemd:other'], HANDED)).toContain('no descriptor has that name; there is web,');
  expect(read([':1'], HANDED)).toEqual([{ host: '', port: 1 }]);
  const { LISTEN_PID, LISTEN_FDS } = HANDED;
  expect(read(['systemd'], { LISTEN_PID, LISTEN_FDS })).toEqual([
    { descriptor: 3, name: 'fd:3' },
    { descriptor: 4, name: 'fd:4' },
  ]);
});

test('those of another process are none of ours', () => {
  const other = { ...HANDED, LISTEN_PID: '78' };
  expect(read([], other)).toEqual([{ host: '', port: 8_080 }]);
  expect(read(['systemd'], other)).toContain('LISTEN_FDS names no descriptor');
  expect(read([], { LISTEN_FDS: '1' })).toEqual([{ host: '', port: 8_080 }]);
});

test('a damaged LISTEN_FDS is said where it is asked for', () => {
  for (const count of ['', '-1', '2x', '99999']) {
    const damaged = { ...HANDED, LISTEN_FDS: count };
    expect(read(['systemd'], damaged)).toContain(`LISTEN_FDS is ${count}, and no number`);
  }
  expect(read(['systemd'], { ...HANDED, LISTEN_FDS: '65' })).toBe(
    'more than 64 addresses are given.',
  );
});

test('a descriptor is given once', () => {
  expect(read(['fd:3', 'fd:4'])).toEqual([
    { descriptor: 3, name: 'fd:3' },
    { descriptor: 4, name: 'fd:4' },
  ]);
  expect(read(['fd:3', 'fd:03'])).toBe('descriptor 3 is given twice.');
  expect(read(['systemd', 'fd:4'], HANDED)).toBe('descriptor 4 is given twice.');
});

test.each([
  ['127.0.0.1:9101', { host: '127.0.0.1', port: 9_101 }],
  ['127.255.0.2:0', { host: '127.255.0.2', port: 0 }],
  ['[::1]:9101', { host: '::1', port: 9_101 }],
  ['[0:0::1]:1', { host: '0:0::1', port: 1 }],
  ['unix:/run/x.sock', { path: '/run/x.sock', mode: 0o666 }],
  ['unix:/run/x.sock,mode=600', { path: '/run/x.sock', mode: 0o600 }],
])('--admin %s', (text, address) => {
  expect(readAdmin(text)).toEqual(address);
});

test.each(
  [
    ['', ':9101', '0.0.0.0:1', '[::]:1', '10.0.0.1:1', '128.0.0.1:1', '[fe80::1]:1', '[::2]:1'],
    ['[::ffff:127.0.0.1]:1', 'localhost:1', 'fd:3', 'systemd', '127.0.0.1', '127.0.0.1:65536'],
    ['unix:run/x', 'unix:/x,mode=9', `unix:/${'x'.repeat(107)}`, 'unix'],
  ].flat(),
)('--admin %j is refused', (text) => {
  expect(readAdmin(text)).toContain(`--admin ${text}: it answers whoever can connect, so it is `);
});

test('loopback, in every spelling', () => {
  const hosts = [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '0::1',
    '',
    '::',
    '126.0.0.1',
    '::ffff:127.0.0.1',
  ];
  expect(hosts.map(isLoopback)).toEqual([true, true, true, true, false, false, false, false]);
});
