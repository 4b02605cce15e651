// source.ts: the bytes of an archive, in memory or read from a file as they are asked for.

/** What a DataView gives. */
export interface Words {
  getUint32(at: number, littleEndian: true): number;
}

/** What a Uint8Array gives; what subarray() gave stays as it is. */
export interface Bytes {
  readonly length: number;
  subarray(from: number, to: number): Uint8Array;
}

export interface Glances {
  /** As subarray(), but good until the next use of the source alone: nothing need be copied. */
  glance(from: number, to: number): Uint8Array;
}

export type Source = Uint8Array | (Bytes & Glances & Words);

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function wordsOf(source: Source): Words {
  return source instanceof Uint8Array ? viewOf(source) : source;
}

/** For who is done with the bytes before the next use of the source. */
export function glance(source: Source, from: number, to: number): Uint8Array {
  return source instanceof Uint8Array ? source.subarray(from, to) : source.glance(from, to);
}
