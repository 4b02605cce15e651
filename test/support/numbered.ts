// numbered.ts: clients whose every request has a number of its own, so that each answer and each
// line of a log can be told.
import { type Socket, connect } from 'node:net';

/** Requests that one client has under way. */
const BATCH = 16;
const HEAD_END = Buffer.from('\r\n\r\n');

/** What became of a request. */
export const UNASKED = 0;
export const ANSWERED = 1;
/** Its connection broke before the whole answer was there. */
export const BROKEN = 2;

export class Numbered {
  readonly #port: number;
  readonly #path: string;
  readonly #bodyBytes: number;
  readonly #from: string | undefined;
  /** By number: UNASKED, ANSWERED or BROKEN. */
  readonly fates: Uint8Array;
  #next = 0;
  answered = 0;
  broken = 0;

  /** The body at `path` has that many bytes, whenever it is asked for. */
  constructor(port: number, path: string, bodyBytes: number, count: number, from?: string) {
    this.#port = port;
    this.#path = path;
    this.#bodyBytes = bodyBytes;
    this.#from = from;
    this.fates = new Uint8Array(count);
  }

  /** Until every number was asked for, over so many connections at once. */
  async run(connections: number): Promise<void> {
    await Promise.all(Array.from({ length: connections }, () => this.#live()));
  }

  get isOver(): boolean {
    return this.#next >= this.fates.length;
  }

  async #live(): Promise<void> {
    while (!this.isOver) await this.#connect();
  }

  /** One connection, for as long as it lives. */
  #connect(): Promise<void> {
    return new Promise((resolve) => {
      const source = this.#from === undefined ? {} : { localAddress: this.#from };
      const socket = connect({ port: this.#port, host: '127.0.0.1', ...source });
      const waiting: number[] = [];
      let rest: Buffer = Buffer.alloc(0);
      let closes = false;
      socket.on('connect', () => this.#ask(socket, waiting));
      socket.on('data', (bytes: Buffer) => {
        rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
        const taken = this.#take(rest, waiting);
        rest = rest.subarray(taken.bytes);
        closes ||= taken.closes;
        if (waiting.length > 0 || closes) return;
        if (this.isOver) socket.end();
        else this.#ask(socket, waiting);
      });
      socket.on('error', () => undefined); // what was under way is counted at its close
      socket.on('close', () => {
        for (const number of waiting) this.fates[number] = closes ? UNASKED : BROKEN;
        if (!closes) this.broken += waiting.length;
        resolve();
      });
    });
  }

  #ask(socket: Socket, waiting: number[]): void {
    let text = '';
    while (waiting.length < BATCH && !this.isOver) {
      waiting.push(this.#next);
      text += `GET ${this.#path}?n=${this.#next++} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    }
    if (text === '') socket.end();
    else socket.write(text);
  }

  /** Whole answers; throws on one that is not a 200. */
  #take(bytes: Buffer, waiting: number[]): { readonly bytes: number; readonly closes: boolean } {
    let at = 0;
    let closes = false;
    for (;;) {
      const head = bytes.indexOf(HEAD_END, at);
      const end = head + HEAD_END.length + this.#bodyBytes;
      if (head < 0 || end > bytes.length) return { bytes: at, closes };
      const text = bytes.toString('latin1', at, head);
      if (!text.startsWith('HTTP/1.1 200 ')) throw new Error(`numbered: ${text}`);
      closes ||= text.includes('\r\nConnection: close');
      this.fates[waiting.shift()!] = ANSWERED;
      this.answered++;
      at = end;
    }
  }
}

/** How often each number stands in the log. */
export function countLines(log: string, count: number): Uint8Array {
  const seen = new Uint8Array(count);
  for (const [, number] of log.matchAll(/"GET \/[^ ?]+\?n=(\d+) HTTP\/1\.1" 200 /g)) {
    seen[Number(number)]!++;
  }
  return seen;
}
