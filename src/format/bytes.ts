// bytes.ts: makes byte strings and byte sets. For tables made at load: all of it allocates.

/** One byte for each letter; the letters are ASCII. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** The same, to be read four bytes at a time. */
export function wordOf(text: string): DataView {
  return new DataView(bytesOf(text).buffer);
}

/** 256 bytes, 1 for each letter named and each of the ranges (last included), else 0. */
export function setOf(
  letters: string,
  ...ranges: readonly (readonly [number, number])[]
): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of bytesOf(letters)) set[byte] = 1;
  for (const [first, last] of ranges) set.fill(1, first, last + 1);
  return set;
}

/** 256 bytes: the value of a hexadecimal digit in either case, 0xff for all else. */
export function hexValues(): Uint8Array {
  const values = new Uint8Array(256).fill(0xff);
  for (const digits of ['0123456789abcdef', '0123456789ABCDEF']) {
    bytesOf(digits).forEach((byte, value) => (values[byte] = value));
  }
  return values;
}

/** Names one after another, each behind its number and its length; a zero ends the table. */
export function nameTable(names: readonly (readonly [number, string])[]): Uint8Array {
  const rows = names.flatMap(([number, name]) => [number, name.length, ...bytesOf(name)]);
  return Uint8Array.from([...rows, 0]);
}
