// caching.test.ts: Cache-Control by evidence.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { IMMUTABLE, NO_CACHE, cacheControl } from '../../archiver/caching.ts';

test.each([
  ['webpack', 'main.8c55a65e.css'],
  ['webpack', 'main.8c55a65e.css.map'],
  ['webpack', 'js/app-3f2a9c1b5d0e7f6a2b4c.min.js'],
  ['webpack', 'img/logo_3f2a9c1b.svg'],
  ['Create React App', 'static/js/787.28cb0dcd.chunk.js'],
  ['Vite', 'assets/index-BfT3k9_x.js'],
  ['Vite', 'assets/index-D-x_3aBc.js'],
  ['Vite', 'assets/logo-B7k2Tq9x.png'],
  ['VitePress', 'assets/guide_index.md.BfT3k9_x.lean.js'],
  ['Astro', '_astro/page.C7dXq2Zk.css'],
  ['Astro', 'docs/_astro/hoisted.Dxxaabcd.js'],
  ['SvelteKit', '_app/immutable/entry/start.js'],
  ['SvelteKit', '_app/immutable/chunks/abcdefgh.js'],
  ['Nuxt', '_nuxt/entry.Bfabcdef.css'],
  ['Next', '_next/static/css/3f2a9c1b5d6e7f80.css'],
  ['Next', '_next/static/chunks/app/page-3f2a9c1b5d6e7f80.js'],
  ['Next', '_next/static/media/4473ecc91f70f139-s.p.woff2'],
  ['esbuild', 'assets/chunk-7QK2MZ3A.js'],
  ['Angular', 'main-7VX4OOVM.js'],
  ['Parcel', 'index.3f2a9c1b.js'],
  ['Hugo', 'css/main.min.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.css'],
  ['Hugo, SHA-512', `main.${'0a1b2c3d'.repeat(16)}.js`],
  ['Django', 'static/base.55e7cbb9ba48.css'],
  ['Rails', 'application-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.css'],
  ['MkDocs Material', 'assets/javascripts/bundle.83f73b43.min.js'],
  ['Docusaurus', 'assets/images/photo-3f2a9c1b5d0e7f6a2b4c8d9e0f1a2b3c.png'],
  ['mdBook', 'searchindex-1c2d3e4f.js'],
])('%s: %s carries a hash of its content', (_tool, path) => {
  expect(cacheControl(path)).toBe(IMMUTABLE);
});

test.each([
  ['a page', 'index.html'],
  ['a plain name', 'app.js'],
  ['a version', 'jquery-3.6.0.min.js'],
  ['a version', 'lib-20.11.1.js'],
  ['Sphinx: the hash is in the query', '_static/pygments.css'],
  ['a date', 'photo-20230101.jpg'],
  ['a date', 'minutes-12dec2023.png'],
  ['a date', 'report-2024feb1.png'],
  ['a word of hexadecimal letters', 'release-deadbeef.js'],
  ['a word and a year', 'menu-cafe2023.jpg'],
  ['a part number', 'part-ab123456.png'],
  ['a part number', 'drawing-e1234567.svg'],
  ['a camera', 'IMG_12345678.jpg'],
  ['a camera', 'assets/img-DSC42637.jpg'],
  ['a UUID', 'img-550e8400-e29b-41d4-a716-446655440abc.png'],
  ['a UUID without hyphens', 'img-550e8400e29b41d4a716446655440abc.png'],
  ['an id of MongoDB', 'avatar-507f1f77bcf86cd799439011.png'],
  ['a page with an id', 'Page_3f2a9c1b5d0e7f6a2b4c8d9e0f1a2b3c.html'],
  ['a document', 'paper-3f2a9c1b5d0e.pdf'],
  ['a feed', 'feed.3f2a9c1b.xml'],
  ['a page in a folder of a tool', '_next/static/chunks/index.html'],
  ['what names the latest build', '_nuxt/builds/latest.json'],
  ['an id of a build', '_nuxt/builds/meta/BfT3k9_x.json'],
  ['a name that somebody chose', '_astro/entry.js'],
  ['a name that somebody chose', '_astro/my-component.js'],
  ['a file of Next that is named by the build', '_next/static/my-build/_buildManifest.js'],
  ['in no folder of a tool', 'index-BfT3k9_x.js'],
  ['words', 'assets/logo-darkMode.svg'],
  ['words', 'assets/chart-BarChart.js'],
  ['words', 'assets/my-javascript.js'],
  ['words and a number', 'assets/photo-iPhone12.jpg'],
  ['words and a number', 'assets/screenshot-Win10Pro.png'],
  ['words and a number', 'assets/setup-Win10Pro.js'],
  ['words and a number', 'assets/icon-iOS17Dev.png'],
  ['words and a number', 'assets/index-Html5App.js'],
  ['capitals', 'assets/DOCUMENT.pdf'],
  ['capitals and a number', 'assets/pack-RELEASE2.js'],
  ['capitals and a number', 'assets/pack-3DMODELS.glb'],
  ['capitals and a number', 'static/lib-WEB2PAGE.js'],
  ['a folder of such a name', '3f2a9c1b.js/x.js'],
  ['no extension', 'a3f2a9c1b'],
])('%s: %s does not', (_what, path) => {
  expect(cacheControl(path)).toBe(NO_CACHE);
});

test('most names of build tools are known for what they are', () => {
  const share = (name: () => string) => {
    const names = Array.from({ length: 4_000 }, name);
    return names.filter((path) => cacheControl(path) === IMMUTABLE).length / names.length;
  };
  const hash = (encoding: 'hex' | 'base64url') => randomBytes(32).toString(encoding);
  expect(share(() => `main.${hash('hex').slice(0, 20)}.js`)).toBeGreaterThan(0.99);
  expect(share(() => `main.${hash('hex').slice(0, 8)}.js`)).toBeGreaterThan(0.6);
  expect(share(() => `assets/main-${hash('base64url').slice(0, 8)}.js`)).toBeGreaterThan(0.5);
  expect(share(() => `_astro/main.${hash('base64url').slice(0, 8)}.js`)).toBeGreaterThan(0.98);
});
