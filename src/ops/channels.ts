// channels.ts: what joins the supervisor and one worker: orders, the report, standard error, the
// status page, the journal.
import { Socket } from 'node:net';
import type { WallAddon } from '../native.ts';
import type { Journals } from './journals.ts';
import { relayLines } from './lines.ts';
import { readBeats, readStatus } from './status.ts';

/** READY and a WorkerReport. */
const REPORT_BYTES_MAX = 65_536;

export class Channels {
  readonly #wall: WallAddon;
  readonly #control: Socket;
  readonly #boot: Socket;
  readonly #errors: Socket;
  #closed = false;
  /** The worker's ends: standard error, control socket, boot socket. */
  readonly theirs: readonly [number, number, number];
  /** The page of its last words; kept until close(). */
  readonly status: number;
  readonly #journals: Journals | undefined;
  readonly #journal: number | undefined;
  /** Resolves with the first bytes of the boot socket. */
  readonly ready: Promise<void>;
  /** Resolves with all that came over it. */
  readonly report: Promise<string>;
  /** Resolves when the worker has said its last. */
  readonly silent: Promise<void>;

  /** No journals: nobody is answered there. */
  constructor(wall: WallAddon, relay: (line: string) => void, journals?: Journals) {
    this.#wall = wall;
    const made = makeAll(wall, journals);
    this.status = made.status;
    this.#journals = journals;
    this.#journal = made.journal;
    this.theirs = made.theirs;
    this.#control = open(made.control, false);
    this.#boot = open(made.boot, true);
    this.#errors = open(made.errors, true);
    this.ready = new Promise((resolve) => this.#boot.once('data', () => resolve()));
    this.report = readToEnd(this.#boot);
    this.silent = new Promise((resolve) => this.#errors.once('close', () => resolve()));
    relayLines(this.#errors, relay);
  }

  /** All that a worker is given beside its listeners, in the order of numbersOf(). */
  given(archive: number): number[] {
    return [...this.theirs, archive, this.status, this.#journal ?? archive];
  }

  order(byte: number): void {
    this.#control.write(Uint8Array.of(byte));
  }

  /** The worker has its ends, or there is no worker: they are not ours to keep open. */
  handOver(): void {
    for (const descriptor of this.theirs) this.#wall.closeDescriptor(descriptor);
  }

  /** In how many seconds the worker has taken a turn. */
  beats(): number {
    return readBeats(this.status);
  }

  /** What a worker that is gone left in its page. */
  lastWords(): string | undefined {
    return readStatus(this.status, (number) => this.#wall.callName(number));
  }

  /** Standard error ends by itself, after its last line. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wall.closeDescriptor(this.status);
    if (this.#journal !== undefined) this.#journals?.retire(this.#journal);
    this.#control.destroy();
    this.#boot.destroy();
  }
}

interface Made {
  readonly control: number;
  readonly boot: number;
  readonly errors: number;
  readonly theirs: Channels['theirs'];
  readonly status: number;
  readonly journal: number | undefined;
}

/** All or, when one cannot be had, none. */
function makeAll(wall: WallAddon, journals: Journals | undefined): Made {
  const descriptors: number[] = [];
  const keep = <Few extends readonly number[]>(made: Few): Few => {
    descriptors.push(...made);
    return made;
  };
  try {
    const [control, controlTheirs] = keep(wall.socketPair());
    const [boot, bootTheirs] = keep(wall.socketPair());
    const [errors, errorsTheirs] = keep(wall.pipe());
    // Orders go one way; descriptors must not come the other way either.
    wall.muteSocket(controlTheirs);
    const [status] = keep([wall.createStatus()] as const);
    const journal = journals?.create();
    const theirs = [errorsTheirs, controlTheirs, bootTheirs] as const;
    return { control, boot, errors, theirs, status, journal };
  } catch (error) {
    for (const descriptor of descriptors) wall.closeDescriptor(descriptor);
    throw error;
  }
}

function open(fd: number, readable: boolean): Socket {
  const socket = new Socket({ fd, readable, writable: !readable });
  return socket.on('error', () => undefined); // the worker's end tells of its death
}

/** A worker that says more than any of ours is cut short. */
function readToEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text = (text + bytes.toString('latin1')).slice(0, REPORT_BYTES_MAX);
  });
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}
