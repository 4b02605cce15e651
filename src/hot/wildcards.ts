// wildcards.ts: the first rule of the site whose pattern the path last read has.
//
// The path is taken apart once; a rule then costs a compare of numbers, and of its own bytes where
// these are alike. What a stranger sends does not make it longer.
import { wordOf } from '../format/bytes.ts';
import { cdbHash } from '../format/hash.ts';
import {
  KEY_RULES,
  RULE_CAPTURES_MAX,
  RULE_HEAD_BYTES,
  RULE_SEGMENTS,
  RULE_SEGMENTS_MAX,
  RULE_SPLAT,
  RULES_HEAD_BYTES,
  SEGMENT_HEAD_BYTES,
} from '../format/layout.ts';
import { find, isAt, u16, u32, u8 } from './archive.ts';
import { decodedView, path, PATH_AT, PATH_DECODED, PATH_END } from './path.ts';
import { inboxView } from './ring.ts';
import { FAMILY_BYTES, prefix, prefixView, PREFIX_END, site } from './site.ts';
import { SLASH } from './tables.ts';

const RULES = wordOf(KEY_RULES);
const RULES_KEY_BYTES = KEY_RULES.length;
const RULES_HASH = cdbHash(new Uint8Array(RULES.buffer), 0, RULES_KEY_BYTES) | 0;

/** Of the rule last found: where each capture begins in the path's bytes, and where it ends. */
export const captures = new Int32Array(RULE_CAPTURES_MAX * 2);

/** Segments of the path, one more than any rule has: a path with more is longer than all. */
const starts = new Int32Array(RULE_SEGMENTS_MAX + 1);
const ends = new Int32Array(RULE_SEGMENTS_MAX + 1);

/** Position of the rule; 0: none. */
export function findRule(): number {
  const table = findTable();
  if (table === 0) return 0;
  const keys = path[PATH_DECODED] === 1 ? decodedView : inboxView;
  const count = splitPath(keys);
  let rule = (table + RULES_HEAD_BYTES) | 0;
  for (let left = u32(table); left > 0; left--) {
    if (matches(rule, keys, count)) return rule;
    rule = (rule + u16(rule)) | 0;
  }
  return 0;
}

/** The table of the selected site. */
function findTable(): number {
  const end = site[PREFIX_END]!;
  let hash = RULES_HASH;
  for (let index = FAMILY_BYTES; index < end; index++) {
    hash = ((hash << 5) + hash) ^ prefix[index]!;
  }
  return find(hash, RULES, 0, RULES_KEY_BYTES, prefixView, FAMILY_BYTES, end);
}

/** Only the last segment of a key may be empty: a slash at the end begins none. */
function splitPath(keys: DataView): number {
  const end = path[PATH_END]!;
  let count = 0;
  let at = path[PATH_AT]! + 1;
  while (at < end && count <= RULE_SEGMENTS_MAX) {
    starts[count] = at;
    while (at < end && keys.getUint8(at) !== SLASH) at++;
    ends[count] = at;
    count++;
    at++;
  }
  return count;
}

function matches(rule: number, keys: DataView, count: number): boolean {
  const wanted = u8((rule + RULE_SEGMENTS) | 0);
  const splat = u8((rule + RULE_SPLAT) | 0) !== 0;
  if (count < wanted || (count > wanted && !splat)) return false;
  let at = (rule + RULE_HEAD_BYTES) | 0;
  let taken = 0;
  for (let index = 0; index < wanted; index++) {
    const bytes = u16(at);
    const start = starts[index]!;
    const end = ends[index]!;
    at = (at + SEGMENT_HEAD_BYTES) | 0;
    if (bytes === 0) keepCapture(taken++, start, end);
    else if (end - start !== bytes || !isAt(at, keys, start, end)) return false;
    at = (at + bytes) | 0;
  }
  const end = path[PATH_END]!;
  if (splat) keepCapture(taken, wanted < count ? starts[wanted]! : end, end);
  return true;
}

function keepCapture(capture: number, start: number, end: number): void {
  captures[capture * 2] = start;
  captures[capture * 2 + 1] = end;
}
