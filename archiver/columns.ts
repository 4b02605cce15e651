// columns.ts: rows of numbers that grow: what a million files need in place of a million objects.

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

const LENGTH_MIN = 1024;

/** The column, or a copy of it that is twice as long, with room for so many numbers. */
export function withRoom<Kind extends Column>(column: Kind, length: number): Kind {
  if (length <= column.length) return column;
  const Longer = column.constructor as new (length: number) => Kind;
  const longer = new Longer(Math.max(length, 2 * column.length, LENGTH_MIN));
  longer.set(column);
  return longer;
}
