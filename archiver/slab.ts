// slab.ts: buffers that go to another thread: short pieces share one, as each costs its own move.

/** A longer one has a buffer to itself. */
const SHARED_BYTES_MAX = 16 * 1024;
const SLAB_BYTES = 64 * 1024;

/** Gives room of so many bytes, in a buffer that may be moved as a whole. */
export type Take = (bytes: number) => Uint8Array;

export const ownBuffer: Take = (bytes) => Buffer.allocUnsafeSlow(bytes);

/** What one of these gives shares buffers with nothing else. */
export function sharedBuffers(): Take {
  let slab: Uint8Array = new Uint8Array(0);
  let used = 0;
  return (bytes) => {
    if (bytes > SHARED_BYTES_MAX) return ownBuffer(bytes);
    if (used + bytes > slab.length) {
      slab = ownBuffer(SLAB_BYTES);
      used = 0;
    }
    used += bytes;
    return slab.subarray(used - bytes, used);
  };
}

/** Each once, for the second argument of postMessage(). */
export function buffersOf(parts: Iterable<Uint8Array>): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { buffer } of parts) buffers.add(buffer as ArrayBuffer);
  return [...buffers];
}
