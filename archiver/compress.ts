// compress.ts: makes one coding of one body. Works at once and for as long as it takes: threads
// call it, thread.ts.
import { performance } from 'node:perf_hooks';
import { brotliCompressSync, constants } from 'node:zlib';
import { CODING_BR, CODING_GZIP, CODING_ZSTD } from '../src/format/layout.ts';
import type { CdbAddon, Compressor } from '../src/native.ts';
import { pays } from './effort.ts';
import type { Recipe } from './effort.ts';
import type { Done, Job } from './pool.ts';
import { ownBuffer } from './slab.ts';
import type { Take } from './slab.ts';
import { sha256 } from './store.ts';

/** Kept between bodies; what a longer body needs is given back after it. */
const ROOM_KEPT_BYTES = 4 * 1024 * 1024;
const BR_CHUNK_BYTES_MIN = 1024;
const BR_CHUNK_BYTES_MAX = 64 * 1024;
/** Window of 2^16 - 16 bytes, RFC 7932 section 9.1: a larger one costs time, used or not. */
const BR_SMALL_LGWIN = 16;
const BR_SMALL_BYTES = 2 ** BR_SMALL_LGWIN - 16;

export class BodyCompressor {
  readonly #native: Compressor;
  #room: Uint8Array = new Uint8Array(0);

  constructor(addon: CdbAddon) {
    this.#native = new addon.Compressor();
  }

  run({ bytes, recipes }: Job, take: Take = ownBuffer): Done {
    const started = performance.now();
    const results = recipes.map((recipe) => {
      const coded = this.compress(recipe, bytes, take);
      return coded && { bytes: coded, digest: sha256(coded) };
    });
    return { bytes, results, seconds: (performance.now() - started) / 1000 };
  }

  /** Undefined: it does not pay. */
  compress(
    { coding, level }: Recipe,
    body: Uint8Array,
    take: Take = ownBuffer,
  ): Uint8Array | undefined {
    const coded = this.#code(coding, level, body);
    if (coded.length === 0 || !pays(body.length, coded.length)) return undefined;
    const kept = take(coded.length);
    kept.set(coded);
    return kept;
  }

  /** Empty: longer than the body. The bytes are good until the next call. */
  #code(coding: number, level: number, body: Uint8Array): Uint8Array {
    if (coding === CODING_BR) return brotli(level, body);
    const room = this.#roomOf(body.length);
    if (coding === CODING_GZIP) return room.subarray(0, this.#native.gzip(level, body, room));
    if (coding === CODING_ZSTD) return room.subarray(0, this.#native.zstd(level, body, room));
    throw new Error(`there is no coding ${coding}`);
  }

  #roomOf(bytes: number): Uint8Array {
    const kept = this.#room.length;
    if (kept < bytes || kept > Math.max(bytes, ROOM_KEPT_BYTES)) {
      this.#room = Buffer.allocUnsafeSlow(Math.max(bytes, ROOM_KEPT_BYTES));
    }
    return this.#room.subarray(0, bytes);
  }
}

function brotli(level: number, body: Uint8Array): Uint8Array {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: level,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    [constants.BROTLI_PARAM_LGWIN]:
      body.length <= BR_SMALL_BYTES ? BR_SMALL_LGWIN : constants.BROTLI_DEFAULT_WINDOW,
  };
  const chunkSize = Math.min(Math.max(body.length, BR_CHUNK_BYTES_MIN), BR_CHUNK_BYTES_MAX);
  const options = { params, chunkSize, maxOutputLength: body.length };
  try {
    return brotliCompressSync(body, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return new Uint8Array(0);
    throw error;
  }
}
