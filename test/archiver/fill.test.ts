// fill.test.ts: what is stored for a plan, read back through the archive.
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fieldOf, findEntry, headOf } from '../../archiver/reader.ts';
import { entriesOf } from '../support/entries.ts';
import { cdbRecords } from '../../src/format/cdb.ts';
import { verifyArchive } from '../../src/boot/archive.ts';
import { noise } from '../support/site.ts';
import { makeSite, soundArchive, soundSites, write } from './fixture.ts';

const page = '<p>the same words '.repeat(60);
const archive = await soundArchive({
  'index.html': page,
  'copy.html': page,
  'copy.txt': page,
  'picture.png': page,
  'noise.bin': noise(500, 1),
  'empty.txt': '',
  'app.0123456789abcdef.js': 'x',
  '404.html': page,
  'd/404.html': 'none here',
});
const field = (key: string, name: string, variant = 0) =>
  fieldOf(archive, findEntry(archive, key).route.variants[variant]!, name);
const bodies = (key: string) =>
  findEntry(archive, key).route.variants.map(({ coding, bodyAt }) => ({ coding, bodyAt }));

test('equal contents share their bodies, whatever their names and types', () => {
  expect(bodies('/copy.html')).toEqual(bodies('/index.html'));
  expect(bodies('/copy.txt')).toEqual(bodies('/index.html'));
  expect(bodies('/copy.txt')).toHaveLength(2);
  // No coding is tried for a picture; its identity is the same bytes still.
  expect(bodies('/picture.png')).toEqual([bodies('/index.html')[1]]);
});

test('an alias is the route of its file, less the flag of a file', () => {
  const alias = (key: string) => ({ ...findEntry(archive, key).route, file: false });
  expect(findEntry(archive, '/').route).toEqual(alias('/index.html'));
  expect(findEntry(archive, '/copy').route).toEqual(alias('/copy.html'));
  const files = entriesOf(archive).filter(({ route }) => route.file);
  expect(files.map(({ key }) => key)).toEqual([
    '/404.html',
    '/app.0123456789abcdef.js',
    '/copy.html',
    '/copy.txt',
    '/d/404.html',
    '/empty.txt',
    '/index.html',
    '/noise.bin',
    '/picture.png',
  ]);
});

test('ETags differ by type and coding, and are the same for the same content and type', () => {
  expect(field('/copy.html', 'ETag')).toBe(field('/index.html', 'ETag'));
  const tags = [
    field('/index.html', 'ETag'),
    field('/index.html', 'ETag', 1),
    field('/copy.txt', 'ETag'),
    field('/picture.png', 'ETag'),
  ];
  expect(new Set(tags).size).toBe(4);
});

test('Vary stands where there is a choice, immutable where the name has a hash', () => {
  expect(field('/index.html', 'Vary')).toBe('Accept-Encoding');
  expect(field('/noise.bin', 'Vary')).toBe('');
  expect(field('/index.html', 'Cache-Control')).toBe('no-cache');
  expect(field('/app.0123456789abcdef.js', 'Cache-Control')).toMatch(/immutable/);
});

test('an empty file has a body of no bytes', () => {
  const [variant] = findEntry(archive, '/empty.txt').route.variants;
  expect(variant?.bodyBytes).toBe(0);
  expect(headOf(archive, variant!)).toMatch(/\r\nContent-Length: 0\r\n$/);
});

test('a 404.html is a page with 200 and a fallback with 404 of the same bodies', () => {
  const fallbacks = entriesOf(archive).filter(({ key }) => key.startsWith('404'));
  expect(fallbacks.map(({ key, route }) => [key, route.status, route.modified])).toEqual([
    ['404/', 404, 0],
    ['404/d/', 404, 0],
  ]);
  const [root] = fallbacks;
  expect(root!.route.variants.map((variant) => variant.bodyAt)).toEqual(
    bodies('/404.html').map(({ bodyAt }) => bodyAt),
  );
  expect(headOf(archive, root!.route.variants[0]!)).toMatch(/Cache-Control: no-store\r\n/);
  expect(headOf(archive, root!.route.variants[0]!)).toMatch(/Vary: Accept-Encoding\r\n/);
});

