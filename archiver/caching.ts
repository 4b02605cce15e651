// caching.ts: Cache-Control by evidence: how long a client may keep an answer without asking again.
//
// A wrong `immutable` cannot be called back for a year, a wrong `no-cache` costs one 304: in
// doubt, no-cache.

export const NO_CACHE = 'no-cache';
export const IMMUTABLE = 'public, max-age=31536000, immutable';
export const REDIRECT_CACHE = 'public, max-age=3600';
export const NO_STORE = 'no-store';

/** Folders where the build tool promises that names change with the content: Next, SvelteKit. */
const PROMISED = /(?:^|\/)(?:_next\/static\/(?:chunks|css|media)|_app\/immutable)\//;
/** Folders of build tools alone; Nuxt tells in _nuxt/builds/ which build is the latest. */
const TOOL_FOLDER = /(?:^|\/)(?:_astro|_nuxt(?!\/builds\/))\//;
/** Folders of build tools that people have too. */
const BUILD_FOLDER = /(?:^|\/)(?:assets|chunks|static)\//;

/** What build tools name by content; pages, documents and feeds have addresses that stay. */
const CODE = /\.(?:css|js|mjs)(?:\.map)?$/i;
const ASSETS =
  'avif bin eot gif glb ico jpeg jpg json mp3 mp4 ogg otf png svg ttf wasm webm webmanifest ' +
  'webp woff woff2';
const ASSET = new RegExp(`\\.(?:${ASSETS.replaceAll(' ', '|')})$`, 'i');

/** app.3f2a9c1b.js, app-3f2a9c1b5d.min.css: the last token, but for words of the tools. */
const TOKEN = /[.\-_]([A-Za-z0-9_]{8,128}|[A-Za-z0-9_-]{8})$/;
const TOOL_WORDS = /(?:\.(?:min|chunk|bundle|lean))*\.[A-Za-z0-9]+(?:\.map)?$/;
const HEX = /^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,128}$/;
/** Names of things, whose content may change: UUIDs, with and without hyphens, MongoDB's ids. */
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const IDENTITY = /^(?:[0-9a-f]{24}|[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15})$/;
/** esbuild and Angular: RFC 4648 base 32. */
const BASE32 = /^[A-Z2-7]{8}$/;
/** Win10Pro and the like. */
const WORD_NUMBER_WORD = /^(?:[A-Z]?[a-z]+|i?[A-Z]+)\d+(?:[A-Z]?[a-z]+|[A-Z]+)$/;

/** Dates, versions and words with a number change between letters and digits less often. */
const CHANGES_MIN = 3;
/** No date or number is so long. */
const LONG_HEX = 12;
/** With capitals and small letters apart. */
const CODE_CHANGES_MIN = 4;
const ASSET_CHANGES_MIN = 5;

/** The value of Cache-Control for a file that answers with 200. */
export function cacheControl(path: string): string {
  return hasContentHash(path) ? IMMUTABLE : NO_CACHE;
}

/** Whether the name carries a hash that changes with the content. */
export function hasContentHash(path: string): boolean {
  const isCode = CODE.test(path);
  if (!isCode && !ASSET.test(path)) return false;
  if (PROMISED.test(path)) return true;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const token = TOKEN.exec(name.replace(TOOL_WORDS, ''))?.[1];
  if (token === undefined || UUID.test(name) || IDENTITY.test(token)) return false;
  if (HEX.test(token)) return token.length >= LONG_HEX || changes(token) >= CHANGES_MIN;
  if (token.length !== 8) return false;
  if (TOOL_FOLDER.test(path)) return /[A-Z0-9_-]/.test(token) && /[A-Za-z]/.test(token);
  const inBuild = BUILD_FOLDER.test(path);
  if (BASE32.test(token)) return (isCode || inBuild) && changes(token) >= CHANGES_MIN;
  return inBuild && looksRandom(token, isCode ? CODE_CHANGES_MIN : ASSET_CHANGES_MIN);
}

/** Eight characters of base64url, as Vite and Rollup have them. */
function looksRandom(token: string, changesMin: number): boolean {
  if (!/\d|[-_]/.test(token) || !/[a-z]/.test(token) || !/[A-Z]/.test(token)) return false;
  return !WORD_NUMBER_WORD.test(token) && changes(token) >= changesMin;
}

/** How often small letters, capitals, digits and signs take turns. */
function changes(token: string): number {
  const kinds = token.replace(/[a-z]/g, 'a').replace(/[A-Z]/g, 'A').replace(/\d/g, '0');
  return [...kinds].filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length;
}
