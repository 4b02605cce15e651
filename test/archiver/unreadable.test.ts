// unreadable.test.ts: the words for what cannot be read.
import { expect, test } from 'vitest';
import { unreadable } from '../../archiver/unreadable.ts';

test('other errors of the system have a remedy too', () => {
  const error = Object.assign(new Error('x'), { code: 'ENOENT' });
  expect(unreadable('a\nb', 'read', error).message).toBe(
    'cannot read a\\u{a}b: ENOENT. It vanished meanwhile: do not change the site while it is packed.',
  );
  expect(unreadable('a', 'read', Object.assign(error, { code: 'ENXIO' })).message).toMatch(
    /^cannot read a: ENXIO\. Repair it/,
  );
  expect(unreadable('a', 'read', new Error('odd')).message).toMatch(/^cannot read a: odd\. /);
});
