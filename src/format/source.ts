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

export type Source = Uint8Array | (Bytes & Words);

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function wordsOf(source: Source): Words {
  return source instanceof Uint8Array ? viewOf(source) : source;
}
