// reader.ts: what a sound archive holds, as objects. For tools; the server reads the bytes
// themselves.
import { cdbFind, cdbRecords } from '../src/format/cdb.ts';
import { CODING_NAMES, KEY_FALLBACK_PREFIX } from '../src/format/layout.ts';
import { decodeRoute } from '../src/format/route.ts';
import type { Route, Variant } from '../src/format/route.ts';
import { EXIT, Failure } from '../src/errors.ts';
import { printable } from './text.ts';
import type { SoundArchive } from './verify.ts';

export interface Entry {
  /** A path, or `404` and a folder. */
  readonly key: string;
  readonly route: Route;
}

/** Routes first, then fallbacks, each in the order of the bytes of their keys. */
export function entriesOf({ bytes }: SoundArchive): Entry[] {
  const entries: Entry[] = [];
  for (const { key, value } of cdbRecords(bytes)) {
    const text = Buffer.from(key).toString();
    if (!text.startsWith('/') && !text.startsWith(`${KEY_FALLBACK_PREFIX}/`)) continue;
    entries.push({ key: text, route: soundRoute(value) });
  }
  return entries;
}

/**
 * The route of a path as it is in the site or as it is in a URL; throws a Failure when there is
 * none.
 */
export function findEntry({ bytes }: SoundArchive, path: string): Entry {
  for (const key of [path, decoded(path)]) {
    const found = cdbFind(bytes, Buffer.from(key));
    if (found && key.startsWith('/')) return { key, route: soundRoute(found.value) };
  }
  const text = `the archive has no ${printable(path)}. cdbinspect list shows every path it has.`;
  throw new Failure(EXIT.failure, text);
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

export function codingName({ coding }: Variant): string {
  return CODING_NAMES[coding]!;
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
