// windows.ts: lays the hot zone's windows over the mapped archive, once.
import { WINDOW_BITS, WINDOW_OVERLAP, WINDOWS_MAX, windows } from '../hot/archive.ts';

/** The loader has verified the archive: the hot zone trusts every number in it. */
export function openWindows(archive: ArrayBuffer): void {
  const bytes = archive.byteLength;
  for (let index = 0; index < WINDOWS_MAX; index++) {
    const from = Math.min(index * 2 ** WINDOW_BITS, bytes);
    const to = Math.min(from + 2 ** WINDOW_BITS + WINDOW_OVERLAP, bytes);
    windows[index] = new DataView(archive, from, to - from);
  }
}
