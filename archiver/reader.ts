// reader.ts: what a sound archive holds, as objects. For tools; the server reads the bytes
// themselves.
import { cdbFind, cdbRecords } from '../src/format/cdb.ts';
import {
  CODING_IDENTITY,
  CODING_NAMES,
  KEY_BODY_PREFIX,
  KEY_DIGEST_BYTES,
  KEY_FALLBACK_PREFIX,
  KEY_HEAD_PREFIX,
  KEY_REWRITE_PREFIX,
} from '../src/format/layout.ts';
import { decodeRoute } from '../src/format/route.ts';
import type { Route, Variant } from '../src/format/route.ts';
import { EXIT, Failure } from '../src/errors.ts';
import { keyPrefix } from './target.ts';
import { printable } from './text.ts';
import type { SoundArchive } from './verify.ts';

export interface Entry {
  /** A path, `404` and a folder, or `200` and a folder; before path or folder '@' and a host. */
  readonly key: string;
  /** '' is the default site. */
  readonly host: string;
  /** The bytes of the key from its first '/' on; a hostile archive may have any there. */
  readonly path: Uint8Array;
  readonly route: Route;
}

const ENTRY = new RegExp(`^(?:${KEY_FALLBACK_PREFIX}|${KEY_REWRITE_PREFIX})?(?:@([^/]*))?/`);
const SLASH = 0x2f;

/**
 * Routes first, then fallbacks, each in the order of the bytes of their keys. With a host, those of
 * its site alone.
 */
export function* eachEntry({ bytes }: SoundArchive, only?: string): Generator<Entry> {
  for (const record of cdbRecords(bytes)) {
    const { key } = record;
    if (isStored(key)) continue;
    const text = textOf(key);
    const match = ENTRY.exec(text);
    if (!match) continue;
    const host = match[1] ?? '';
    if (only !== undefined && only !== host) continue;
    const path = key.subarray(key.indexOf(SLASH));
    yield { key: text, host, path, route: soundRoute(record.value) };
  }
}

/**
 * The route of a path as it is in the site or as it is in a URL, of a site by its host or of the
 * default one; or what is at a key as cdbinspect list shows it. Throws a Failure when there is
 * none.
 */
export function findEntry(archive: SoundArchive, path: string, host = ''): Entry {
  for (const key of [path, decoded(path)].map((each) => keyPrefix(host) + each)) {
    const entry = entryAt(archive, key);
    if (entry) return entry;
  }
  const text = `the archive has no ${printable(keyPrefix(host) + path)}.`;
  throw new Failure(EXIT.failure, `${text} cdbinspect list shows every path it has.`);
}

/** What is at a key as eachEntry() gives it; undefined when there is none. */
export function entryAt({ bytes }: SoundArchive, key: string): Entry | undefined {
  const match = ENTRY.exec(key);
  const found = match && cdbFind(bytes, Buffer.from(key));
  if (!found) return undefined;
  const path = found.key.subarray(found.key.indexOf(SLASH));
  return { key, host: match[1] ?? '', path, route: soundRoute(found.value) };
}

/**
 * The route that has the body of a file: that of its path, or of the path it is redirected to, as
 * pages are in the clean style. Undefined when that is none.
 */
export function contentOf(archive: SoundArchive, { host, route }: Entry): Route | undefined {
  if (!route.redirect) return route;
  const path = decoded(fieldOf(archive, identityOf(route), 'Location'));
  const target = entryAt(archive, keyPrefix(host) + path)?.route;
  return target?.redirect ? undefined : target;
}

/** Header block as text: its runs together, each line with CRLF. */
export function headOf({ bytes }: SoundArchive, variant: Variant): string {
  const { headAt, statusBytes, commonBytes, contentBytes, lengthBytes } = variant;
  const end = headAt + statusBytes + commonBytes + contentBytes + lengthBytes;
  return Buffer.from(bytes.subarray(headAt, end)).toString('latin1');
}

export function bodyOf({ bytes }: SoundArchive, { bodyAt, bodyBytes }: Variant): Uint8Array {
  return bytes.subarray(bodyAt, bodyAt + bodyBytes);
}

/** Value of a field of a variant's header block; '' when it has none. */
export function fieldOf(archive: SoundArchive, variant: Variant, name: string): string {
  const line = new RegExp(`\\r\\n${name}: ([^\\r]*)`).exec(headOf(archive, variant));
  return line?.[1] ?? '';
}

/** The value of Content-Type; '' when there is none. */
export function typeOf({ bytes }: SoundArchive, { headAt, typeAt, typeBytes }: Variant): string {
  if (typeBytes === 0) return '';
  const valueAt = headAt + typeAt + 'Content-Type: '.length;
  const end = headAt + typeAt + typeBytes - '\r\n'.length;
  return Buffer.from(bytes.subarray(valueAt, end)).toString('latin1');
}

/** Every route has it. */
export function identityOf({ variants }: Route): Variant {
  return variants.find(({ coding }) => coding === CODING_IDENTITY)!;
}

export function codingName({ coding }: Variant): string {
  return CODING_NAMES[coding]!;
}

function isStored(key: Uint8Array): boolean {
  return (
    key.length === KEY_DIGEST_BYTES && (key[0] === KEY_BODY_PREFIX || key[0] === KEY_HEAD_PREFIX)
  );
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

function soundRoute(value: Uint8Array): Route {
  const route = decodeRoute(value);
  if (typeof route === 'string') throw new Error(`the verifier let this pass: ${route}`);
  return route;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
