// media.ts: the Content-Type of a file by its name, and whether compressing such content can pay. Never sniffed.
import { lookup } from 'mime-types';

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

/** Content that is compressed already; the others of these families are in COMPRESSIBLE. */
const COMPRESSED =
  /^(?:image|video|audio)\/|^font\/woff2?$|^application\/(?:gzip|zip|zstd|java-archive|epub\+zip|vnd\.rar|x-(?:7z-compressed|bzip2?|xz|rar-compressed|debian-package|rpm|redhat-package-manager)|vnd\.(?:openxmlformats-officedocument|oasis\.opendocument|android\.package-archive|debian\.binary-package).*)$/;
const COMPRESSIBLE =
  /^image\/(?:svg\+xml|bmp|x-ms-bmp|x-icon|vnd\.microsoft\.icon|tiff)$|^audio\/(?:wav|x-wav|wave|midi)$/;

/** The value of Content-Type; text gets charset=utf-8. */
export function mediaType(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  // Without a dot the library would take the whole name as an extension.
  if (dot <= 0 || dot === name.length - 1) return UNKNOWN;
  const extension = name.slice(dot + 1).toLowerCase();
  const corrected = Object.hasOwn(CORRECTIONS, extension) ? CORRECTIONS[extension] : undefined;
  const type = corrected ?? (lookup(`.${extension}`) || UNKNOWN);
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

export function isCompressible(type: string): boolean {
  return !COMPRESSED.test(type) || COMPRESSIBLE.test(type);
}
