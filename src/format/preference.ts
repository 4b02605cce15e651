// preference.ts: the order of the variants of a route.

/** Among bodies of one length: br, zstd, gzip, identity; indexed by CODING_*. */
const TIE_ORDER = [3, 2, 0, 1] as const;

/** Whether one coding stands before another: the smaller body first. */
export function isPreferred(
  coding: number,
  bodyBytes: number,
  otherCoding: number,
  otherBytes: number,
): boolean {
  if (bodyBytes !== otherBytes) return bodyBytes < otherBytes;
  return TIE_ORDER[coding]! < TIE_ORDER[otherCoding]!;
}
