// keystream.ts: noise of any length that need not be held: every part of it can be made by itself.
import { createCipheriv } from 'node:crypto';
import { closeSync, openSync, utimesSync, writeSync } from 'node:fs';
import { MODIFIED } from './site.ts';

const BLOCK_BYTES = 16;
const CHUNK_BYTES = 1024 * 1024;

/** AES-128 in counter mode over zeros: the seed is the key, the place the counter. */
export class Keystream {
  readonly length: number;
  readonly #key: Buffer;

  constructor(length: number, seed: number) {
    this.length = length;
    this.#key = Buffer.alloc(BLOCK_BYTES, seed);
  }

  subarray(from: number, to: number): Buffer {
    const end = Math.min(to, this.length);
    const skipped = from % BLOCK_BYTES;
    const cipher = this.#cipherAt(from - skipped);
    return cipher.update(Buffer.alloc(Math.max(end - from, 0) + skipped)).subarray(skipped);
  }

  write(path: string): void {
    const file = openSync(path, 'wx');
    try {
      for (let at = 0; at < this.length; at += CHUNK_BYTES) {
        const chunk = this.subarray(at, at + CHUNK_BYTES);
        for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done);
      }
    } finally {
      closeSync(file);
    }
    utimesSync(path, MODIFIED, MODIFIED);
  }

  /** Compares what comes in order from `from` on; gives the place of the first other byte. */
  comparison(from: number): (chunk: Uint8Array) => number | undefined {
    const skipped = from % BLOCK_BYTES;
    const cipher = this.#cipherAt(from - skipped);
    cipher.update(Buffer.alloc(skipped));
    let at = from;
    return (chunk) => {
      const expected = cipher.update(Buffer.alloc(chunk.length));
      const start = at;
      at += chunk.length;
      if (at <= this.length && expected.equals(chunk)) return undefined;
      return start + expected.findIndex((byte, index) => byte !== chunk[index]);
    };
  }

  #cipherAt(position: number) {
    const counter = Buffer.alloc(BLOCK_BYTES);
    counter.writeBigUInt64BE(BigInt(position / BLOCK_BYTES), BLOCK_BYTES - 8);
    return createCipheriv('aes-128-ctr', this.#key, counter);
  }
}
