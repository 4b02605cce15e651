// conditions.ts: the preconditions of a request, in the order of RFC 9110 13.2.2.
import { bytesOf } from '../format/bytes.ts';
import { ROUTE_MODIFIED } from '../format/layout.ts';
import { u32 } from './archive.ts';
import { now, NOW_DAYS, NOW_SECOND } from './date.ts';
import { date, DATE_DAYS, DATE_SECOND, readHttpDate } from './dates.ts';
import * as R from './request.ts';
import { holdsTag, isTagOf, STRONG, WEAK } from './tags.ts';

const { request } = R;

export const PROCEED = 0;

const IF_MATCH = bytesOf('if-match');
const IF_NONE_MATCH = bytesOf('if-none-match');
const DAY_SECONDS = 86_400;

/** PROCEED, 304 or 412, for a GET or HEAD whose answer would be 200. */
export function checkConditions(base: number, route: number, variant: number): number {
  if (request[R.IF_MATCH + R.LINES] !== 0) {
    if (!holdsTag(R.IF_MATCH, IF_MATCH, base, variant, STRONG)) return 412;
  } else if (compareModified(R.IF_UNMODIFIED_SINCE, base, route) > 0) return 412;
  if (request[R.IF_NONE_MATCH + R.LINES] !== 0) {
    return holdsTag(R.IF_NONE_MATCH, IF_NONE_MATCH, base, variant, WEAK) ? 304 : PROCEED;
  }
  const order = compareModified(R.IF_MODIFIED_SINCE, base, route);
  return order === OLDER || order === EQUAL ? 304 : PROCEED;
}

/** May the Range be used? Without If-Range always. RFC 9110 13.1.5. */
export function allowsRange(base: number, route: number, variant: number): boolean {
  const lines = request[R.IF_RANGE + R.LINES]!;
  if (lines === 0) return true;
  const at = base + request[R.IF_RANGE + R.VALUE_AT]!;
  const end = base + request[R.IF_RANGE + R.VALUE_END]!;
  if (lines > 1) return false;
  if (isTagOf(variant, at, end)) return true;
  return compareModified(R.IF_RANGE, base, route) === EQUAL && isStrongDate();
}

/** Last-Modified against the date of a field. */
const OLDER = -1;
const EQUAL = 0;
const NEWER = 1;
/** No date can be compared: the field is to be ignored. Below zero, so that it is not NEWER. */
const UNKNOWN = -2;

function compareModified(field: number, base: number, route: number): number {
  if (request[field + R.LINES] !== 1) return UNKNOWN;
  const modified = u32((route + ROUTE_MODIFIED) | 0) >>> 0;
  const at = base + request[field + R.VALUE_AT]!;
  const end = base + request[field + R.VALUE_END]!;
  if (modified === 0 || !readHttpDate(at, end)) return UNKNOWN;
  const days = (modified / DAY_SECONDS) | 0;
  const second = modified - days * DAY_SECONDS;
  if (days !== date[DATE_DAYS]!) return days > date[DATE_DAYS]! ? NEWER : OLDER;
  if (second === date[DATE_SECOND]!) return EQUAL;
  return second > date[DATE_SECOND]! ? NEWER : OLDER;
}

/**
 * The date last read lies at least a second before Date: it can be a strong validator, RFC 9110
 * 8.8.2.2.
 */
function isStrongDate(): boolean {
  if (date[DATE_DAYS] !== now[NOW_DAYS]) return date[DATE_DAYS]! < now[NOW_DAYS]!;
  return date[DATE_SECOND]! < now[NOW_SECOND]!;
}
