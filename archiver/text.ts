// text.ts: how names, sizes and orders are written for people, the same in every command.
import { columnsOf, padEnd, padStart } from './terminal.ts';
export { size } from '../src/format/size.ts';

/**
 * A file name or key as it may stand in a message: no control or direction byte of it reaches a
 * terminal.
 */
export function printable(name: string): string {
  return name.replace(
    /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** With commas every three digits. */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Order of the UTF-8 bytes, which the order of UTF-16 units is not beyond the basic plane. */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Surrogates stand for code points above every other unit. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** JSON on one line; as in printable(), no character of it commands a terminal. */
export function json(value: unknown): string {
  const text = JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}

/** Columns padded to their widest cell; those named in `right` are numbers. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = widthsOf(rows);
  return rows.map((row) => `${line(row, widths, right)}\n`).join('');
}

/** Columns of the widest cell in each column. */
export function widthsOf(rows: Iterable<readonly string[]>): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, columnsOf(cell));
    });
  }
  return widths;
}

/** One row of a table. */
export function line(
  row: readonly string[],
  widths: readonly number[],
  right: readonly number[],
): string {
  return row
    .map((cell, column) =>
      right.includes(column) ? padStart(cell, widths[column]!) : padEnd(cell, widths[column]!),
    )
    .join(GAP)
    .trimEnd();
}

/** Between two columns of a table. */
export const GAP = '  ';
