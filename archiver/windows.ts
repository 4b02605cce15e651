// windows.ts: an archive in a file, seen through a few windows: its length takes no memory.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { viewOf } from '../src/format/source.ts';
import type { Bytes, Glances, Source, Words } from '../src/format/source.ts';
import type { CdbAddon } from '../src/native.ts';

/** What is read of the file; its memory is used again for another place. */
interface Window {
  from: number;
  to: number;
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** What is mapped counts as memory of the process. */
const MAPPED_BYTES_MAX = 256 * 1024 * 1024;
/** Of a place that is read for itself, and of one that others were read up to. */
const WINDOW_BYTES_MIN = 4 * 1024;
const WINDOW_BYTES_MAX = 128 * 1024;
/** read(2) takes no more than 2^31 - 1 bytes at once. */
const READ_BYTES_MAX = 256 * 1024 * 1024;
/** The loader walks along several places at once: routes, the header blocks they have. */
const WINDOWS_MAX = 16;

export class FileWindows implements Bytes, Glances, Words {
  readonly length: number;
  readonly #descriptor: number;
  readonly #opened: Stats;
  /** The last used first. */
  readonly #windows: Window[] = [];
  /** Of glances that are too long for a window. */
  #long: Buffer = Buffer.alloc(0);

  /** Throws what the system says. The file must not change from here on. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.#opened = fstatSync(this.#descriptor);
    this.length = this.#opened.size;
  }

  /** Whether somebody has written to the file since it was opened. */
  get changed(): boolean {
    const { size, mtimeMs } = fstatSync(this.#descriptor);
    return size !== this.#opened.size || mtimeMs !== this.#opened.mtimeMs;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  subarray(from: number, to: number): Uint8Array {
    const end = this.#end(from, to);
    const window = this.#windowOf(from, end);
    if (window) return Buffer.from(window.bytes.subarray(from - window.from, end - window.from));
    const bytes = Buffer.allocUnsafeSlow(end - from);
    this.#read(bytes, from);
    return bytes;
  }

  glance(from: number, to: number): Uint8Array {
    const end = this.#end(from, to);
    const window = this.#windowOf(from, end);
    if (window) return window.bytes.subarray(from - window.from, end - window.from);
    const length = end - from;
    if (this.#long.length < length) this.#long = Buffer.allocUnsafeSlow(length);
    const bytes = this.#long.subarray(0, length);
    this.#read(bytes, from);
    return bytes;
  }

  /** Throws a RangeError past the end. */
  getUint32(at: number, littleEndian: true): number {
    if (at + 4 > this.length) throw new RangeError('past the end of the file');
    const window = this.#find(at, at + 4) ?? this.#open(at);
    return window.view.getUint32(at - window.from, littleEndian);
  }

  /** As subarray() of an array: past the end is nothing. */
  #end(from: number, to: number): number {
    return Math.max(from, Math.min(to, this.length));
  }

  /** Undefined: it is too long for a window. */
  #windowOf(from: number, end: number): Window | undefined {
    return this.#find(from, end) ?? (end - from > WINDOW_BYTES_MIN ? undefined : this.#open(from));
  }

  #find(from: number, to: number): Window | undefined {
    const [last] = this.#windows;
    if (last && last.from <= from && to <= last.to) return last;
    const at = this.#windows.findIndex((each) => each.from <= from && to <= each.to);
    if (at > 0) this.#windows.unshift(...this.#windows.splice(at, 1));
    return at < 0 ? undefined : this.#windows[0];
  }

  /** Who reads on where a window ends gets one of twice its length, as whoever goes through all. */
  #open(from: number): Window {
    const before = this.#windows.find((each) => each.from <= from && from <= each.to);
    const twice = before ? 2 * (before.to - before.from) : 0;
    const length = Math.min(Math.max(twice, WINDOW_BYTES_MIN), WINDOW_BYTES_MAX);
    const window = this.#windows.length < WINDOWS_MAX ? makeWindow() : this.#windows.pop()!;
    window.from = from;
    window.to = this.#end(from, from + length);
    this.#read(window.bytes.subarray(0, window.to - from), from);
    this.#windows.unshift(window);
    return window;
  }

  #read(bytes: Uint8Array, from: number): void {
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(bytes.length - at, READ_BYTES_MAX);
      const taken = readSync(this.#descriptor, bytes, at, length, from + at);
      if (taken === 0) throw new RangeError('the file has become shorter');
      at += taken;
    }
  }
}

/**
 * For a file of our own that nobody writes to meanwhile: one that is not too large is mapped, which
 * spares copies. Throws what the system says.
 */
export function readSource<Result>(
  path: string,
  addon: Pick<CdbAddon, 'mapFile'>,
  read: (source: Source) => Result,
): Result {
  if (statSync(path).size > MAPPED_BYTES_MAX) return readWindows(path, read);
  const mapped = mapWhole(path, addon);
  return mapped ? read(mapped) : readWindows(path, read);
}

/** Undefined: some file systems map nothing. */
function mapWhole(path: string, addon: Pick<CdbAddon, 'mapFile'>): Uint8Array | undefined {
  const descriptor = openSync(path, 'r');
  try {
    return new Uint8Array(addon.mapFile(descriptor));
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

function readWindows<Result>(path: string, read: (source: Source) => Result): Result {
  const file = new FileWindows(path);
  try {
    return read(file);
  } finally {
    file.close();
  }
}

function makeWindow(): Window {
  const bytes = Buffer.allocUnsafeSlow(WINDOW_BYTES_MAX);
  return { from: 0, to: 0, bytes, view: viewOf(bytes) };
}
