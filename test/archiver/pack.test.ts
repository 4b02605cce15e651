// pack.test.ts: cdbpack from arguments to exit code, in this process.
import {
  existsSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findEntry, headOf } from '../../archiver/reader.ts';
import { entriesOf, opened } from '../support/entries.ts';
import { version } from '../../src/paths.ts';
import { makeSite, runPack } from './fixture.ts';

const outOf = (site: string) => join(dirname(site), 'site.cdb');
const keys = (out: string) => entriesOf(opened(out)).map((entry) => entry.key);

test('a site is packed and the summary says so', async () => {
  const site = makeSite({ 'index.html': '<p>hi' });
  const { code, out, err } = await runPack([site, outOf(site)]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/site\.cdb: .*files +1 +5 B\n +routes +2\n/s);
  expect(keys(outOf(site))).toEqual(['/', '/index.html']);
});

test('packing a folder into itself twice gives the same archive', async () => {
  const site = makeSite({ 'a.txt': 'a' });
  const out = join(site, 'out.cdb');
  await runPack([site, out]);
  const first = readFileSync(out);
  writeFileSync(join(site, '.out.cdb.99999.tmp'), 'left by a crash');
  await runPack([site, out, '--include-hidden']);
  expect(Buffer.compare(readFileSync(out), first)).toBe(0);
  expect(keys(out)).toEqual(['/a.txt']);
});

test('what is left out: hidden names, patterns, rule files', async () => {
  const site = makeSite({
    '.cdbpackignore': '*.psd\n',
    '.env': 'secret',
    '.well-known/security.txt': 'Contact: x',
    _headers: '/*\n  A: b\n',
    _redirects: '# none\n',
    'a.psd': '',
    'b.txt': '',
    'c.txt': '',
  });
  await runPack([site, outOf(site), '--exclude', 'c.*']);
  expect(keys(outOf(site))).toEqual(['/.well-known/security.txt', '/b.txt']);
});

test('lines of _headers that cannot be honoured are all shown, and nothing is written', async () => {
  const site = makeSite({ 'a.txt': '', _headers: '/*\n  Date: x\n  X: y\n  Basic-Auth: a:b\n' });
  const tries = runPack([site, outOf(site)]);
  await expect(tries).rejects.toThrow(
    /^2 lines of the site's rules.*\n.*_headers:2: 'Date: x': .*\n.*_headers:4: 'Basic-Auth: a:b'/,
  );
  expect(existsSync(outOf(site))).toBe(false);
});

test('--rules-lenient leaves such lines out with a warning', async () => {
  const site = makeSite({ 'a.txt': '', _headers: '/*\n  Date: x\n  X: y\n' });
  const { code, err } = await runPack([site, outOf(site), '--rules-lenient']);
  expect(code).toBe(0);
  expect(err).toMatch(/^cdbpack: warning: _headers:2: left out: 'Date: x': the server alone/);
  expect((await runPack([site, outOf(site), '--rules-lenient', '--strict'])).code).toBe(6);
});

test('--hsts is sent with everything that is packed, redirects and missing pages too', async () => {
  const site = makeSite({ 'd/index.html': '', '404.html': '', 'a.txt': '' });
  await runPack([site, outOf(site), '--hsts', '60', '--security-headers', 'off']);
  const archive = opened(outOf(site));
  for (const { key, route } of entriesOf(archive)) {
    const head = headOf(archive, route.variants[0]!);
    expect([key, /\r\nStrict-Transport-Security: ([^\r]*)/.exec(head)?.[1]]).toEqual([
      key,
      'max-age=60',
    ]);
  }
});

