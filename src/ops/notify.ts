// notify.ts: tells a service manager how the service is: sd_notify(3), without a library.
//
// The socket is connected while this process may still do so; nobody below it learns its address.
import { writeSync } from 'node:fs';
import type { Log } from '../log.ts';
import type { WallAddon } from '../native.ts';

const ADDRESS = 'NOTIFY_SOCKET';
const PERIOD = 'WATCHDOG_USEC';
const WATCHED = 'WATCHDOG_PID';

export interface Manager {
  /** NOTIFY_SOCKET; undefined: nobody is to be told. */
  readonly address: string | undefined;
  /** WATCHDOG_USEC in milliseconds; undefined: nobody watches. */
  readonly watchdogMs: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As sd_notify(3) and sd_watchdog_enabled(3) have it. */
export function readManager(environment: Environment, pid: number): Manager {
  const { [ADDRESS]: address, [PERIOD]: period, [WATCHED]: watched } = environment;
  const isOurs = watched === undefined || watched === String(pid);
  const isPeriod = period !== undefined && /^[1-9][0-9]{0,14}$/.test(period);
  return {
    address: address === '' ? undefined : address,
    watchdogMs: isOurs && isPeriod ? Number(period) / 1_000 : undefined,
  };
}

export class Notifier {
  readonly #log: Log;
  readonly #socket: number | undefined;
  #failed = false;
  /** As last said when it was ready; '': not yet, or no more. */
  #status = '';

  /** A manager that cannot be reached is a warning. */
  constructor(wall: WallAddon, { address }: Manager, log: Log) {
    this.#log = log;
    for (const name of [ADDRESS, PERIOD, WATCHED]) delete process.env[name];
    this.#socket = address === undefined ? undefined : this.#connect(wall, address);
  }

  /** It serves; `status` is for a person. */
  ready(status: string): void {
    this.#status = status;
    this.#send('READY=1', `STATUS=${status}`);
  }

  /** A reload begins, or is over, well or not: told between the start and the end of service. */
  reloading(isUnderWay: boolean): void {
    if (this.#status === '') return;
    if (!isUnderWay) return this.ready(this.#status);
    // CLOCK_MONOTONIC, in nanoseconds: what libuv takes for it on Linux.
    const now = process.hrtime.bigint() / 1_000n;
    this.#send('RELOADING=1', `MONOTONIC_USEC=${now}`, 'STATUS=reloading');
  }

  /** It has been told to end. */
  stopping(status: string): void {
    this.#status = '';
    this.#send('STOPPING=1', `STATUS=${status}`);
  }

  /** All is well. */
  alive(): void {
    this.#send('WATCHDOG=1');
  }

  #connect(wall: WallAddon, address: string): number | undefined {
    try {
      return wall.datagramSocket(address);
    } catch (error) {
      this.#warn(error);
      return undefined;
    }
  }

  #send(...lines: readonly string[]): void {
    if (this.#socket === undefined) return;
    try {
      writeSync(this.#socket, lines.map((line) => line.replaceAll(/[\0-\x1f]/g, '?')).join('\n'));
    } catch (error) {
      this.#warn(error);
    }
  }

  /** Once: it would say the same each time. */
  #warn(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const { code, message } = error as NodeJS.ErrnoException;
    this.#log.event(
      'manager-lost',
      `cannot tell the service manager (${ADDRESS}): ${code ?? message}. The service goes on. ` +
        'Where none is to be told, start it without that variable.',
    );
  }
}
