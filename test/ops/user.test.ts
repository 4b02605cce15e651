// user.test.ts: names and numbers of users and groups, as passwd(5) and group(5) have them.
import { expect, test } from 'vitest';
import { EXIT, Failure } from '../../src/errors.ts';
import { findUser, readUserFiles } from '../../src/ops/user.ts';

const files = {
  passwd: [
    'root:x:0:0:root:/root:/bin/bash',
    'nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin',
    'www:x:33:34::/var/www:',
    'broken:x:many:1::/:',
    'toor:x:0:5::/:',
    '77:x:5000:5001::/:',
  ].join('\n'),
  group: 'root:x:0:\nadm:x:4:www\nweb:x:40:\n',
};
const none = { passwd: '', group: '' };

test.each([
  [undefined, { uid: 65_534, gid: 65_533 }],
  ['www', { uid: 33, gid: 34 }],
  ['www:adm', { uid: 33, gid: 4 }],
  ['www:77', { uid: 33, gid: 77 }],
  ['33', { uid: 33, gid: 34 }],
  ['1234:web', { uid: 1_234, gid: 40 }],
  ['1234:5678', { uid: 1_234, gid: 5_678 }],
  ['77', { uid: 5_000, gid: 5_001 }],
])('%s', (text, user) => {
  expect(findUser(text, files)).toEqual(user);
});

test('where the package has made its account, that is who serves', () => {
  const passwd = `${files.passwd}\ncdbserve:x:998:997::/nonexistent:/usr/sbin/nologin`;
  expect(findUser(undefined, { ...files, passwd })).toEqual({ uid: 998, gid: 997 });
  const asRoot = passwd.replace(':998:', ':0:');
  expect(() => findUser(undefined, { ...files, passwd: asRoot })).toThrow('root does not serve');
});

test('nobody is known without any file', () => {
  expect(findUser(undefined, none)).toEqual({ uid: 65_534, gid: 65_534 });
});

test.each([
  ['root', 'root does not serve'],
  ['toor', 'root does not serve'],
  ['0:0', 'root does not serve'],
  ['nosuch', 'no such user'],
  ['broken', 'no such user'],
  ['', 'no such user'],
  ['www:nosuch', 'no such group'],
  ['www:', 'no such group'],
  ['1234', 'needs a group'],
  ['4294967295:1', 'no such user'],
  ['-1:1', 'no such user'],
])('%s is refused: %s', (text, why) => {
  const refused = (): unknown => findUser(text, files);
  expect(refused).toThrow(Failure);
  expect(refused).toThrow(why);
  expect(refused).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
});

test('the files of this machine have root', () => {
  expect(readUserFiles().passwd).toMatch(/^root:[^:]*:0:0:/m);
});
