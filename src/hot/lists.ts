// lists.ts: the members of a comma list in the inbox. RFC 9110 5.6.1.
import { inbox } from './ring.ts';
import { BACKSLASH, COMMA, HTAB, QUOTE, SPACE } from './tables.ts';

export function skipBlank(from: number, end: number): number {
  let at = from;
  while (at < end && (inbox[at] === SPACE || inbox[at] === HTAB)) at++;
  return at;
}

export function trimEnd(start: number, from: number): number {
  let end = from;
  while (end > start && (inbox[end - 1] === SPACE || inbox[end - 1] === HTAB)) end--;
  return end;
}

/** The comma that ends the member at `from`, or `end`: for lists whose members cannot be quoted. */
export function comma(from: number, end: number): number {
  let at = from;
  while (at < end && inbox[at] !== COMMA) at++;
  return at;
}

/** The same for lists whose members can hold a quoted-string: its commas do not count. */
export function memberEnd(from: number, end: number): number {
  let quoted = false;
  for (let at = from; at < end; at++) {
    const byte = inbox[at]!;
    if (quoted && byte === BACKSLASH) at++;
    else if (byte === QUOTE) quoted = !quoted;
    else if (byte === COMMA && !quoted) return at;
  }
  return end;
}