test('records stand in the order manifest, bodies, routes, fallbacks, each after its heads; routes by key', () => {
  const keys = [...cdbRecords(archive.bytes)].map(({ key }) => Buffer.from(key));
  const kinds = keys.map((key) => String.fromCharCode(key[0]!)).join('');
  expect(kinds).toMatch(/^cb+(?:h*\/)+h+4h+4$/);
  const routes = keys.filter((key) => key[0] === 0x2f);
  expect(routes).toEqual([...routes].sort((left, right) => Buffer.compare(left, right)));
});

test('a coding that is stored for one file and content of another is a coding still', async () => {
  const first = await soundArchive({ 'a.txt': page });
  const [gzip] = findEntry(first, '/a.txt').route.variants;
  const coded = first.bytes.subarray(gzip!.bodyAt, gzip!.bodyAt + gzip!.bodyBytes);
  const both = await soundArchive({ 'a.gz': coded, 'a.txt': page });
  expect(both.manifest.codings).toEqual(['gzip']);
  expect(both.manifest.bodies).toBe(2);
});

test('totals say what was read, shared and stored', async () => {
  const { siteBytes, duplicates, codings } = await write(
    makeSite({ 'a.html': page, 'b.html': page, 'c.bin': noise(100, 1) }),
  );
  expect(siteBytes).toBe(2 * page.length + 100);
  expect(duplicates).toEqual({ files: 1, bytes: page.length });
  expect(codings[0]).toEqual({
    name: 'identity',
    files: 3,
    bodies: 2,
    bytes: page.length + 100,
    identityBytes: page.length + 100,
  });
  const gzip = { name: 'gzip', files: 2, bodies: 1, identityBytes: page.length };
  expect(codings[1]).toMatchObject(gzip);
});

test('times come from the files, none for one in the future', async () => {
  const site = makeSite({ 'a.txt': 'a', 'b.txt': 'b' });
  utimesSync(join(site, 'b.txt'), 4_000_000_000, 4_000_000_000);
  const { bytes } = await write(site);
  const found = { bytes, manifest: verifyArchive(bytes, 'x') };
  expect(findEntry(found, '/a.txt').route.modified).toBe(1_709_294_400);
  expect(findEntry(found, '/b.txt').route.modified).toBe(0);
});

test('a 200.html answers for its folder as the page itself does, with its ETag and codings', async () => {
  const app = await soundArchive({ '200.html': page, 'd/200.html': 'other' });
  const rewrites = entriesOf(app).filter(({ key }) => key.startsWith('200'));
  expect(rewrites.map(({ key }) => key)).toEqual(['200/', '200/d/']);
  const page200 = (key: string) => ({ ...findEntry(app, key).route, file: false });
  expect(rewrites[0]!.route).toEqual(page200('/200.html'));
  expect(rewrites[1]!.route).toEqual(page200('/d/200.html'));
  expect(rewrites[0]!.route.variants).toHaveLength(2);
  expect(fieldOf(app, rewrites[0]!.route.variants[0]!, 'ETag')).toMatch(/^".+"$/);
  expect(app.manifest).toMatchObject({ fallbacks: 0, rewrites: 2 });
});

test('sites by host share bodies and heads, and each host has its mark before all routes', async () => {
  const files = { 'index.html': page, 'd/index.html': 'd', '404.html': 'none', '200.html': 'app' };
  const one = await soundArchive(files);
  const three = await soundSites({ 'b.example': files, '': files, 'a.example': files });
  expect(three.manifest).toMatchObject({
    files: 12,
    bodies: one.manifest.bodies,
    heads: one.manifest.heads,
    routes: 3 * one.manifest.routes,
    fallbacks: 3,
    rewrites: 3,
    defaultSite: true,
    hosts: ['a.example', 'b.example'],
  });
  const records = [...cdbRecords(three.bytes)];
  const kinds = records.map(({ key }) => Buffer.from(key).toString('latin1').replace(/\/.*/, ''));
  const shown = kinds.map((kind) => (/^[bh]/.test(kind) && kind.length > 20 ? kind[0] : kind));
  const plain = shown.filter((kind) => kind !== 'h');
  const order = plain.filter((kind, at) => kind !== plain[at - 1]).join(' ');
  expect(order).toBe(
    'cdbsite b @a.example @b.example  @a.example @b.example ' +
      '404 404@a.example 404@b.example 200 200@a.example 200@b.example',
  );
  expect(records.filter(({ key, value }) => key[0] === 0x40 && value.length === 0)).toHaveLength(2);
  for (const { host, key, route } of entriesOf(three)) {
    const own = entriesOf(one).find((entry) => entry.key === key.replace(`@${host}`, ''));
    expect(route.status, key).toBe(own!.route.status);
  }
});