test('--plan shows what the rules make of types and caching', async () => {
  const rules = '/a.txt\n Content-Type: a/b\n Cache-Control: max-age=5\n/*\n Content-Type: c/d\n';
  const site = makeSite({ 'a.txt': '', '404.html': '', _headers: rules });
  const { out } = await runPack([site, outOf(site), '--plan']);
  expect(out).toMatch(/^200 +\/a\.txt +a\.txt +c\/d +max-age=5$/m);
  expect(out).toMatch(/^404 +\/\* +404\.html +c\/d$/m);
  const json = await runPack([site, outOf(site), '--plan', '--json']);
  expect(json.out).toContain('"key":"/a.txt","status":200,"file":"a.txt","type":"c/d"');
});

test('a site may go without Cache-Control', async () => {
  const site = makeSite({ 'a.txt': 'a', _headers: '/*\n ! Cache-Control\n' });
  expect((await runPack([site, outOf(site)])).code).toBe(0);
});

test('--plan writes nothing', async () => {
  const site = makeSite({ 'a.html': '' });
  const { code, out } = await runPack([site, outOf(site), '--plan']);
  expect(code).toBe(0);
  expect(out).toMatch(/^200 {2}\/a /);
  const json = await runPack([site, outOf(site), '--plan', '--json']);
  expect(JSON.parse(json.out)).toMatchObject({ files: 1 });
  expect(existsSync(outOf(site))).toBe(false);
});

test('warnings go to standard error; --strict makes them exit code 6 and writes nothing', async () => {
  const site = makeSite({ 'a.txt': 'a' });
  symlinkSync('nothing', join(site, 'dangling'));
  utimesSync(join(site, 'a.txt'), 4_000_000_000, 4_000_000_000);
  const warnings =
    'cdbpack: warning: a.txt: its time lies in the future: no Last-Modified is sent\n' +
    'cdbpack: warning: dangling: a symbolic link to nothing: skipped\n';
  const strict = await runPack([site, outOf(site), '--strict']);
  expect([strict.code, strict.out]).toEqual([6, '']);
  expect(strict.err).toBe(
    `${warnings}cdbpack: --strict: nothing is written because of the warnings above.\n`,
  );
  expect(readdirSync(dirname(site))).toEqual(['site']);
  const quiet = await runPack([site, outOf(site), '--quiet']);
  expect(quiet).toEqual({ code: 0, out: '', err: warnings });
  const planned = await runPack([site, outOf(site), '--strict', '--plan']);
  expect(planned.code).toBe(6);
});

test('--json prints one object', async () => {
  const site = makeSite({ 'a.txt': 'a' });
  const { out } = await runPack([site, outOf(site), '--json']);
  const { digest } = opened(outOf(site)).manifest;
  expect(JSON.parse(out)).toMatchObject({ files: 1, routes: 1, digest, warnings: [] });
});

test('options that change headers and codings', async () => {
  const site = makeSite({ 'a.txt': 'words '.repeat(100) });
  const argv = [site, outOf(site), '--security-headers', 'off', '--last-modified', 'none'];
  await runPack([...argv, '--compress', 'none']);
  const archive = opened(outOf(site));
  const { variants } = findEntry(archive, '/a.txt').route;
  expect(variants.map((variant) => headOf(archive, variant))).toEqual([
    expect.stringMatching(
      /^HTTP\/1\.1 200 OK\r\nCache-Control: no-cache\r\nETag: "[^"]*"\r\nAccept-Ranges: bytes\r\nContent-Type: text\/plain; charset=utf-8\r\nContent-Length: 600\r\n$/,
    ),
  ]);
});

test('SOURCE_DATE_EPOCH makes packs of one content equal whatever the times of its files', async () => {
  const packs = await Promise.all(
    [1_709_000_000, 1_709_500_000].map(async (time) => {
      const site = makeSite({ 'a.txt': 'a' });
      utimesSync(join(site, 'a.txt'), time, time);
      await runPack([site, outOf(site)], { SOURCE_DATE_EPOCH: '1700000000' });
      return readFileSync(outOf(site));
    }),
  );
  expect(Buffer.compare(packs[0]!, packs[1]!)).toBe(0);
});

