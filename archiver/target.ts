// target.ts: keys as they stand in a URL.
import { REQUEST_LINE_BYTES_MAX } from '../src/limits.ts';
import { KEY_BYTES_MAX } from '../src/format/layout.ts';

/**
 * Unreserved, sub-delims and `:@/` of RFC 3986 section 3.3 stay; encodeURIComponent escapes some
 * of them.
 */
const KEPT = /%(?:24|26|2B|2C|3B|3D|3A|40|2F)/g;
const REQUEST_LINE_REST = 'OPTIONS  HTTP/1.1\r\n'.length;

/** The path part of a URL for a key: every byte but those of RFC 3986 pchar and '/' as %XX. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key).replace(KEPT, decodeURIComponent);
}

/** What stands before every key of a site: nothing, or '@' and its host. */
export function keyPrefix(host: string): string {
  return host === '' ? '' : `@${host}`;
}

/**
 * Whether a request line has room for the path, so that a client can ask for it, and its key is
 * not too long.
 */
export function isReachable(path: string, host = ''): boolean {
  const bytes = encodeKey(path).length;
  const keyBytes = Buffer.byteLength(keyPrefix(host)) + Buffer.byteLength(path);
  return bytes + REQUEST_LINE_REST <= REQUEST_LINE_BYTES_MAX && keyBytes <= KEY_BYTES_MAX;
}
