// options.test.ts: the option table of cdbpack and the options made from it.
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { parseArguments, usage } from '../../src/cli.ts';
import { COMMAND, readOptions } from '../../archiver/options.ts';

const read = (argv: readonly string[], env = {}) =>
  readOptions(parseArguments(COMMAND, argv), { env, now: 9 });

test('defaults', () => {
  expect(read(['public'])).toEqual({
    site: 'public',
    out: 'public.cdb',
    effort: 'balanced',
    codings: ['gzip'],
    securityHeaders: true,
    modified: { source: 'mtime', clamp: undefined, now: 9 },
    excludes: [],
    includeHidden: false,
    followSymlinks: false,
    plan: false,
    json: false,
    quiet: false,
    strict: false,
  });
});

test('OUT defaults to the name of the folder, in the current folder', () => {
  expect(read(['/srv/www/shop/']).out).toBe('shop.cdb');
  expect(read(['.']).out).toBe(`${basename(process.cwd())}.cdb`);
  expect(() => read(['/'])).toThrow(/\/ has no name to call the archive: name OUT/);
  expect(read(['/', 'all.cdb']).out).toBe('all.cdb');
});

test('every option reaches its place', () => {
  const argv = ['s', 'o.cdb', '--compress', 'none', '--codings', 'gzip, gzip', '--exclude', 'a'];
  argv.push('--security-headers', 'off', '--last-modified', 'none', '--exclude', 'b', '--strict');
  argv.push('--include-hidden', '--follow-symlinks', '--plan', '--json', '--quiet');
  expect(read(argv, { SOURCE_DATE_EPOCH: '5' })).toEqual({
    site: 's',
    out: 'o.cdb',
    effort: 'none',
    codings: ['gzip'],
    securityHeaders: false,
    modified: { source: 'none', clamp: 5, now: 9 },
    excludes: ['a', 'b'],
    includeHidden: true,
    followSymlinks: true,
    plan: true,
    json: true,
    quiet: true,
    strict: true,
  });
});

test.each([
  [[], /Which folder is to be packed\?/],
  [['a', 'b', 'c'], /c is one argument too many/],
  [['a', '--compress', 'most'], /--compress is 'most'; it can be fast, balanced, max, none/],
  [['a', '--codings', 'gzip,lzw'], /--codings has 'lzw'; it can have gzip/],
  [['a', '--codings', ''], /--codings has ''/],
  [['a', '--security-headers', 'on'], /it can be default, off/],
  [['a', '--last-modified', 'ctime'], /it can be mtime, none/],
  [['a', '--no-such'], /there is no option --no-such/],
])('%j is an error of use', (argv, text) => {
  expect(() => read(argv)).toThrow(text);
  expect(() => read(argv)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test.each(['x', '-1', '1.5', '1e9', ' 1', '9'.repeat(13)])('SOURCE_DATE_EPOCH=%s', (text) => {
  expect(() => read(['a'], { SOURCE_DATE_EPOCH: text })).toThrow(/seconds since 1970/);
});

test('an empty SOURCE_DATE_EPOCH is none', () => {
  expect(read(['a'], { SOURCE_DATE_EPOCH: '' }).modified.clamp).toBeUndefined();
});

test('the usage text names every option', () => {
  for (const { flag } of COMMAND.options) expect(usage(COMMAND)).toContain(flag);
});