test('names of every kind pack under the key of their bytes', async () => {
  const names = ['a b', '100%', '😀.txt', 'new\nline', 'e\u0301', '\u00e9', '"<>'];
  const site = makeSite(Object.fromEntries(names.map((name) => [name, name])));
  await runPack([site, outOf(site)]);
  expect(new Set(keys(outOf(site)))).toEqual(new Set(names.map((name) => `/${name}`)));
});

test('an error leaves the old archive as it was', async () => {
  const site = makeSite({ 'a.txt': 'a' });
  writeFileSync(outOf(site), 'old');
  await expect(runPack([join(site, 'nope'), outOf(site)])).rejects.toThrow(/there is no folder/);
  await expect(runPack([site, dirname(site)])).rejects.toThrow(/it is a folder/);
  expect(readFileSync(outOf(site), 'utf8')).toBe('old');
});

test('sites by host, with and without a default one', async () => {
  const site = makeSite({ 'index.html': 'default', 'shop/index.html': 'shop', 'x.html': 'x' });
  const flags = ['--host', `Shop.example=${join(site, 'shop')}`, '--html-urls', 'exact'];
  const { code, out } = await runPack([outOf(site), ...flags]);
  expect(code).toBe(0);
  expect(out).toMatch(/\n {2}hosts +1\n/);
  expect(keys(outOf(site))).toEqual(['@shop.example/', '@shop.example/index.html']);
  const alone = opened(outOf(site)).manifest;
  expect(alone).toMatchObject({ defaultSite: false, hosts: ['shop.example'] });
  await runPack([site, outOf(site), ...flags]);
  expect(keys(outOf(site))).toContain('/x.html');
  expect(keys(outOf(site))).not.toContain('/x');
  expect(opened(outOf(site)).manifest).toMatchObject({ defaultSite: true, bodies: 3 });
});

test('the order of --host makes no difference, nor does an archive inside a site', async () => {
  const [one, two] = [makeSite({ a: 'one' }), makeSite({ a: 'two' })];
  const out = join(one, 'all.cdb');
  const hosts = [`a.example=${one}`, `b.example=${two}`];
  const packs: Buffer[] = [];
  for (const order of [hosts, [...hosts].reverse()]) {
    await runPack([out, ...order.flatMap((host) => ['--host', host])]);
    packs.push(readFileSync(out));
  }
  expect(keys(out)).toEqual(['@a.example/a', '@b.example/a']);
  expect(Buffer.compare(packs[0]!, packs[1]!)).toBe(0);
});

test('warnings name the host, and so does the plan', async () => {
  const site = makeSite({ '200.html': 'app' });
  utimesSync(join(site, '200.html'), 4_000_000_000, 4_000_000_000);
  const { out, err } = await runPack([outOf(site), '--host', `a.example=${site}`, '--plan']);
  expect(err).toMatch(/^cdbpack: warning: @a\.example\/200\.html: its time lies in the future/);
  expect(out).toMatch(/^200 {2}@a\.example\/\* +@a\.example\/200\.html/m);
  expect(existsSync(outOf(site))).toBe(false);
});

test('a folder as the only argument beside --host is an error of use', async () => {
  const site = makeSite({ a: 'a' });
  await expect(runPack([site, '--host', `a.example=${site}`])).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/is a folder, and beside --host a single argument is OUT\.cdb/),
  });
  const below = join(site, 'a', 'x.cdb');
  await expect(runPack([below, '--host', `a.example=${site}`])).rejects.toThrow(/ENOTDIR/);
  await expect(runPack([outOf(site), '--host', `a.example=${below}`])).rejects.toMatchObject({
    exitCode: 1,
  });
});

test('--help and --version', async () => {
  expect((await runPack(['--help'])).out).toMatch(/^cdbpack: packs a static site/);
  expect((await runPack(['--version'])).out).toBe(`cdbpack ${version}\n`);
});
