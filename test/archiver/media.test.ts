// media.test.ts: Content-Type by name.
import { expect, test } from 'vitest';
import { isCompressible, mediaType } from '../../archiver/media.ts';

test.each([
  ['index.html', 'text/html; charset=utf-8'],
  ['a/INDEX.HTML', 'text/html; charset=utf-8'],
  ['app.js', 'text/javascript; charset=utf-8'],
  ['app.mjs', 'text/javascript; charset=utf-8'],
  ['app.js.map', 'application/json'],
  ['a.css', 'text/css; charset=utf-8'],
  ['a.md', 'text/markdown; charset=utf-8'],
  ['a.txt', 'text/plain; charset=utf-8'],
  ['a.json', 'application/json'],
  ['a.svg', 'image/svg+xml'],
  ['a.wasm', 'application/wasm'],
  ['a.webmanifest', 'application/manifest+json'],
  ['a.avif', 'image/avif'],
  ['a.jxl', 'image/jxl'],
  ['a.woff2', 'font/woff2'],
  ['feed.rss', 'application/rss+xml'],
  ['feed.atom', 'application/atom+xml'],
  ['a.tar.gz', 'application/gzip'],
  ['a.tgz', 'application/gzip'],
  ['a.html.gz', 'application/gzip'],
  ['a.html.br', 'application/octet-stream'],
  ['favicon.ico', 'image/x-icon'],
  ['LICENSE', 'application/octet-stream'],
  ['html', 'application/octet-stream'],
  ['.html', 'application/octet-stream'],
  ['a.html/b', 'application/octet-stream'],
  ['a.', 'application/octet-stream'],
  ['a.unheard', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream'],
])('%s is %s', (path, type) => {
  expect(mediaType(path)).toBe(type);
});

test('every type can stand in a header', () => {
  for (const extension of ['html', 'docx', 'glb', 'x-t', 'é', '\n']) {
    expect(mediaType(`a.${extension}`)).toMatch(/^[a-z]+\/[a-z0-9.+-]+(; charset=utf-8)?$/i);
  }
});

test.each([
  ['a.html', true],
  ['a.svg', true],
  ['a.wasm', true],
  ['a.wav', true],
  ['a.ttf', true],
  ['a.pdf', true],
  ['unknown', true],
  ['a.png', false],
  ['a.ico', false],
  ['a.bmp', false],
  ['a.avif', false],
  ['a.mp4', false],
  ['a.mp3', false],
  ['a.woff', false],
  ['a.woff2', false],
  ['a.zip', false],
  ['a.tar.gz', false],
  ['a.7z', false],
  ['a.docx', false],
  ['a.odt', false],
  ['a.epub', false],
])('compressing %s can pay: %s', (path, pays) => {
  expect(isCompressible(mediaType(path))).toBe(pays);
});
