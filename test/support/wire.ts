// wire.ts: a raw TCP client: sends any bytes in any pieces and reads replies strictly, every wait
// with a limit.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { BadReply, parseHead } from './reply.ts';
import type { Reply } from './reply.ts';

/** How the other side ended: FIN, or reset. */
export type Ending = 'fin' | 'reset';

export interface Connect {
  readonly host?: string;
  /** Source address, such as 127.0.0.2. */
  readonly from?: string;
}

export interface Read {
  /** The request was HEAD: no body follows. */
  readonly head?: boolean;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 8_000;

export class Wire {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #received = 0;
  #ending: Ending | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#received += chunk.length;
      this.#wake?.();
    });
    socket.on('end', () => this.#end('fin'));
    socket.on('error', () => this.#end('reset'));
    socket.on('close', () => this.#end('reset'));
  }

  static open(port: number, { host = '127.0.0.1', from }: Connect = {}): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const source = from === undefined ? {} : { localAddress: from };
      const socket = connect({ port, host, allowHalfOpen: true, ...source });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Wire(socket));
      });
    });
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Bytes that came and are not read yet. */
  get waiting(): number {
    return this.#received;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Never fails: what becomes of the bytes shows in the replies and in the ending. */
  send(bytes: string | Uint8Array): void {
    if (this.#socket.writable) {
      this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    }
  }

  /**
   * One write a piece, so far apart that the server sees each alone; 0: as fast as single writes
   * go.
   */
  async sendPieces(pieces: readonly Uint8Array[], gapMs = 1): Promise<void> {
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await (gapMs > 0 ? sleep(gapMs) : nextTurn());
      this.send(piece);
    }
  }

  /** No more bytes from here: sends FIN and goes on reading. */
  halfClose(): void {
    this.#socket.end();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** The next reply. Throws BadReply, also when the connection ends first or the time is over. */
  async reply({ head = false, timeoutMs = TIMEOUT_MS }: Read = {}): Promise<Reply> {
    const last = performance.now() + timeoutMs;
    for (;;) {
      const parsed = this.#received === 0 ? undefined : parseHead(this.#joined(), head);
      if (parsed) {
        const bytes = parsed.headBytes + parsed.bodyBytes;
        await this.#until(() => this.#received >= bytes, last, 'the rest of a reply');
        return { ...parsed.reply, body: this.#take(bytes).subarray(parsed.headBytes) };
      }
      const before = this.#received;
      await this.#until(() => this.#received > before, last, 'a reply');
    }
  }

  /** The next reply, or undefined when the connection ended with FIN instead. */
  async replyOrEnd(read: Read = {}): Promise<Reply | undefined> {
    const last = performance.now() + (read.timeoutMs ?? TIMEOUT_MS);
    await this.#until(() => this.#received > 0 || this.#ending === 'fin', last, 'a reply or FIN');
    return this.#received > 0 ? await this.reply(read) : undefined;
  }

  /**
   * Waits for the end of the connection. Throws when further bytes come first or the time is over.
   */
  async closed(timeoutMs = TIMEOUT_MS): Promise<Ending> {
    const last = performance.now() + timeoutMs;
    while (this.#received === 0 && !this.#ending) {
      await this.#until(() => this.#received > 0 || this.#ending !== undefined, last, 'the end');
    }
    if (this.#received > 0) throw new BadReply(`bytes after the last reply: ${this.#shown()}`);
    return this.#ending!;
  }

  /**
   * Lets go of the connection at once; a reset leaves no port waiting on this side. Node keeps the
   * descriptor of a socket that is to be reset while its FIN is under way: that one is just closed.
   */
  destroy(): void {
    if (this.#socket.writableEnded) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Lets go of the connection with FIN. */
  close(): void {
    this.#socket.destroy();
  }

  #end(ending: Ending): void {
    this.#ending ??= ending;
    this.#wake?.();
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  #take(count: number): Buffer {
    const all = this.#joined();
    this.#chunks = all.length > count ? [all.subarray(count)] : [];
    this.#received -= count;
    return all.subarray(0, count);
  }

  #shown(): string {
    return JSON.stringify(this.#joined().toString('latin1', 0, 600));
  }

  async #until(done: () => boolean, last: number, what: string): Promise<void> {
    while (!done()) {
      if (this.#ending) throw new BadReply(`${this.#ending} before ${what}: ${this.#shown()}`);
      const left = last - performance.now();
      if (left <= 0) throw new BadReply(`out of time before ${what}: ${this.#shown()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left + 1);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }
}

/** One request on a connection of its own; `head` is the request line's method being HEAD. */
export async function exchange(port: number, request: string): Promise<Reply> {
  const wire = await Wire.open(port);
  try {
    wire.send(request);
    return await wire.reply({ head: request.startsWith('HEAD ') });
  } finally {
    wire.destroy();
  }
}

/** A plain request for a path, further field lines without their CRLF. */
export function get(path: string, ...fields: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n');
}
