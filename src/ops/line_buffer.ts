// line_buffer.ts: lines as bytes, in memory that is taken once.

/** What stands for a byte: the prefix, then two hexadecimal digits. */
export interface Escape {
  readonly prefix: Uint8Array;
}

export const BACKSLASH_X: Escape = { prefix: Buffer.from('\\x') };
export const BACKSLASH_U: Escape = { prefix: Buffer.from('\\u00') };
/** Of one byte, escaped. */
export const ESCAPED_BYTES_MAX = 6;

const HEX = Buffer.from('0123456789ABCDEF');
const ZERO = 0x30;
const INT_MAX = 2 ** 31 - 1;

/** No control byte, no quote and no backslash, and nothing beyond ASCII. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c),
);

/** Whoever adds has looked at `room` before. */
export class LineBuffer {
  readonly bytes: Buffer;
  length = 0;

  constructor(bytes: number) {
    this.bytes = Buffer.alloc(bytes);
  }

  get room(): number {
    return this.bytes.length - this.length;
  }

  addByte(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  addBytes(bytes: Uint8Array): void {
    const { bytes: into } = this;
    let to = this.length;
    for (let at = 0; at < bytes.length; at++) into[to++] = bytes[at]!;
    this.length = to;
  }

  /** A whole number from 0 to 2^53 - 1. */
  addNumber(number: number): void {
    let digits = 1;
    for (let power = 10; power <= number; power *= 10) digits++;
    this.addDigits(number, digits);
  }

  /** The last digits of a whole number. */
  addDigits(number: number, digits: number): void {
    const end = this.length + digits;
    let at = end - 1;
    let rest = number;
    for (; rest > INT_MAX && at >= this.length; at--) {
      const digit = rest % 10;
      this.bytes[at] = ZERO + digit;
      rest = (rest - digit) / 10;
    }
    // Small integers are divided several times faster.
    for (let small = rest | 0; at >= this.length; at--) {
      this.bytes[at] = ZERO + (small % 10);
      small = (small / 10) | 0;
    }
    this.length = end;
  }

  addEscaped(source: Buffer, from: number, to: number, { prefix }: Escape): void {
    const { bytes } = this;
    let at = this.length;
    for (let next = from; next < to; next++) {
      const byte = source[next]!;
      if (IS_PLAIN[byte] === 1) {
        bytes[at++] = byte;
        continue;
      }
      for (let index = 0; index < prefix.length; index++) bytes[at++] = prefix[index]!;
      bytes[at++] = HEX[byte >> 4]!;
      bytes[at++] = HEX[byte & 15]!;
    }
    this.length = at;
  }
}
