// size.ts: bytes as people read them, the same in every command.

const UNITS = ['B', 'kB', 'MB', 'GB'] as const;

/** Decimal units, three digits: 98.1 MB. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
