// archive.ts: reads numbers and records of the sealed archive. Positions are u32, held as the same
// 32 bits signed.
//
// Positions above 2 GiB would leave V8's small integers and be allocated, so the archive is seen
// through windows of 1 GiB that overlap by more than the longest record read here; a position picks
// its window by its two top bits.
import { CDB_SLOT_BYTES } from '../format/layout.ts';

export const WINDOW_BITS = 30;
const WINDOW_MASK = (1 << WINDOW_BITS) - 1;
export const WINDOW_OVERLAP = 1 << 17;
export const WINDOWS_MAX = 4;

/** Filled once by boot/windows.ts; those past the end stay empty. */
export const windows = Array.from({ length: WINDOWS_MAX }, () => new DataView(new ArrayBuffer(0)));

export function u8(position: number): number {
  return windows[position >>> WINDOW_BITS]!.getUint8(position & WINDOW_MASK);
}

export function u16(position: number): number {
  return windows[position >>> WINDOW_BITS]!.getUint16(position & WINDOW_MASK, true);
}

export function u32(position: number): number {
  return windows[position >>> WINDOW_BITS]!.getInt32(position & WINDOW_MASK, true);
}

/**
 * The value of the first record whose key is `prefix[from..to]` and then `keys[at..end]`; 0 when
 * there
 * is none. `hash` is the CDB hash of that whole key. https://cr.yp.to/cdb/cdb.txt
 */
export function find(
  hash: number,
  prefix: DataView,
  from: number,
  to: number,
  keys: DataView,
  at: number,
  end: number,
): number {
  const table = u32((hash & 0xff) * 8);
  const slots = u32((hash & 0xff) * 8 + 4);
  if (slots === 0) return 0;
  const keyBytes = to - from + end - at;
  let slot = (hash >>> 8) % slots;
  for (let probe = 0; probe < slots; probe++) {
    const entry = (table + slot * CDB_SLOT_BYTES) | 0;
    const record = u32((entry + 4) | 0);
    if (record === 0) return 0;
    if (u32(entry) === hash && u32(record) === keyBytes) {
      const key = (record + 8) | 0;
      const rest = (key + to - from) | 0;
      if (isAt(key, prefix, from, to) && isAt(rest, keys, at, end)) return (key + keyBytes) | 0;
    }
    slot = slot + 1 === slots ? 0 : slot + 1;
  }
  return 0;
}

/** Do these bytes stand at that position? */
export function isAt(position: number, bytes: DataView, at: number, end: number): boolean {
  const stored = windows[position >>> WINDOW_BITS]!;
  const shift = (position & WINDOW_MASK) - at;
  let index = at;
  for (; index + 4 <= end; index += 4) {
    if (stored.getInt32(shift + index, true) !== bytes.getInt32(index, true)) return false;
  }
  for (; index < end; index++) {
    if (stored.getUint8(shift + index) !== bytes.getUint8(index)) return false;
  }
  return true;
}
