// exchange.ts: requests and answers on a raw socket, byte for byte what a loader sends.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const SILENCE_TIMEOUT_MS = 30_000;
const HEAD_END = Buffer.from('\r\n\r\n');

export interface Answer {
  readonly status: number;
  /** Status line and fields without the empty line. */
  readonly head: string;
  readonly body: Buffer;
}

/** Cuts a stream of answers into answers. Content-Length is all the framing it knows. */
export class AnswerReader {
  #input: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
  }

  get pending(): number {
    return this.#input.length;
  }

  /** The next answer, or undefined when more bytes are needed. `bodiless`: it answers a HEAD. */
  next(bodiless: boolean): Answer | undefined {
    const headBytes = this.#input.indexOf(HEAD_END);
    if (headBytes < 0) return undefined;
    const head = this.#input.toString('latin1', 0, headBytes);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    if (Number.isNaN(status)) throw new Error(`exchange: not an answer: ${head.slice(0, 80)}`);
    const bodyBytes = bodiless || status === 304 || status === 204 ? 0 : contentLength(head);
    const start = headBytes + HEAD_END.length;
    if (this.#input.length < start + bodyBytes) return undefined;
    const body = this.#input.subarray(start, start + bodyBytes);
    this.#input = this.#input.subarray(start + bodyBytes);
    return { status, head, body };
  }
}

/** The value of a field in a head, or undefined. */
export function field(head: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(head)?.[1];
}

/** Sends all of `bytes` on a new connection and resolves with as many answers as wanted. */
export async function exchange(port: number, bytes: string, wanted: number): Promise<Answer[]> {
  const socket = await open(port);
  const reader = new AnswerReader();
  const answers: Answer[] = [];
  try {
    socket.write(bytes, 'latin1');
    while (answers.length < wanted) {
      const answer = reader.next(bytes.startsWith('HEAD '));
      if (answer) answers.push(answer);
      else reader.push(await receive(socket));
    }
    return answers;
  } finally {
    socket.destroy();
  }
}

/** A connection to 127.0.0.1 that gives up after half a minute of silence. Rejects when refused. */
export async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  // Node would end the process for a reset that comes while nobody waits for this socket.
  socket.on('error', () => undefined);
  socket.setTimeout(SILENCE_TIMEOUT_MS, () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** The next bytes; rejects when the connection is over. */
export async function receive(socket: Socket): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) return chunk;
    if (socket.destroyed || socket.readableEnded) {
      throw new Error('exchange: the connection was closed before the answer was whole');
    }
    await change(socket);
  }
}

/** Resolves when there may be something to read. Not events.once: too costly a million times. */
function change(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('readable', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('readable', done);
    socket.on('close', done);
  });
}

function contentLength(head: string): number {
  const value = field(head, 'content-length');
  if (value === undefined) throw new Error(`exchange: an answer without Content-Length:\n${head}`);
  return Number(value);
}
