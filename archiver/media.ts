// media.ts: the Content-Type of a file by its name, and whether compressing such content can pay.
// Never sniffed.
import { createRequire } from 'node:module';
import type * as library from 'mime-types';

/** Where the library's table is silent, vendor-specific or not what browsers want. */
const CORRECTIONS: Readonly<Record<string, string>> = {
  atom: 'application/atom+xml',
  avif: 'image/avif',
  br: 'application/octet-stream',
  cjs: 'text/javascript',
  exe: 'application/octet-stream',
  flac: 'audio/flac',
  gz: 'application/gzip',
  ico: 'image/x-icon',
  js: 'text/javascript',
  jxl: 'image/jxl',
  map: 'application/json',
  md: 'text/markdown',
  mjs: 'text/javascript',
  py: 'text/x-python',
  rss: 'application/rss+xml',
  tgz: 'application/gzip',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
  woff: 'font/woff',
  woff2: 'font/woff2',
  zst: 'application/zstd',
};
const UNKNOWN = 'application/octet-stream';
/** A site may have as many endings as files. */
const LIBRARY_TYPES_MAX = 1_000;

/** Content that is compressed already, by the beginning of its type; but see UNCOMPRESSED. */
const COMPRESSED = [
  'image/',
  'video/',
  'audio/',
  'font/woff',
  'application/gzip',
  'application/zip',
  'application/zstd',
  'application/java-archive',
  'application/epub+zip',
  'application/vnd.rar',
  'application/x-7z-compressed',
  'application/x-bzip',
  'application/x-debian-package',
  'application/x-rar-compressed',
  'application/x-redhat-package-manager',
  'application/x-rpm',
  'application/x-xz',
  'application/vnd.android.package-archive',
  'application/vnd.oasis.opendocument.',
  'application/vnd.openxmlformats-officedocument.',
];
const UNCOMPRESSED = new Set([
  'audio/midi',
  'audio/wav',
  'audio/wave',
  'audio/x-wav',
  'image/svg+xml',
]);

/** The value of Content-Type; text gets charset=utf-8. */
export function mediaType(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  // Without a dot the library would take the whole name as an extension.
  if (dot <= 0 || dot === name.length - 1) return UNKNOWN;
  const extension = name.slice(dot + 1).toLowerCase();
  const corrected = Object.hasOwn(CORRECTIONS, extension) ? CORRECTIONS[extension] : undefined;
  const type = corrected ?? libraryType(extension);
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

/** Loading the library takes as long as looking through a small site: it is loaded when asked. */
const load = createRequire(import.meta.url);
const libraryTypes = new Map<string, string>();

/** The library takes each name apart anew. */
function libraryType(extension: string): string {
  const known = libraryTypes.get(extension);
  if (known !== undefined) return known;
  const { lookup } = load('mime-types') as typeof library;
  const type = lookup(`.${extension}`) || UNKNOWN;
  if (libraryTypes.size < LIBRARY_TYPES_MAX) libraryTypes.set(extension, type);
  return type;
}

export function isCompressible(type: string): boolean {
  return UNCOMPRESSED.has(type) || !COMPRESSED.some((beginning) => type.startsWith(beginning));
}
