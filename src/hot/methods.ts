// methods.ts: which method a token names. RFC 9110 9.1; the registered ones from the IANA registry.
import { nameTable } from '../format/bytes.ts';
import { inbox } from './ring.ts';

export const GET = 1;
export const HEAD = 2;
export const OPTIONS = 3;
/** Registered, and never allowed here: 405. */
export const NOT_ALLOWED = 4;
/** Registered too; its target may be an authority. */
export const CONNECT = 5;
/** Any other token: 501. */
export const UNKNOWN = 6;

const REFUSED = [
  ['ACL', 'BASELINE-CONTROL', 'BIND', 'CHECKIN', 'CHECKOUT', 'COPY', 'DELETE', 'LABEL', 'LINK'],
  ['LOCK', 'MERGE', 'MKACTIVITY', 'MKCALENDAR', 'MKCOL', 'MKREDIRECTREF', 'MKWORKSPACE', 'MOVE'],
  ['ORDERPATCH', 'PATCH', 'POST', 'PRI', 'PROPFIND', 'PROPPATCH', 'PUT', 'QUERY', 'REBIND'],
  ['REPORT', 'SEARCH', 'TRACE', 'UNBIND', 'UNCHECKOUT', 'UNLINK', 'UNLOCK', 'UPDATE'],
  ['UPDATEREDIRECTREF', 'VERSION-CONTROL'],
].flat();

const TABLE = nameTable([
  [HEAD, 'HEAD'],
  [OPTIONS, 'OPTIONS'],
  [CONNECT, 'CONNECT'],
  ...REFUSED.map((name) => [NOT_ALLOWED, name] as const),
]);

/** Methods are case-sensitive: `get` is UNKNOWN. */
export function methodOf(at: number, end: number): number {
  if (end - at === 3 && inbox[at] === 0x47 && inbox[at + 1] === 0x45 && inbox[at + 2] === 0x54) {
    return GET;
  }
  let entry = 0;
  while (TABLE[entry] !== 0) {
    const bytes = TABLE[entry + 1]!;
    if (bytes === end - at && isName(entry + 2, at, bytes)) return TABLE[entry]!;
    entry += 2 + bytes;
  }
  return UNKNOWN;
}

function isName(name: number, at: number, bytes: number): boolean {
  for (let index = 0; index < bytes; index++) {
    if (TABLE[name + index] !== inbox[at + index]) return false;
  }
  return true;
}