const RULES = `
/*
  X-All: 1
  Link: </a.css>
/docs/*
  X-Docs: 1
/docs/old
  X-Redirect: 1
/page
  Content-Type: text/plain
  X-Page: alias
/page.html
  X-Page: file
/gone/*.html
  X-Gone: 1
`;
const ruled = await soundArchive({
  _headers: RULES,
  'page.html': page,
  'docs/index.html': page,
  'docs/old/index.html': page,
  'docs/404.html': 'none here',
  'app/200.html': page,
});
const of = (key: string, name: string) =>
  fieldOf(ruled, findEntry(ruled, key).route.variants[0]!, name);

test('rules of _headers are for keys: a file, its aliases and redirects each have their own', () => {
  expect(['/page.html', '/page', '/page/'].map((key) => of(key, 'X-Page'))).toEqual([
    'file',
    'alias',
    'alias',
  ]);
  expect([of('/docs/old', 'X-Redirect'), of('/docs/old/', 'X-Redirect')]).toEqual(['1', '1']);
  expect(of('/docs/old/index.html', 'X-Redirect')).toBe('');
  expect([of('/page/', 'X-All'), of('/docs', 'X-Docs'), of('/page', 'X-Docs')]).toEqual([
    '1',
    '1',
    '',
  ]);
});

test('a rule may change the type of one path of a file: it is another representation then', () => {
  expect([of('/page', 'Content-Type'), of('/page.html', 'Content-Type')]).toEqual([
    'text/plain',
    'text/html; charset=utf-8',
  ]);
  expect(of('/page', 'ETag')).not.toBe(of('/page.html', 'ETag'));
  expect(of('/page/', 'Content-Type')).toBe('');
});

test('fallback pages get the rules that are for all of their folder', () => {
  expect(['X-All', 'X-Docs', 'X-Gone'].map((name) => of('404/docs/', name))).toEqual([
    '1',
    '1',
    '',
  ]);
  expect(['X-All', 'X-Docs'].map((name) => of('200/app/', name))).toEqual(['1', '']);
  expect(of('404/docs/', 'Cache-Control')).toBe('no-store');
});

test('headers too long for the archive are an error with the lines of the rules', async () => {
  const long = `  X-Long: ${'v'.repeat(9_000)}\n`;
  const site = makeSite({
    'a.txt': '',
    'b.txt': '',
    _headers: `/*\n${long}/b*\n X: y\n Y${long.trim()}`,
  });
  await expect(write(site)).rejects.toThrow(
    /^the headers of \/b\.txt have 18,\d+ bytes, and 16,384.*_headers has .* lines 2, 4, 5\.$/,
  );
});

test('the same bytes under several names: each has its own type, status and headers', async () => {
  const same = 'the same bytes in every file of this site\n'.repeat(9);
  const found = await soundArchive({
    'a.html': same,
    'a.txt': same,
    '404.html': same,
    'app.0123456789abcdef.js': same,
    _headers: '/a.txt\n  X-Only: text\n',
  });
  const heads = ['/a.html', '/a.txt', '/404.html', '404/', '/app.0123456789abcdef.js'].map(
    (key) => {
      const { status, variants } = findEntry(found, key).route;
      const get = (name: string) => fieldOf(found, variants[0]!, name);
      return [status, get('Content-Type'), get('Cache-Control'), get('X-Only')];
    },
  );
  expect(heads).toEqual([
    [200, 'text/html; charset=utf-8', 'no-cache', ''],
    [200, 'text/plain; charset=utf-8', 'no-cache', 'text'],
    [200, 'text/html; charset=utf-8', 'no-cache', ''],
    [404, 'text/html; charset=utf-8', 'no-store', ''],
    [200, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable', ''],
  ]);
  expect(found.manifest.bodies).toBe(2);
});

test('sites by host have rules of their own', async () => {
  const found = await soundSites({
    '': { 'a.txt': 'a', _headers: '/*\n X: default\n' },
    'a.example': { 'a.txt': 'a', _headers: '/*\n X: named\n' },
    'b.example': { 'a.txt': 'a' },
  });
  const values = ['/a.txt', '@a.example/a.txt', '@b.example/a.txt'].map((key) =>
    fieldOf(found, findEntry(found, key).route.variants[0]!, 'X'),
  );
  expect(values).toEqual(['default', 'named', '']);
});
