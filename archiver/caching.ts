// caching.ts: Cache-Control by evidence: how long a client may keep an answer without asking again.
//
// A wrong `immutable` cannot be called back for a year, a wrong `no-cache` costs one 304: in
// doubt, no-cache.

export const NO_CACHE = 'no-cache';
export const IMMUTABLE = 'public, max-age=31536000, immutable';
export const REDIRECT_CACHE = 'public, max-age=3600';
export const NO_STORE = 'no-store';

/** Folders whose files build tools name by content. */
const BUILD_FOLDER =
  /(?:^|\/)(?:assets|_astro|_app\/immutable|_nuxt|_next\/static|chunks|static)\//;
/** A name such as app.3f2a9c1b.js, app-3f2a9c1b5d.min.css: the last token before the extensions. */
const TOKEN = /[.\-_]([A-Za-z0-9_]{8,64}|[A-Za-z0-9_-]{8})(?:\.min)?\.[A-Za-z0-9]+(?:\.map)?$/;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** The value of Cache-Control for a file that answers with 200. */
export function cacheControl(path: string): string {
  return hasContentHash(path) ? IMMUTABLE : NO_CACHE;
}

/** Whether the name carries a hash that changes with the content. */
export function hasContentHash(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // A UUID names a thing, whose content may change.
  if (UUID.test(name)) return false;
  const token = TOKEN.exec(name)?.[1];
  if (token === undefined) return false;
  if (/^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,64}$/.test(token)) return true;
  if (!BUILD_FOLDER.test(path) || token.length !== 8) return false;
  return /^(?=.*\d)(?=.*[A-Z])[A-Z2-7]{8}$/.test(token) || looksRandom(token);
}

/**
 * Words such as iPhone12 or darkMode change between capitals, small letters and digits less often
 * than chance.
 */
function looksRandom(token: string): boolean {
  if (!/\d|[-_]/.test(token) || !/[a-z]/.test(token) || !/[A-Z]/.test(token)) return false;
  const kinds = token.replace(/[a-z]/g, 'a').replace(/[A-Z]/g, 'A').replace(/\d/g, '0');
  const changes = [...kinds].filter((kind, at) => at > 0 && kind !== kinds[at - 1]);
  return changes.length >= 4;
}
