// fill_routes.test.ts: archives with rules, as cdbpack writes them and the loader takes them.
import { expect, test } from 'vitest';
import { fieldOf } from '../../archiver/reader.ts';
import { entriesOf, opened } from '../support/entries.ts';
import { cdbFind } from '../../src/format/cdb.ts';
import { decodeRoute } from '../../src/format/route.ts';
import type { Route } from '../../src/format/route.ts';
import { decodeRules } from '../../src/format/rules.ts';
import type { Rule } from '../../src/format/rules.ts';
import { compareBytes } from '../../archiver/text.ts';
import { makeSite, runPack } from './fixture.ts';

const LONG = 'The same words again and again make a page that is worth a coding.\n'.repeat(20);

async function packed(files: Record<string, string>, ...flags: string[]) {
  const site = makeSite(files);
  const out = `${site}.cdb`;
  const { err } = await runPack([site, out, ...flags]);
  return { archive: opened(out), err };
}

test('keys and tables of rules are in the archive, in their order', async () => {
  const { archive, err } = await packed({
    'index.html': LONG,
    '404.html': 'none\n',
    _redirects: '/m /n 302\n/gone /404.html 404\n/a/* /index.html 200\n/b/:x /c?q=:x 307\n',
    _headers: '/m\n  X-A: 1\n/b/*\n  X-B: 2\n',
  });
  expect(err).toBe('');
  expect(archive.manifest).toMatchObject({ routes: 9, rules: 2, files: 2 });
  const entries = entriesOf(archive).filter(({ key }) => key.startsWith('/'));
  const keys = entries.map(({ key }) => key);
  expect(keys).toEqual([...keys].sort(compareBytes));
  expect(keys).toEqual(expect.arrayContaining(['/gone', '/gone/', '/m', '/m/']));
  const moved = entries.find(({ key }) => key === '/m')!.route;
  expect([moved.status, fieldOf(archive, moved.variants[0]!, 'X-A')]).toEqual([302, '1']);
  const table = cdbFind(archive.bytes as Uint8Array, Buffer.from('rules'))!;
  const [page, open] = decodeRules(table.value) as Rule[];
  expect((decodeRoute(page!.route) as Route).variants.length).toBeGreaterThan(1);
  const { status, variants } = decodeRoute(open!.route) as Route;
  expect([status, fieldOf(archive, variants[0]!, 'X-B')]).toEqual([307, '2']);
});

test('an archive whose files are all behind a redirect is sound, and says what it serves', async () => {
  const { archive } = await packed({
    'index.html': LONG,
    'a.txt': LONG,
    _redirects: '/* https://b.example/:splat 301!\n',
  });
  expect(archive.manifest).toMatchObject({ files: 0, codings: [], rules: 1 });
  for (const { route } of entriesOf(archive)) expect(route.status).toBe(301);
});

test('lines that cannot be honoured are all told, and nothing is written', async () => {
  const files = { 'index.html': 'a\n', _redirects: '/a /b Country=de\n/x /y\n/c /c\n' };
  await expect(packed(files)).rejects.toThrow(/_redirects:1: .*condition[^]*_redirects:3: .*loop/);
  const { archive, err } = await packed(files, '--rules-lenient');
  expect(err).toMatch(/_redirects:1: left out: [^]*_redirects:3: left out: /);
  expect(entriesOf(archive).map(({ key }) => key)).toContain('/x');
});
