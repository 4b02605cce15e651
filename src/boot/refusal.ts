// refusal.ts: what an operator reads when an archive is refused.
import { EXIT, Failure } from '../errors.ts';
import {
  KEY_BODY_PREFIX,
  KEY_DIGEST_BYTES,
  KEY_FALLBACK_PREFIX,
  KEY_HEAD_PREFIX,
  KEY_HOST_PREFIX,
  KEY_MANIFEST,
  KEY_REWRITE_PREFIX,
  KEY_RULES,
} from '../format/layout.ts';

export const CUT_SHORT = 'The file is cut short: copy it again.';
export const CHANGED = 'The file was changed after it was packed: copy it again, or pack again.';
export const NO_ARCHIVE = 'Name an archive that cdbpack made.';
export const PACK_AGAIN = 'No cdbpack makes such a record: pack again with this version.';

const SLASH = 0x2f;
const PREFIX_BYTES = KEY_FALLBACK_PREFIX.length;

/** `where` names the place, `what` the finding, `remedy` is a whole sentence. */
export function refusal(name: string, where: string, what: string, remedy: string): Failure {
  const place = where === '' ? '' : ` at ${where}`;
  return new Failure(EXIT.archiveRefused, `${name}: refused${place}: ${what}. ${remedy}`);
}

/** Where a route record can be: a value of its own, or in a rule. */
export type RouteKind = 'route' | 'fallback' | 'rewrite' | 'rule';
export type RecordKind =
  Exclude<RouteKind, 'rule'> | 'manifest' | 'rules' | 'body' | 'head' | 'host' | 'unknown';

export function kindOf(key: Uint8Array): RecordKind {
  const first = key[0];
  if (first === SLASH) return 'route';
  if (first === KEY_HOST_PREFIX) return key.includes(SLASH) ? 'route' : 'host';
  if (key.length === KEY_DIGEST_BYTES && first === KEY_BODY_PREFIX) return 'body';
  if (key.length === KEY_DIGEST_BYTES && first === KEY_HEAD_PREFIX) return 'head';
  const text = asBuffer(key).toString('latin1');
  if (text === KEY_MANIFEST) return 'manifest';
  const isOfHost = text.startsWith(`${KEY_RULES}@`) && !text.includes('/');
  if (text === KEY_RULES || isOfHost) return 'rules';
  // What follows must begin a folder, of the default site or of a host.
  if (text[PREFIX_BYTES] !== '/' && text[PREFIX_BYTES] !== '@') return 'unknown';
  if (text.startsWith(KEY_FALLBACK_PREFIX)) return 'fallback';
  return text.startsWith(KEY_REWRITE_PREFIX) ? 'rewrite' : 'unknown';
}

/** A key as it may stand in a message: no control byte of it reaches a terminal. */
export function describeKey(key: Uint8Array): string {
  const kind = kindOf(key);
  if (kind === 'body' || kind === 'head') {
    return `${kind} record ${asBuffer(key.subarray(1, 9)).toString('hex')}`;
  }
  const text = asBuffer(key.subarray(0, 200)).toString();
  const safe = JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `record ${safe}${key.length > 200 ? ' and so on' : ''}`;
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
