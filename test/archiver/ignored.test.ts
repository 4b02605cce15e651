// ignored.test.ts: which names are left out.
import { expect, test } from 'vitest';
import { isRuleFile, makeIgnored } from '../../archiver/ignored.ts';

const rules = { file: '', excludes: [], includeHidden: false };

test.each([
  ['index.html', false],
  ['.git', true],
  ['.well-known', false],
  ['.well-known/security.txt', false],
  ['.well-known/.draft', true],
  ['docs/.well-known', true],
  ['docs/.htaccess', true],
  ['_headers', true],
  ['_redirects', true],
  ['docs/_headers', false],
  ['.cdbpackignore', true],
])('without rules, %s is left out: %s', (path, out) => {
  expect(makeIgnored(rules)(path, false)).toBe(out);
});

test('hidden names can be had, the rule files never', () => {
  const ignored = makeIgnored({ ...rules, includeHidden: true });
  expect(ignored('.git', true)).toBe(false);
  expect(ignored('.cdbpackignore', false)).toBe(true);
  expect(ignored('docs/.cdbpackignore', false)).toBe(true);
  expect(ignored('_headers', false)).toBe(true);
  expect(ignored('_headers', true)).toBe(false);
});

test('patterns are those of .gitignore, and --exclude comes last', () => {
  const file = '# drafts\n*.psd\nbuild/\n/top.txt\n!keep.psd\n';
  const ignored = makeIgnored({ ...rules, file, excludes: ['keep.psd', '*.MAP'] });
  expect(ignored('a/b.psd', false)).toBe(true);
  expect(ignored('a/build', true)).toBe(true);
  expect(ignored('a/build', false)).toBe(false);
  expect(ignored('top.txt', false)).toBe(true);
  expect(ignored('a/top.txt', false)).toBe(false);
  expect(ignored('keep.psd', false)).toBe(true);
  // Names are bytes: case counts.
  expect(ignored('a.map', false)).toBe(false);
});

test('odd names are no patterns and no error', () => {
  const ignored = makeIgnored({ ...rules, file: 'x', includeHidden: true });
  for (const path of ['..a', '...', ' ', 'a\nb', '!a', '#', '-x', '😀/x y']) {
    expect(ignored(path, false)).toBe(false);
  }
});

test('rule files are known by their place', () => {
  expect(['_headers', '_redirects', 'a/.cdbpackignore'].map(isRuleFile)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['a/_headers', 'headers'].map(isRuleFile)).toEqual([false, false]);
});
