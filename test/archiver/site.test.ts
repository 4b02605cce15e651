// site.test.ts: how the files of several sites are called.
import { expect, test } from 'vitest';
import { nameIn } from '../../archiver/site.ts';

test('the same path of two sites is two names', () => {
  expect(nameIn({ host: '', root: 'a' }, 'x/y.html')).toBe('x/y.html');
  expect(nameIn({ host: 'b.example', root: 'b' }, 'x/y.html')).toBe('@b.example/x/y.html');
});
