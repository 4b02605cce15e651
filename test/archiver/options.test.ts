// options.test.ts: the option table of cdbpack and the options made from it.
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { parseArguments, usage } from '../../src/cli.ts';
import { COMMAND, readOptions } from '../../archiver/options.ts';

const read = (argv: readonly string[], env = {}) =>
  readOptions(parseArguments(COMMAND, argv), { env, now: 9 });

const MIB = 1024 * 1024;

test('defaults', () => {
  expect(read(['public'])).toEqual({
    sites: [{ host: '', root: 'public' }],
    out: 'public.cdb',
    htmlUrls: 'both',
    rulesLenient: false,
    effort: 'balanced',
    codings: ['br', 'zstd', 'gzip'],
    jobs: Math.min(availableParallelism(), 64),
    cache: { folder: undefined, asked: false, bytesMax: 1_024 * MIB },
    securityHeaders: true,
    hstsSeconds: undefined,
    modified: { source: 'mtime', clamp: undefined, now: 9 },
    excludes: [],
    includeHidden: false,
    followSymlinks: false,
    plan: false,
    json: false,
    quiet: false,
    verbose: false,
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
  const argv = ['s', 'o.cdb', '--compress', 'none', '--codings', 'gzip, br,gzip', '--exclude', 'a'];
  argv.push('--jobs', '3', '--cache', 'c', '--cache-max', '7');
  argv.push('--security-headers', 'off', '--last-modified', 'none', '--exclude', 'b', '--strict');
  argv.push('--include-hidden', '--follow-symlinks', '--plan', '--json', '--quiet');
  argv.push(
    '--host',
    'a.example=a',
    '--html-urls',
    'clean',
    '--rules-lenient',
    '--hsts',
    '31536000',
  );
  expect(read(argv, { SOURCE_DATE_EPOCH: '5' })).toEqual({
    sites: [
      { host: '', root: 's' },
      { host: 'a.example', root: 'a' },
    ],
    out: 'o.cdb',
    htmlUrls: 'clean',
    rulesLenient: true,
    effort: 'none',
    codings: ['br', 'gzip'],
    jobs: 3,
    cache: { folder: 'c', asked: true, bytesMax: 7 * MIB },
    securityHeaders: false,
    hstsSeconds: 31_536_000,
    modified: { source: 'none', clamp: 5, now: 9 },
    excludes: ['a', 'b'],
    includeHidden: true,
    followSymlinks: true,
    plan: true,
    json: true,
    quiet: true,
    verbose: false,
    strict: true,
  });
});

test('files are named when asked for', () => {
  expect(read(['s', '--verbose'])).toMatchObject({ verbose: true, quiet: false });
});

test.each([
  [['s', '--quiet', '--verbose'], /--quiet and --verbose contradict each other/],
  [[], /Which folder is to be packed\?/],
  [['a', 'b', 'c'], /c is one argument too many/],
  [['a', '--compress', 'most'], /--compress is 'most'; it can be fast, balanced, max, none/],
  [['a', '--codings', 'gzip,lzw'], /--codings has 'lzw'; it can have br, zstd, gzip/],
  [['a', '--codings', ''], /--codings has ''/],
  [['a', '--codings', 'br,'], /--codings has ''/],
  [['a', '--jobs', '0'], /--jobs is '0'; it must be a number from 1 to 64/],
  [['a', '--jobs', '65'], /--jobs is '65'/],
  [['a', '--jobs', '1.5'], /--jobs is '1\.5'/],
  [['a', '--jobs', '-1'], /--jobs/],
  [['a', '--jobs', ''], /--jobs is ''/],
  [['a', '--cache-max', '0'], /--cache-max is '0'; it must be a number from 1 to 65536/],
  [['a', '--cache-max', '65537'], /--cache-max is '65537'/],
  [['a', '--cache-max', '1g'], /--cache-max is '1g'/],
  [['a', '--cache', ''], /--cache is empty; it is a folder/],
  [['a', '--cache', 'c', '--no-cache'], /--cache and --no-cache are given/],
  [['a', '--security-headers', 'on'], /it can be default, off/],
  [['a', '--last-modified', 'ctime'], /it can be mtime, none/],
  [['a', '--hsts', '1y'], /--hsts is '1y'; it is a number of seconds: 31536000 is a year/],
  [['a', '--hsts', '-1'], /--hsts/],
  [['a', '--html-urls', 'none'], /--html-urls is 'none'; it can be both, clean, exact/],
  [['a.cdb', '--host', 'a'], /--host is 'a'; it is NAME=DIR/],
  [['a.cdb', '--host', 'a=x', '--host', 'A.=y'], /--host names a twice: x and y/],
  [['--host', 'a=x'], /Which file is to be written\? Beside --host, name OUT\.cdb/],
  [['a', 'b', 'c', '--host', 'a=x'], /c is one argument too many/],
  [['a', '--no-such'], /there is no option --no-such/],
])('%j is an error of use', (argv, text) => {
  expect(() => read(argv)).toThrow(text);
  expect(() => read(argv)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test('beside --host one argument is OUT, two are SITE and OUT', () => {
  const hosts = [{ host: 'a.example', root: 'a' }];
  const flags = ['--host', 'a.example=a'];
  expect(read(['o.cdb', ...flags])).toMatchObject({ sites: hosts, out: 'o.cdb' });
  expect(read(['s', 'o.cdb', ...flags])).toMatchObject({
    sites: [{ host: '', root: 's' }, ...hosts],
    out: 'o.cdb',
  });
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

test('the cache is that of the user, unless named or unwanted', () => {
  const env = { XDG_CACHE_HOME: '/x', HOME: '/h' };
  expect(read(['a'], env).cache).toMatchObject({ folder: '/x/cdbpack', asked: false });
  expect(read(['a', '--cache', 'c'], env).cache).toMatchObject({ folder: 'c', asked: true });
  expect(read(['a', '--no-cache'], env).cache).toMatchObject({ folder: undefined });
});
