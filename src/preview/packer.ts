// packer.ts: the conductor's end of archiver/preview.ts: starts it, and hears what it has packed.
import { type ChildProcess, fork } from 'node:child_process';
import { EXIT, Failure } from '../errors.ts';
import { previewPacker } from '../paths.ts';
import type { GoOn, Message, Order } from './messages.ts';

const END_MS = 3_000;

export class Packer {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #ending = false;
  #waiting: Message[] = [];
  #wake: () => void = () => undefined;

  constructor(order: Order) {
    // Signals of the terminal are for the conductor alone.
    this.#process = fork(previewPacker, [], {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#process.on('message', (message: Message) => {
      this.#waiting.push(message);
      this.#wake();
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', () => {
        this.#ending = true;
        resolve();
        this.#wake();
      });
    });
    this.#process.send(order);
  }

  /** The next message, which is to be answered. Rejects with a Failure when there will be none. */
  async next(): Promise<Message> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message) return message;
      if (this.#ending) throw this.#loss();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  goOn(): void {
    const word: GoOn = 'go on';
    if (this.#process.connected) this.#process.send(word);
  }

  /** Resolves when it has taken away its archive and is gone. */
  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), END_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #loss(): Failure {
    const { exitCode, signalCode } = this.#process;
    const how = signalCode ?? `exit status ${exitCode}`;
    const code = exitCode === EXIT.bug ? EXIT.bug : EXIT.failure;
    return new Failure(code, `the packer of the preview has ended (${how}). Start again.`);
  }
}
