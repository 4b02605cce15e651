// windows.ts: an archive in a file, seen through a few windows: its length takes no memory.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { viewOf } from '../src/format/source.ts';
import type { Bytes, Words } from '../src/format/source.ts';

interface Window {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Of a place that is read for itself, and of one that others were read up to. */
const WINDOW_BYTES_MIN = 4 * 1024;
const WINDOW_BYTES_MAX = 128 * 1024;
/** read(2) takes no more than 2^31 - 1 bytes at once. */
const READ_BYTES_MAX = 256 * 1024 * 1024;
/** The loader walks along several places at once: routes, the header blocks they have. */
const WINDOWS_MAX = 16;

export class FileWindows implements Bytes, Words {
  readonly length: number;
  readonly #descriptor: number;
  /** The last used first. */
  readonly #windows: Window[] = [];

  /** Throws what the system says. The file must not change from here on. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.length = fstatSync(this.#descriptor).size;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  subarray(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.length);
    const isLong = end - from > WINDOW_BYTES_MIN;
    const window = this.#find(from, end) ?? (isLong ? undefined : this.#open(from));
    if (!window) return this.#read(from, end);
    return window.bytes.subarray(from - window.from, end - window.from);
  }

  /** Throws a RangeError past the end. */
  getUint32(at: number, littleEndian: true): number {
    const window = this.#find(at, at + 4) ?? this.#open(at);
    return window.view.getUint32(at - window.from, littleEndian);
  }

  #find(from: number, to: number): Window | undefined {
    const at = this.#windows.findIndex((each) => each.from <= from && to <= each.to);
    const window = this.#windows[at];
    if (window && at > 0) {
      this.#windows.splice(at, 1);
      this.#windows.unshift(window);
    }
    return window;
  }

  /** Who reads on where a window ends gets one of twice its length, as whoever goes through all. */
  #open(from: number): Window {
    const before = this.#windows.find((each) => each.from <= from && from <= each.to);
    const twice = before ? 2 * (before.to - before.from) : 0;
    const length = Math.min(Math.max(twice, WINDOW_BYTES_MIN), WINDOW_BYTES_MAX);
    const to = Math.min(from + length, this.length);
    const bytes = this.#read(from, to);
    const window = { from, to, bytes, view: viewOf(bytes) };
    if (this.#windows.length === WINDOWS_MAX) this.#windows.pop();
    this.#windows.unshift(window);
    return window;
  }

  #read(from: number, to: number): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(Math.max(to - from, 0));
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(bytes.length - at, READ_BYTES_MAX);
      const taken = readSync(this.#descriptor, bytes, at, length, from + at);
      if (taken === 0) throw new RangeError('the file has become shorter');
      at += taken;
    }
    return bytes;
  }
}
