// facts.test.ts: texts of /proc as the kernel writes them, cut short, and made to deceive.
import { expect, test } from 'vitest';
import {
  kindOf,
  parseAddresses,
  parseEnvironment,
  parseExecutable,
  parseInterfaces,
  parseLimits,
  parseMounts,
  parseStatus,
  readFacts,
} from '../../src/ops/facts.ts';

test('status: a name cannot forge a field, a field that is cut off is not there', () => {
  const status = parseStatus('Name:\tnode\\nUid:\t0\nUid:\t7\t7\t7\t7\nGroups:\t \nNoNew');
  expect([...status]).toEqual([
    ['Name', 'node\\nUid:\t0'],
    ['Uid', '7\t7\t7\t7'],
    ['Groups', ''],
  ]);
  expect(parseStatus('').size).toBe(0);
});

test('limits: both values or none', () => {
  const text = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max processes             0                    0                    processes ',
    'Max cpu time              unlimited            unlimited            seconds   ',
    'Max nice priority         0                    0                    ',
    'Max open files            20',
  ].join('\n');
  expect([...parseLimits(text)]).toEqual([
    ['Max processes', ['0', '0']],
    ['Max cpu time', ['unlimited', 'unlimited']],
    ['Max nice priority', ['0', '0']],
  ]);
  expect(parseLimits('').size).toBe(0);
});

test('mountinfo: optional fields, escaped places, and what is no line of it', () => {
  const text = [
    '36 35 98:0 / / ro,nosuid - tmpfs world rw,size=64k',
    '37 36 98:1 /a /a\\040b rw,ro_not shared:1 master:2 - ext4 /dev/sda rw',
    '38 36 98:2 /b /b ro,relatime',
    '39 36',
  ].join('\n');
  expect(parseMounts(text)).toEqual([
    { place: '/', type: 'tmpfs', readOnly: true },
    { place: '/a b', type: 'ext4', readOnly: false },
  ]);
});

test('environment: names, never values', () => {
  expect(parseEnvironment('TZ=UTC\0TOKEN=a=secret\0bare\0\0')).toEqual(['TZ', 'TOKEN', 'bare']);
  expect(parseEnvironment('')).toEqual([]);
});

test('interfaces and their addresses', () => {
  const dev = 'Inter-| Receive\n face |bytes\n    lo:   0 0\neth0:1 2\nnonsense\n';
  expect(parseInterfaces(dev)).toEqual(['lo', 'eth0']);
  expect(parseInterfaces('')).toEqual([]);
  const trie = [
    'Local:',
    '  +-- 0.0.0.0/0 2 0 2',
    '        |-- 127.0.0.1',
    '           /32 host LOCAL',
    '        |-- 127.255.255.255',
    '           /32 link BROADCAST',
    '        |-- 127.0.0.1',
    '           /32 host LOCAL',
  ].join('\n');
  const six = '00000000000000000000000000000001 01 80 10 80       lo\nshort 01\n';
  expect(parseAddresses(trie, six)).toEqual(['127.0.0.1', '00000000000000000000000000000001']);
  expect(parseAddresses('', '')).toEqual([]);
});

test('maps: what can be executed and is no file', () => {
  const text = [
    '00400000-00401000 r-xp 00000000 fe:00 123   /usr/bin/node',
    '10000000-10002000 rwxp 00000000 00:00 0 ',
    '20000000-20001000 r-xp 00000000 00:00 0     [heap]',
    '30000000-30001000 rw-p 00000000 00:00 0 ',
    '7ffc0000-7ffc1000 r-xp 00000000 00:00 0     [vdso]',
    'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]',
    '40000000-4000',
  ].join('\n');
  expect(parseExecutable(text)).toEqual([
    { from: 0x1000_0000n, to: 0x1000_2000n },
    { from: 0x2000_0000n, to: 0x2000_1000n },
  ]);
});

test.each([
  ['socket:[123]', 'socket'],
  ['pipe:[1]', 'pipe'],
  ['/memfd:archive (deleted)', 'memfd'],
  ['anon_inode:[eventpoll]', 'anon_inode:[eventpoll]'],
  ['/memfd:archive', '/memfd:archive'],
  ['/etc/shadow', '/etc/shadow'],
  ['/tmp/socket:[1]', '/tmp/socket:[1]'],
])('a descriptor that is %s is a %s', (link, kind) => expect(kindOf(link)).toBe(kind));

test('a process that is there, and one that is not', () => {
  const facts = readFacts(process.pid);
  expect(facts.threads[0]!.get('Pid')).toBe(`${process.pid}`);
  expect(facts.threads.length).toBeGreaterThan(1);
  expect([...facts.namespaces.keys()]).toContain('net');
  expect(facts.neighbours).toBeGreaterThan(0);
  expect(facts.environment).toContain('PATH');
  const gone = readFacts(2 ** 22);
  expect([gone.threads, gone.namespaces.size, gone.mounts, gone.descriptors]).toEqual([
    [],
    0,
    undefined,
    undefined,
  ]);
  expect(Object.values(gone).filter((value) => value !== undefined)).toHaveLength(2);
});
