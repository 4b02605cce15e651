// admin.ts: answers an operator's two questions on a listener of its own: is the service well, and
// how is it.
//
// Of what a peer sends, a few bytes are read; the first line is compared with those that are known
// here, and nothing else is looked at.
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import {
  ACCEPT_PAUSE_MS,
  ADMIN_BYTES_MAX,
  ADMIN_CONNECTIONS_MAX,
  ADMIN_TIMEOUT_MS,
  LINGER_SILENCE_MS,
} from '../limits.ts';
import type { WallAddon, Watch } from '../native.ts';
import { CONTENT_TYPE } from './metrics.ts';

export interface Questions {
  /** It serves, and is not about to end. */
  isHealthy(): boolean;
  /** The page of metrics. */
  metrics(): string;
}

interface Reply {
  readonly status: string;
  readonly type: string;
  readonly body: string;
}

const TEXT = 'text/plain; charset=utf-8';
const NOT_FOUND: Reply = { status: '404 Not Found', type: TEXT, body: 'not found\n' };
const BAD: Reply = { status: '400 Bad Request', type: TEXT, body: 'bad request\n' };

const HEALTHY: Reply = { status: '200 OK', type: TEXT, body: 'ok\n' };
const UNHEALTHY: Reply = { status: '503 Service Unavailable', type: TEXT, body: 'not serving\n' };

const PATHS: Readonly<Record<string, (questions: Questions) => Reply>> = {
  '/healthz': (questions) => (questions.isHealthy() ? HEALTHY : UNHEALTHY),
  '/metrics': (questions) => ({ status: '200 OK', type: CONTENT_TYPE, body: questions.metrics() }),
};

/** Request lines to what they ask for. */
const KNOWN = new Map<string, (questions: Questions) => Reply>(
  Object.entries(PATHS).flatMap(([path, reply]) =>
    ['GET', 'HEAD'].flatMap((method) =>
      ['1.0', '1.1'].map((version) => [`${method} ${path} HTTP/${version}\r`, reply] as const),
    ),
  ),
);
const OTHER = /^(?:GET|HEAD) \/[\x21-\x7e]* HTTP\/1\.[01]\r$/;

/** `line`: all before its line feed. */
function answer(line: string, questions: Questions): string {
  const known = KNOWN.get(line)?.(questions);
  const { status, type, body } = known ?? (OTHER.test(line) ? NOT_FOUND : BAD);
  const head = [
    `HTTP/1.1 ${status}`,
    `Date: ${new Date().toUTCString()}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '\r\n',
  ];
  return head.join('\r\n') + (line.startsWith('HEAD ') ? '' : body);
}

export class Admin {
  readonly #wall: WallAddon;
  readonly #listener: number;
  readonly #questions: Questions;
  readonly #watch: Watch;
  readonly #open = new Set<Socket>();

  /** From now on it answers; the listener is its own. */
  constructor(wall: WallAddon, listener: number, questions: Questions) {
    this.#wall = wall;
    this.#listener = listener;
    this.#questions = questions;
    this.#watch = new wall.Watch(listener, () => this.#accept());
    this.#watch.start();
  }

  close(): void {
    this.#watch.close();
    this.#wall.closeDescriptor(this.#listener);
    for (const socket of this.#open) socket.destroy();
  }

  /** Whoever is one too many waits in the kernel's queue. */
  #accept(): void {
    const connection = this.#wall.acceptOne(this.#listener);
    if (connection < 0) return this.#rest();
    const socket = this.#converse(connection);
    this.#open.add(socket);
    if (this.#open.size === ADMIN_CONNECTIONS_MAX) this.#watch.stop();
    const end = setTimeout(() => socket.destroy(), ADMIN_TIMEOUT_MS);
    socket.once('close', () => {
      clearTimeout(end);
      this.#open.delete(socket);
      this.#watch.start();
    });
  }

  /** The machine has no descriptor left, or the newcomer is gone again: that is no loop. */
  #rest(): void {
    this.#watch.stop();
    setTimeout(() => this.#watch.start(), ACCEPT_PAUSE_MS).unref();
  }

  #converse(fd: number): Socket {
    const bytes = Buffer.alloc(ADMIN_BYTES_MAX);
    let count = 0;
    let isAnswered = false;
    const callback = (read: number): boolean => {
      count += read;
      const end = bytes.indexOf('\n');
      const isFull = count === bytes.length;
      if (!isAnswered && (isFull || end >= 0)) {
        isAnswered = true;
        socket.end(answer(bytes.toString('latin1', 0, Math.max(end, 0)), this.#questions));
      }
      return !isFull;
    };
    const onread = { buffer: () => bytes.subarray(count), callback };
    const options: SocketConstructorOpts & Pick<ConnectOpts, 'onread'> = {
      fd,
      readable: true,
      writable: true,
      allowHalfOpen: true,
      onread,
    };
    const socket = new Socket(options);
    socket.on('error', () => undefined); // the peer's trouble
    socket.once('end', () => isAnswered || socket.destroy());
    // To close at once would take the answer from whoever has more to say.
    const leave = (): NodeJS.Timeout =>
      setTimeout(() => socket.destroy(), LINGER_SILENCE_MS).unref();
    socket.once('finish', leave);
    return socket.resume();
  }
}
