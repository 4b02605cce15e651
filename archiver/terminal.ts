// terminal.ts: how many columns a text takes on a terminal, and how it is cut to fit. Pure.

const ASCII = /^[\x20-\x7e]*$/;
/** What wcwidth(3) gives two columns: East Asian scripts and emoji. */
const WIDE = new RegExp(
  '[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\ua960-\\ua97c\\uac00-\\ud7a3' +
    '\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff00-\\uff60\\uffe0-\\uffe6' +
    '\\u{20000}-\\u{3fffd}\\p{Emoji_Presentation}]',
  'u',
);
/** What stands on the character before it, or is not seen. */
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;
const MARK = '...';

/** Of a text without control characters. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** The text, or as much of its beginning as fits, with a mark for what is not there. */
export function fit(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const room = columns - MARK.length;
  if (room <= 0) return MARK.slice(0, Math.max(columns, 0));
  let taken = 0;
  let end = 0;
  for (const character of text) {
    taken += widthOf(character);
    if (taken > room) break;
    end += character.length;
  }
  return text.slice(0, end) + MARK;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(columns - columnsOf(text), 0));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(columns - columnsOf(text), 0)) + text;
}

function widthOf(character: string): number {
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
