// caching.test.ts: Cache-Control by evidence.
import { expect, test } from 'vitest';
import { IMMUTABLE, NO_CACHE, cacheControl } from '../../archiver/caching.ts';

test.each([
  'app.3f2a9c1b.js',
  'app-3f2a9c1b5d.min.css',
  'css/main.8c55a65e.css',
  'main.8c55a65e.css.map',
  'logo_3f2a9c1b.svg',
  'x.0123456789abcdef0123456789abcdef.png',
  'assets/index-BfT3k9_x.js',
  'assets/index-D-x_3aBc.js',
  '_astro/page.C7dXq2Zk.css',
  'assets/chunk-7QK2MZ3A.js',
])('%s carries a hash of its content', (path) => {
  expect(cacheControl(path)).toBe(IMMUTABLE);
});

test.each([
  'index.html',
  'app.js',
  'jquery-3.6.0.min.js',
  'photo-20230101.jpg',
  'release-deadbeef.txt',
  'IMG_12345678.jpg',
  'img-550e8400-e29b-41d4-a716-446655440abc.png',
  'index-BfT3k9_x.js',
  'assets/logo-darkMode.svg',
  'assets/photo-iPhone12.jpg',
  'assets/my-javascript.js',
  'assets/DOCUMENT.pdf',
  '3f2a9c1b.js/x.js',
  'a3f2a9c1b',
])('%s does not', (path) => {
  expect(cacheControl(path)).toBe(NO_CACHE);
});
