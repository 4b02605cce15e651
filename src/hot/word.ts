// word.ts: is a stretch of the inbox this token or that? Tokens are case-insensitive here.
import { inbox, inboxView } from './ring.ts';

const LOWER = 0x20;
const LOWER_FOUR = 0x2020_2020;

/** `word` is in lower case and `bytes` long: the caller has compared lengths. */
export function isWord(word: DataView, at: number, bytes: number): boolean {
  let index = 0;
  for (; index + 4 <= bytes; index += 4) {
    const four = inboxView.getInt32(at + index, true) | LOWER_FOUR;
    if (four !== word.getInt32(index, true)) return false;
  }
  for (; index < bytes; index++) {
    if ((inbox[at + index]! | LOWER) !== word.getUint8(index)) return false;
  }
  return true;
}
